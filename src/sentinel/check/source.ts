import type { Path, YamlFile } from '../../config/yaml.js'

/** How a rule is written down. */
export type Dialect = 'yaml' | 'arm' | 'kql'

/** Where something stands. Counts from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A rule of anybody's as checks see it: its values by the keys of the YAML format, whatever format it is in. */
export interface RuleSource {
  readonly file: string
  readonly dialect: Dialect
  /** The version of the API that a resource template asks for. */
  readonly apiVersion: string | undefined
  /** What a key of the YAML format says; nothing where a template computes it. */
  get(key: string): unknown
  /** Whether the key stands in the rule, be its value computed or not. */
  has(key: string): boolean
  /** Where that key stands in the file. */
  path(key: string): Path
  place(path: Path, offset?: number): Place
}

/** What resource templates call keys of the YAML format. */
const ARM_NAMES: Readonly<Record<string, string>> = {
  name: 'displayName',
  relevantTechniques: 'techniques',
  version: 'templateVersion',
}

/** A value that a resource template computes when it is deployed; nothing can be said about it. */
export function isExpression(value: unknown): boolean {
  return typeof value === 'string' && /^\[(?!\[)[\s\S]*\]$/.test(value)
}

/** A rule in the layout of the Azure-Sentinel repository. */
export function yamlSource(yaml: YamlFile, value: Readonly<Record<string, unknown>>): RuleSource {
  return {
    file: yaml.file,
    dialect: 'yaml',
    apiVersion: undefined,
    get: (key) => value[key],
    has: (key) => key in value,
    path: (key) => [key],
    place: (path, offset) => yaml.place(path, offset),
  }
}

/** And what rules that a solution offers do. */
const TEMPLATE_NAMES: Readonly<Record<string, string>> = { ...ARM_NAMES, version: 'version' }

/** A rule that a resource template deploys, or one of a solution that is offered to be made a rule. */
export function armSource(
  yaml: YamlFile,
  base: Path,
  resource: Readonly<Record<string, unknown>>,
): RuleSource {
  const properties = asRecord(resource.properties)
  const outside: Readonly<Record<string, unknown>> = { kind: resource.kind, id: guidOf(resource.name) }
  const names = /\/alertRuleTemplates$/i.test(String(resource.type)) ? TEMPLATE_NAMES : ARM_NAMES
  const path = (key: string) =>
    key in outside ? [...base, key === 'id' ? 'name' : key] : [...base, 'properties', names[key] ?? key]
  return {
    file: yaml.file,
    dialect: 'arm',
    apiVersion: typeof resource.apiVersion === 'string' ? resource.apiVersion : undefined,
    get: (key) => plain(key in outside ? outside[key] : properties[names[key] ?? key]),
    has: (key) => key in outside || (names[key] ?? key) in properties,
    path,
    place: (at, offset) => yaml.place(at, offset),
  }
}

/** A query by itself. */
export function kqlSource(file: string, text: string, position: (offset: number) => Place): RuleSource {
  return {
    file,
    dialect: 'kql',
    apiVersion: undefined,
    get: (key) => (key === 'query' ? text : undefined),
    has: (key) => key === 'query',
    path: (key) => [key],
    place: (_, offset) => position(offset ?? 0),
  }
}

function plain(value: unknown): unknown {
  return isExpression(value) ? undefined : value
}

/** A rule's resource is called by its GUID, behind the workspace; other names are computed. */
function guidOf(name: unknown): unknown {
  const match = /\/Microsoft\.SecurityInsights\/([^/'()\s]+)'?\)?\]?$/i.exec(String(name))
  return match ? match[1] : plain(name)
}

/** An object's values; none where there is no object. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** A list's values; none where there is no list. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What a key says if it is a text. */
export function textOf(rule: RuleSource, key: string): string | undefined {
  const value = rule.get(key)
  return typeof value === 'string' ? value : undefined
}
