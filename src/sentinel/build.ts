import type { Detection } from '../detections/detection.js'
import type { CompiledQuery } from '../kql/compile.js'
import { armTemplate, armTemplateOfAll } from './arm.js'
import { bicepModule } from './bicep.js'
import { indexPage } from './index-page.js'
import { type Rule, ruleGuid, ruleOf } from './rule.js'
import { yamlText } from './yaml.js'

/** What rules can be written as. */
export const FORMATS = ['yaml', 'arm', 'bicep', 'kql'] as const

export type Format = (typeof FORMATS)[number]

/** Texts by their path below the folder of rules. */
export type Files = ReadonlyMap<string, string>

/** The formats that have a file a rule, and where that file lies. */
const FILE_OF_RULE: Readonly<Partial<Record<Format, (id: string) => string>>> = {
  yaml: (id) => `rules/${id}.yaml`,
  arm: (id) => `arm/${id}.json`,
  kql: (id) => `queries/${id}.kql`,
}

const TEXT_OF_RULE: Readonly<Partial<Record<Format, (rule: Rule) => string>>> = {
  yaml: yamlText,
  arm: armTemplate,
  kql: queryText,
}

const ALL_RULES = 'all-rules'

/** The rules of detections, but for retired ones and those that KQL can't express. */
export function rulesOf(
  detections: readonly Detection[],
  compile: (detection: Detection) => CompiledQuery,
): Rule[] {
  return detections
    .filter(({ status, streamOnly }) => status !== 'retired' && streamOnly === undefined)
    .map((detection) => ruleOf(detection, compile(detection)))
}

/** The files of each rule by itself. */
export function filesOfRules(rules: readonly Rule[], formats: readonly Format[]): Files {
  const files = new Map<string, string>()
  for (const format of formats) {
    const [path, text] = [FILE_OF_RULE[format], TEXT_OF_RULE[format]]
    if (path && text) for (const rule of rules) files.set(path(rule.detection), text(rule))
  }
  return files
}

/** The files that hold the whole pack, among them the page that lists it. */
export function filesOfPack(
  rules: readonly Rule[],
  detections: readonly Detection[],
  formats: readonly Format[],
): Files {
  const files = new Map([['README.md', indexPage(rules, detections)]])
  if (formats.includes('arm')) files.set(`arm/${ALL_RULES}.json`, armTemplateOfAll(rules))
  if (formats.includes('bicep')) files.set('rules.bicep', bicepModule(rules))
  return files
}

/** The folders in which each rule has a file, for the formats given. */
export function foldersOf(formats: readonly Format[]): string[] {
  return formats.flatMap((format) => FILE_OF_RULE[format]?.('').replace(/\/.*/, '') ?? [])
}

/** Whether a file is one of those that a build writes for a rule: it carries the GUID that its name has. */
export function isFileOfRule(path: string, text: string): boolean {
  const id = /([^/]+)\.(?:yaml|json|kql)$/.exec(path)?.[1]
  return id !== undefined && id !== ALL_RULES && text.includes(ruleGuid(id))
}

/** The query alone, which begins with its name, to be pasted into the portal. */
function queryText({ id, query }: Rule): string {
  return `// agentwarden, rule ${id}\n${query}\n`
}
