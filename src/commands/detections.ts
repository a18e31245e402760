import Table from 'cli-table3'
import { Command } from 'commander'
import { type CaseResult, runCases } from '../detections/cases/run.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { type Io, print } from './io.js'
import { onlyThese } from './only.js'

interface DetectionFlags {
  readonly detections: string
  readonly json?: boolean
}

/** `agentwarden detections`: look at the pack, and run it against its own events. */
export function detectionsCommand(io: Io, exit: (code: number) => void): Command {
  const command = new Command('detections').description('list, explain and test the detections')
  const add = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--detections <dir>', 'where they are', PACK)
      .option('--json', 'as JSON')
  add('list', 'all detections, one a line').action(async (flags: DetectionFlags) => list(io, flags))
  add('show', 'explain one detection: what it finds, when it is wrong, what it misses')
    .argument('<id>')
    .action(async (id: string, flags: DetectionFlags) => show(io, id, flags))
  add('test', 'run detections against the events that they must fire on and those that they must not')
    .argument('[id...]', 'only these')
    .action(async (ids: string[], flags: DetectionFlags) => exit(await test(io, ids, flags)))
  return command
}

async function list(io: Io, flags: DetectionFlags): Promise<void> {
  const detections = await loadDetections(flags.detections)
  if (flags.json) return print(io.stdout, JSON.stringify(detections.map(plain), undefined, 2))
  const table = new Table({
    head: ['Id', 'Severity', 'Kind', 'View', 'Title'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const { id, severity, kind, view, title } of detections)
    table.push([id, severity, kind.name, view.name, title])
  await print(io.stdout, `${table.toString()}\n${detections.length} detections`)
}

async function show(io: Io, id: string, flags: DetectionFlags): Promise<void> {
  const [detection] = await chosen(flags.detections, [id])
  const text = flags.json ? JSON.stringify(plain(detection!), undefined, 2) : explain(detection!)
  await print(io.stdout, text)
}

async function test(io: Io, ids: readonly string[], flags: DetectionFlags): Promise<number> {
  const results: CaseResult[] = []
  for (const detection of await chosen(flags.detections, ids)) results.push(...(await runCases(detection)))
  if (flags.json) await print(io.stdout, JSON.stringify(results, undefined, 2))
  else for (const result of results) await print(io.stdout, resultText(result))
  const failed = results.filter(({ failures }) => failures.length > 0).length
  await print(io.stderr, `${results.length - failed} of ${results.length} cases hold`)
  return failed > 0 ? 1 : 0
}

async function chosen(folder: string, ids: readonly string[]): Promise<readonly Detection[]> {
  return onlyThese(await loadDetections(folder), ids.length === 0 ? undefined : ids)
}

function resultText({ detection, name, failures }: CaseResult): string {
  const mark = failures.length === 0 ? 'ok  ' : 'FAIL'
  return [`${mark} ${detection}: ${name}`, ...failures.map((failure) => `       ${failure}`)].join('\n')
}

/** A detection as plain data. */
function plain(detection: Detection): Record<string, unknown> {
  const { view, kind, attack, alert, ...rest } = detection
  return {
    ...rest,
    view: view.name,
    kind: kind.name,
    attack: Object.fromEntries(attack),
    alert: sentence(alert),
  }
}

function sentence(parts: Detection['alert']): string {
  return parts.map((part) => (typeof part === 'string' ? part : `{${part.name}}`)).join('')
}

function explain(detection: Detection): string {
  const { kind, view, attack } = detection
  const tactics = [...attack].map(([tactic, techniques]) => `${tactic} ${techniques.join(', ')}`)
  return [
    `${detection.title}  (${detection.id} ${detection.version}, ${detection.severity}, ${detection.status})`,
    '',
    detection.why,
    '',
    `Looks at   ${view.name}: ${view.summary}`,
    `Alerts if  ${kind.summary}`,
    `With       ${settings(detection)}`,
    `Says       ${sentence(detection.alert)}`,
    `ATT&CK     ${tactics.join('; ')}`,
    ...section('False positives', detection.falsePositives),
    ...section('Blind spots', detection.blindSpots),
    ...section('References', detection.references),
    '',
    `File       ${detection.file}`,
  ].join('\n')
}

function settings({ parameters, where }: Detection): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined)
  const words = set.map(
    ([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return (
    [...words, ...(where === undefined ? [] : [`where ${conditionText(where)}`])].join(', ') ||
    'no parameters'
  )
}

type Where = NonNullable<Detection['where']>

/** A condition in words, as `where` means it. */
export function conditionText(condition: Where): string {
  if (condition.type === 'not') return `not (${conditionText(condition.of)})`
  if (condition.type !== 'compare') {
    return condition.of
      .map((part) => `(${conditionText(part)})`)
      .join(condition.type === 'all' ? ' and ' : ' or ')
  }
  const { column, operator, values, every } = condition
  const value = values.length === 1 ? String(values[0]) : `${every ? 'all' : 'any'} of ${values.join(', ')}`
  return `${column} ${operator} ${value}`
}

function section(title: string, items: readonly string[]): string[] {
  return ['', title, ...items.map((item) => `  - ${item.trim()}`)]
}
