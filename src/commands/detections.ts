import Table from 'cli-table3'
import { Command } from 'commander'
import { readCapabilities } from '../detections/capabilities.js'
import { type CaseResult, runCases } from '../detections/cases/run.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { detectionsPage } from '../detections/page.js'
import { sentence, settings } from '../detections/words.js'
import { type Io, print, write } from './io.js'
import { onlyThese } from './only.js'

interface DetectionFlags {
  readonly detections: string
  readonly json?: boolean
}

interface PageFlags extends DetectionFlags {
  readonly capabilities?: string
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
  add('page', 'the pack as a page in Markdown: each detection, and what of ATT&CK it covers')
    .option('--capabilities <file>', 'what other packs find, to be compared with')
    .action(async (flags: PageFlags) => page(io, flags))
  return command
}

async function page(io: Io, { detections, capabilities, json }: PageFlags): Promise<void> {
  const found = await loadDetections(detections)
  const compared = capabilities === undefined ? undefined : await readCapabilities(capabilities, found)
  if (json)
    return print(io.stdout, JSON.stringify({ detections: found.map(plain), ...compared }, undefined, 2))
  await write(io.stdout, detectionsPage(found, compared))
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

function section(title: string, items: readonly string[]): string[] {
  return ['', title, ...items.map((item) => `  - ${item.trim()}`)]
}
