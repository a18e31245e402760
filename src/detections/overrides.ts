import { z } from 'zod'
import { SEVERITIES } from '../alerts/alert.js'
import type { YamlFile } from '../config/yaml.js'
import { duration } from '../scoring/parameters.js'
import { columnTypes, readCondition } from './conditions.js'
import type { Detection } from './detection.js'
import { parameterProblems } from './read.js'

/** What can be said of every detection besides the parameters of its kind. */
const GENERAL = {
  enabled: z.boolean().optional(),
  severity: z.enum(SEVERITIES).optional(),
}

/** Of another row that a detection wants before its own or wants not, how far it may lie. */
const COMPANIONS = {
  after: z.strictObject({ within: duration(312) }),
  unless: z.strictObject({ within: duration(312) }),
}

type Said = Readonly<Record<string, unknown>>

/**
 * The detections as an overrides file changes them: `overrides:` names detections by id, and of each the parameters
 * of its kind that are to have another value, how far the rows of `after` and `unless` may lie (`within`), its `severity`, and `enabled: false` to leave it out. What the file
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

/** What can be said of a detection. */
function shapesOf({ kind, after, unless }: Detection): Readonly<Record<string, z.ZodType>> {
  return {
    ...GENERAL,
    ...kind.parameters,
    ...(after ? { after: COMPANIONS.after } : {}),
    ...(unless ? { unless: COMPANIONS.unless } : {}),
  }
}

function checkKeys(yaml: YamlFile, detection: Detection, said: Said): void {
  const { id, kind } = detection
  const known = Object.keys(shapesOf(detection))
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
  const own = named.map((one) => [one.id, shapeOf(one, said.get(one.id)!)] as const)
  return z.strictObject({ overrides: z.object(Object.fromEntries(own)).catchall(group) })
}

/** A schema of the keys that are said and no others: a default would change what nobody named. */
function shapeOf(detection: Detection, said: Said): z.ZodType {
  const all = Object.entries(shapesOf(detection))
  return z.looseObject(Object.fromEntries(all.filter(([key]) => Object.hasOwn(said, key))))
}

function changed(yaml: YamlFile, detection: Detection, said: Said, checked: Said): Detection {
  const {
    enabled,
    severity = detection.severity,
    after,
    unless,
    ...others
  } = checked as z.infer<z.ZodObject<typeof GENERAL>> & Partial<Within> & Said
  const parameters = { ...detection.parameters }
  for (const key of Object.keys(others)) {
    parameters[key] = newValue(yaml, detection, key, said[key], checked[key])
  }
  const types = columnTypes(detection.view)
  for (const { parameter, message } of parameterProblems(detection.kind, parameters, types))
    yaml.report(['overrides', detection.id, parameter], message)
  return {
    ...detection,
    ...(detection.after && after ? { after: { ...detection.after, ...after } } : {}),
    ...(detection.unless && unless ? { unless: { ...detection.unless, ...unless } } : {}),
    parameters,
    severity,
    status: statusOf(detection, enabled),
  }
}

type Within = z.infer<z.ZodObject<typeof COMPANIONS>>

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
