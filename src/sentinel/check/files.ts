import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import { type Path, ProblemsError, readText, unreadable, YamlFile } from '../../config/yaml.js'
import { positions } from '../../kql/language.js'
import type { Finding } from './check.js'
import { checkRule } from './index.js'
import { armSource, asList, asRecord, kqlSource, type RuleSource, yamlSource } from './source.js'

/** What came of checking files. */
export interface Report {
  readonly findings: readonly Finding[]
  /** Rules and queries looked at. */
  readonly rules: number
  readonly files: number
}

/** The rules of one file, and why it has none. */
interface RuleFile {
  readonly rules: readonly RuleSource[]
  readonly findings: readonly Finding[]
}

const PATTERN = '**/*.{yaml,yml,json,kql}'

/**
 * Checks files and folders of rules. In folders, files that hold no rule are passed over.
 * @throws ProblemsError if there is no such path.
 */
export async function checkFiles(paths: readonly string[]): Promise<Report> {
  const files: RuleFile[] = []
  for (const path of paths) {
    const folder = await isFolder(path)
    const names = folder ? await filesIn(path) : [path]
    for (const name of names) files.push(readRules(name, await readText(name), !folder))
  }
  const rules = files.flatMap((file) => file.rules)
  const findings = files.flatMap((file) => [...file.findings, ...file.rules.flatMap(checkRule)])
  return { findings: [...findings, ...twins(rules)], rules: rules.length, files: files.length }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw new ProblemsError([{ file: path, line: 1, column: 1, message: unreadable(cause) }], { cause })
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const ignore = ['**/node_modules/**', '**/*.test.{yaml,yml}']
  const names = await glob(PATTERN, { cwd: folder, ignore })
  return names.sort().map((name) => join(folder, name))
}

/** The rules that stand in a file. @param named Whether the user asked for this very file, so that it must have one. */
export function readRules(file: string, content: string, named = true): RuleFile {
  const text = content.replace(/^\uFEFF/, '')
  if (file.endsWith('.kql')) return { rules: [kqlSource(file, text, positions(text))], findings: [] }
  const yaml = new YamlFile(file, text)
  if (yaml.problems.length > 0) return { rules: [], findings: yaml.problems.map(unreadableFinding) }
  const rules = file.endsWith('.json') ? templateRules(yaml, yaml.value, []) : yamlRules(yaml)
  return { rules, findings: rules.length === 0 && named ? [noRule(file)] : [] }
}

function yamlRules(yaml: YamlFile): RuleSource[] {
  const value = asRecord(yaml.value)
  // Other YAML files lie beside rules: workflows, data of solutions, detections.
  const isRule = 'query' in value || value.kind === 'Scheduled' || value.kind === 'NRT'
  return isRule ? [yamlSource(yaml, value)] : []
}

/** The rules that a template deploys, those of nested templates too. */
function templateRules(yaml: YamlFile, template: unknown, base: Path): RuleSource[] {
  const { resources } = asRecord(template)
  // Resources stand in a list, or by name in an object.
  const entries: [string | number, unknown][] = Array.isArray(resources)
    ? [...asList(resources).entries()]
    : Object.entries(asRecord(resources))
  return entries.flatMap(([index, one]) => {
    const [path, resource] = [[...base, 'resources', index], asRecord(one)]
    const { template: linked, mainTemplate } = asRecord(resource.properties)
    return [
      ...(isScheduledRule(resource) ? [armSource(yaml, path, resource)] : []),
      ...templateRules(yaml, resource, path),
      ...templateRules(yaml, linked, [...path, 'properties', 'template']),
      ...templateRules(yaml, mainTemplate, [...path, 'properties', 'mainTemplate']),
    ]
  })
}

/** A rule, or one of a solution that is offered to be made a rule. Those of other kinds (Fusion) have no query. */
function isScheduledRule({ type, kind }: Readonly<Record<string, unknown>>): boolean {
  const isRule = typeof type === 'string' && /\/alertRule(s|Templates)$/i.test(type)
  return isRule && kind !== 'Fusion' && kind !== 'MicrosoftSecurityIncidentCreation'
}

function unreadableFinding(problem: Pick<Finding, 'file' | 'line' | 'column' | 'message'>): Finding {
  return { ...problem, level: 'error', code: 'unreadable', advice: 'correct the YAML or JSON' }
}

function noRule(file: string): Finding {
  const message = 'there is no analytics rule here'
  const advice = 'give YAML rules, resource templates with alertRules, or .kql files'
  return { file, line: 1, column: 1, level: 'error', code: 'no-rule', message, advice }
}

/** Rules of one format with the same id: the later one would replace the first. */
function twins(rules: readonly RuleSource[]): Finding[] {
  const first = new Map<string, RuleSource>()
  return rules.flatMap((rule) => {
    const id = rule.get('id')
    if (typeof id !== 'string') return []
    // A pack may come in several formats, and as a template of all rules beside one each.
    const key = `${rule.dialect === 'yaml' ? 'yaml' : rule.file} ${id.toLowerCase()}`
    const twin = first.get(key)
    if (!twin) first.set(key, rule)
    return twin ? [twinFinding(rule, twin, id)] : []
  })
}

function twinFinding(rule: RuleSource, twin: RuleSource, id: string): Finding {
  const message = `the id ${id} is also that of a rule in ${twin.file}`
  const place = rule.place(rule.path('id'))
  return {
    file: rule.file,
    ...place,
    level: 'error',
    code: 'duplicate-id',
    message,
    advice: 'give each rule an id of its own',
  }
}
