import { basename } from 'node:path/posix'
import { z } from 'zod'
import { INVENTORY_FIELDS } from '../agents/inventory.js'
import { namesIn, parseTemplate, type TemplatePart } from '../alerts/template.js'
import type { YamlFile } from '../config/yaml.js'
import type { Kind } from '../scoring/kind.js'
import type { View, ViewColumnType } from '../views/view.js'
import type { Condition } from '../where/condition.js'
import { type ColumnTypes, type Problem, parseWhere } from '../where/parse.js'
import { attackProblem } from './attack.js'
import type { Detection } from './detection.js'
import { type Common, common, commonSchema } from './schema.js'

/** What a detection may name. */
export interface Vocabulary {
  readonly views: ReadonlyMap<string, View>
  readonly kinds: ReadonlyMap<string, Kind>
}

/** Reads one detection; its problems are noted in the file. */
export function readDetection(yaml: YamlFile, vocabulary: Vocabulary): Detection | undefined {
  const kind = kindOf(yaml, vocabulary)
  if (!kind) return undefined
  const all = yaml.check(z.strictObject({ ...common, ...kind.parameters }))
  if (!all) return undefined
  const said = commonSchema.parse(yaml.value)
  const view = vocabulary.views.get(said.view)
  if (!view) {
    yaml.report(['view'], `unknown view ${said.view}; known are ${[...vocabulary.views.keys()].join(', ')}`)
    return undefined
  }
  const parameters = Object.fromEntries(
    Object.keys(kind.parameters).map((key) => [key, all[key as keyof typeof all]]),
  )
  return assemble(yaml, said, kind, view, parameters)
}

/** The kind comes first: it says which keys the file may have. */
function kindOf(yaml: YamlFile, { kinds }: Vocabulary): Kind | undefined {
  const named = yaml.check(z.looseObject({ kind: z.string('every detection names its kind') }))
  if (!named) return undefined
  const kind = kinds.get(named.kind)
  if (!kind) yaml.report(['kind'], `unknown kind ${named.kind}; known are ${[...kinds.keys()].join(', ')}`)
  return kind
}

function assemble(
  yaml: YamlFile,
  said: Common,
  kind: Kind,
  view: View,
  raw: Record<string, unknown>,
): Detection | undefined {
  const before = yaml.problems.length
  const types = columnTypes(view)
  checkId(yaml, said.id)
  checkAttack(yaml, said.attack)
  const where = said.where === undefined ? undefined : readCondition(yaml, 'where', said.where, types)
  const parameters = readConditions(yaml, kind, raw, types)
  checkParameters(yaml, kind, parameters, types)
  const alert = readTemplate(yaml, said.alert, kind, types)
  if (yaml.problems.length > before || !alert) return undefined
  return detection(yaml.file, said, kind, view, parameters, where, alert)
}

function detection(
  file: string,
  said: Common,
  kind: Kind,
  view: View,
  parameters: Record<string, unknown>,
  where: Condition | undefined,
  alert: readonly TemplatePart[],
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
    alert,
    falsePositives: said.false_positives,
    blindSpots: said.blind_spots,
    attack: new Map(Object.entries(said.attack)),
    references,
    streamOnly: said.kql?.unsupported,
    file,
  }
}

/** The columns of a view and the fields of the inventory, the latter as `agent.owner`. */
function columnTypes(view: View): ColumnTypes {
  const inventory = new Map<string, ViewColumnType>(
    INVENTORY_FIELDS.map((field) => [`agent.${field}`, 'string']),
  )
  return (name) => view.columns.get(name) ?? inventory.get(name)
}

function checkId(yaml: YamlFile, id: string): void {
  const name = basename(yaml.file.replaceAll('\\', '/')).replace(/\.ya?ml$/, '')
  if (name !== id) yaml.report(['id'], `the id is ${id} but the file is called ${name}`)
}

function checkAttack(yaml: YamlFile, attack: Common['attack']): void {
  for (const [tactic, techniques] of Object.entries(attack)) {
    for (const [index, technique] of techniques.entries()) {
      const problem = attackProblem(tactic, technique)
      if (problem) yaml.report(['attack', tactic, index], problem)
    }
  }
}

function readCondition(
  yaml: YamlFile,
  key: string,
  value: unknown,
  types: ColumnTypes,
): Condition | undefined {
  const problems: Problem[] = []
  const condition = parseWhere(value, [key], types, problems)
  for (const { path, message } of problems) yaml.report(path, message)
  return condition
}

function readConditions(
  yaml: YamlFile,
  kind: Kind,
  parameters: Record<string, unknown>,
  types: ColumnTypes,
): Record<string, unknown> {
  const read = { ...parameters }
  for (const key of kind.conditions ?? []) {
    if (read[key] !== undefined) read[key] = readCondition(yaml, key, read[key], types)
  }
  return read
}

function checkParameters(
  yaml: YamlFile,
  kind: Kind,
  parameters: Record<string, unknown>,
  types: ColumnTypes,
): void {
  for (const { parameter, column, type } of kind.columns(parameters)) {
    const found = types(column)
    if (found === undefined) yaml.report([parameter], `there is no column ${column}`)
    else if (type !== undefined && found !== type) {
      yaml.report([parameter], `${column} holds a ${found}, a ${type} is needed`)
    }
  }
  for (const { parameter, message } of kind.check?.(parameters) ?? []) yaml.report([parameter], message)
}

function readTemplate(
  yaml: YamlFile,
  text: string,
  kind: Kind,
  types: ColumnTypes,
): readonly TemplatePart[] | undefined {
  try {
    const parts = parseTemplate(text)
    for (const name of namesIn(parts)) {
      const known =
        name === 'observed' ||
        name === 'basis' ||
        kind.placeholders.includes(name) ||
        types(name) !== undefined
      if (!known) yaml.report(['alert'], `there is nothing called ${name} to put into the alert`)
    }
    return parts
  } catch (error) {
    yaml.report(['alert'], (error as Error).message)
    return undefined
  }
}
