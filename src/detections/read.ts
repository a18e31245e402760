import { basename } from 'node:path/posix'
import { z } from 'zod'
import { namesIn, parseTemplate, type TemplatePart } from '../alerts/template.js'
import type { YamlFile } from '../config/yaml.js'
import type { Companion } from '../scoring/companion.js'
import type { Kind, ParameterProblem } from '../scoring/kind.js'
import type { View } from '../views/view.js'
import type { Condition } from '../where/condition.js'
import type { ColumnTypes } from '../where/parse.js'
import { attackProblem, isTactic } from './attack.js'
import { type Companions, isOfCompanion, readCompanions, shownOf } from './companions.js'
import { columnTypes, readCondition } from './conditions.js'
import type { Detection } from './detection.js'
import { type Common, common, commonSchema } from './schema.js'

/** What a detection may name. */
export interface Vocabulary {
  readonly views: ReadonlyMap<string, View>
  readonly kinds: ReadonlyMap<string, Kind>
}

/** Reads one detection; its problems are noted in the file, all that can be known at once. */
export function readDetection(yaml: YamlFile, vocabulary: Vocabulary): Detection | undefined {
  const before = yaml.problems.length
  const kind = kindOf(yaml, vocabulary)
  const said = yaml.check(commonSchema)
  const parameters = kind && yaml.check(z.object(kind.parameters))
  if (kind) checkKeys(yaml, kind)
  checkId(yaml)
  checkAttack(yaml)
  const view = viewOf(yaml, vocabulary)
  const companions = view && said ? readCompanions(yaml, said, view, kind, vocabulary.views) : {}
  const words = view && readWords(yaml, view, kind, parameters, companions.after)
  if (yaml.problems.length > before || !said || !kind || !view || !words?.alert) return undefined
  return detection(yaml.file, said, kind, view, words.parameters, words.where, words.alert, companions)
}

/** The kind comes first: it says which keys the file may have. */
function kindOf(yaml: YamlFile, { kinds }: Vocabulary): Kind | undefined {
  const name = textOf(yaml, 'kind')
  const kind = name === undefined ? undefined : kinds.get(name)
  if (!kind && name !== undefined) {
    yaml.report(['kind'], `unknown kind ${name}; known are ${[...kinds.keys()].join(', ')}`)
  }
  return kind
}

function viewOf(yaml: YamlFile, { views }: Vocabulary): View | undefined {
  const name = textOf(yaml, 'view')
  const view = name === undefined ? undefined : views.get(name)
  if (!view && name !== undefined) {
    yaml.report(['view'], `unknown view ${name}; known are ${[...views.keys()].join(', ')}`)
  }
  return view
}

/** What a key says whatever is wrong with others; nothing where it is no text. */
function textOf(yaml: YamlFile, key: string): string | undefined {
  const value = saidOf(yaml, key)
  return typeof value === 'string' ? value : undefined
}

function saidOf(yaml: YamlFile, key: string): unknown {
  const { value } = yaml
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function checkKeys(yaml: YamlFile, { name, parameters }: Kind): void {
  for (const key of Object.keys(yaml.value ?? {})) {
    if (Object.hasOwn(common, key) || Object.hasOwn(parameters, key)) continue
    const own = Object.keys(parameters).join(', ')
    yaml.report([key], `unknown key ${key}; besides what all detections take, ${name} takes ${own}`)
  }
}

/** What speaks of columns and can be read once the view is known. */
function readWords(
  yaml: YamlFile,
  view: View,
  kind: Kind | undefined,
  raw: Record<string, unknown> | undefined,
  after: Companion | undefined,
) {
  const types = columnTypes(view)
  const said = saidOf(yaml, 'where')
  const where = said === undefined ? undefined : readCondition(yaml, ['where'], said, types)
  const parameters = kind && raw ? readConditions(yaml, kind, raw, types) : {}
  for (const { parameter, message } of kind && raw ? parameterProblems(kind, parameters, types) : [])
    yaml.report([parameter], message)
  const text = textOf(yaml, 'alert')
  const alert = kind && text !== undefined ? readTemplate(yaml, text, kind, types, after?.view) : undefined
  return { where, parameters, alert }
}

function detection(
  file: string,
  said: Common,
  kind: Kind,
  view: View,
  parameters: Record<string, unknown>,
  where: Condition | undefined,
  alert: readonly TemplatePart[],
  { after, unless }: Companions,
): Detection {
  const { id, title, version, severity, status, why, references } = said
  return {
    id,
    title,
    version,
    severity,
    status,
    why: why.trim(),
    view,
    kind,
    parameters,
    where,
    after: after && { ...after, shown: shownOf(alert) },
    unless,
    alert,
    falsePositives: said.false_positives,
    blindSpots: said.blind_spots,
    attack: new Map(Object.entries(said.attack)),
    references,
    streamOnly: said.kql?.unsupported,
    file,
  }
}

function checkId(yaml: YamlFile): void {
  const id = textOf(yaml, 'id')
  const name = basename(yaml.file.replaceAll('\\', '/')).replace(/\.ya?ml$/, '')
  if (id !== undefined && name !== id) yaml.report(['id'], `the id is ${id} but the file is called ${name}`)
}

function checkAttack(yaml: YamlFile): void {
  for (const [tactic, techniques] of Object.entries(saidOf(yaml, 'attack') ?? {})) {
    if (!isTactic(tactic) || !Array.isArray(techniques)) continue
    for (const [index, technique] of techniques.entries()) {
      const problem = typeof technique === 'string' ? attackProblem(tactic, technique) : undefined
      if (problem) yaml.report(['attack', tactic, index], problem)
    }
  }
}

function readConditions(
  yaml: YamlFile,
  kind: Kind,
  parameters: Record<string, unknown>,
  types: ColumnTypes,
): Record<string, unknown> {
  const read = { ...parameters }
  for (const key of kind.conditions ?? []) {
    if (read[key] !== undefined) read[key] = readCondition(yaml, [key], read[key], types)
  }
  return read
}

/** What is wrong with parameters that are each of the right sort: columns that are not there, and what does not agree. */
export function parameterProblems(
  kind: Kind,
  parameters: Record<string, unknown>,
  types: ColumnTypes,
): readonly ParameterProblem[] {
  const problems = kind.columns(parameters).flatMap(({ parameter, column, type }) => {
    const found = types(column)
    if (found === undefined) return [{ parameter, message: `there is no column ${column}` }]
    if (type === undefined || found === type) return []
    return [{ parameter, message: `${column} holds a ${found}, a ${type} is needed` }]
  })
  return [...problems, ...(kind.check?.(parameters) ?? [])]
}

function readTemplate(
  yaml: YamlFile,
  text: string,
  kind: Kind,
  types: ColumnTypes,
  after: View | undefined,
): readonly TemplatePart[] | undefined {
  try {
    const parts = parseTemplate(text)
    for (const name of namesIn(parts)) {
      const known =
        name === 'observed' ||
        name === 'basis' ||
        kind.placeholders.includes(name) ||
        types(name) !== undefined ||
        (after !== undefined && isOfCompanion(name, after))
      if (!known) yaml.report(['alert'], `there is nothing called ${name} to put into the alert`)
    }
    return parts
  } catch (error) {
    yaml.report(['alert'], (error as Error).message)
    return undefined
  }
}
