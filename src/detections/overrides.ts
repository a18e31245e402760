import { z } from 'zod'
import { SEVERITIES } from '../alerts/alert.js'
import type { YamlFile } from '../config/yaml.js'
import type { Kind } from '../scoring/kind.js'
import { columnTypes, readCondition } from './conditions.js'
import type { Detection } from './detection.js'
import { parameterProblems } from './read.js'

/** What can be said of every detection besides the parameters of its kind. */
const GENERAL = {
  enabled: z.boolean().optional(),
  severity: z.enum(SEVERITIES).optional(),
}

type Said = Readonly<Record<string, unknown>>

/**
 * The detections as an overrides file changes them: `overrides:` names detections by id, and of each the parameters
 * of its kind that are to have another value, its `severity`, and `enabled: false` to leave it out. What the file
 * does not name stays; of a parameter with parts (`min_days`) the parts that it does not name stay too. Problems are
 * noted in the file, all that can be known at once.
 */
export function overridden(yaml: YamlFile, detections: readonly Detection[]): Detection[] {
  const said = saidOf(yaml.value)
  for (const id of said.keys()) {
    if (!detections.some((one) => one.id === id))
      yaml.report(['overrides', id], `there is no detection ${id}; see agentwarden detections list`)
  }
  const named = detections.filter(({ id }) => said.has(id))
  for (const detection of named) checkKeys(yaml, detection, said.get(detection.id)!)
  const checked = yaml.check(fileSchema(named, said))?.overrides as Record<string, Said> | undefined
  if (!checked) return [...detections]
  return detections.map((one) =>
    said.has(one.id) ? changed(yaml, one, said.get(one.id)!, checked[one.id]!) : one,
  )
}

/** What the file says of each detection, as far as it can be told from what else may be wrong. */
function saidOf(value: unknown): ReadonlyMap<string, Said> {
  const all = isGroup(value) && isGroup(value.overrides) ? value.overrides : {}
  return new Map(Object.entries(all).filter((entry): entry is [string, Said] => isGroup(entry[1])))
}

function isGroup(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkKeys(yaml: YamlFile, { id, kind }: Detection, said: Said): void {
  const known = [...Object.keys(GENERAL), ...Object.keys(kind.parameters)]
  for (const key of Object.keys(said)) {
    if (!known.includes(key))
      yaml.report(
        ['overrides', id, key],
        `unknown key ${key}; of ${kind.name} can be set ${known.join(', ')}`,
      )
  }
}

/** What is not named is reported already, so that only the values are checked here. */
function fileSchema(named: readonly Detection[], said: ReadonlyMap<string, Said>) {
  const group = z.record(z.string(), z.unknown(), 'must be a group of parameters, as floor: 10')
  const own = named.map(({ id, kind }) => [id, shapeOf(kind, said.get(id)!)] as const)
  return z.strictObject({ overrides: z.object(Object.fromEntries(own)).catchall(group) })
}

/** A schema of the keys that are said and no others: a default would change what nobody named. */
function shapeOf({ parameters }: Kind, said: Said): z.ZodType {
  const all: Readonly<Record<string, z.ZodType>> = { ...GENERAL, ...parameters }
  return z.looseObject(Object.fromEntries(Object.entries(all).filter(([key]) => Object.hasOwn(said, key))))
}

function changed(yaml: YamlFile, detection: Detection, said: Said, checked: Said): Detection {
  const {
    enabled,
    severity = detection.severity,
    ...others
  } = checked as z.infer<z.ZodObject<typeof GENERAL>> & Said
  const parameters = { ...detection.parameters }
  for (const key of Object.keys(others)) {
    parameters[key] = newValue(yaml, detection, key, said[key], checked[key])
  }
  const types = columnTypes(detection.view)
  for (const { parameter, message } of parameterProblems(detection.kind, parameters, types))
    yaml.report(['overrides', detection.id, parameter], message)
  return { ...detection, parameters, severity, status: statusOf(detection, enabled) }
}

/** A detection that is retired runs in neither engine. */
function statusOf({ status }: Detection, enabled: boolean | undefined): Detection['status'] {
  if (enabled === false) return 'retired'
  return enabled === true && status === 'retired' ? 'draft' : status
}

function newValue(
  yaml: YamlFile,
  detection: Detection,
  key: string,
  said: unknown,
  checked: unknown,
): unknown {
  if (detection.kind.conditions?.includes(key))
    return readCondition(yaml, ['overrides', detection.id, key], said, columnTypes(detection.view))
  const before = detection.parameters[key]
  if (!isGroup(said) || !isGroup(checked) || !isGroup(before)) return checked
  return { ...before, ...Object.fromEntries(Object.keys(said).map((part) => [part, checked[part]])) }
}
