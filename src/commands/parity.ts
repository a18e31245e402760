import { Command } from 'commander'
import type { Inventory } from '../agents/inventory.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { language, logAnalyticsTables } from '../kql/language.js'
import { Comparison, type ParityResult, type ParitySetting } from '../parity/parity.js'
import { parityIn } from '../parity/workspace.js'
import { FileSource } from '../sources/files.js'
import { type Input, resolveInputs, STDIN } from '../sources/inputs.js'
import { NOTHING_KEPT } from '../workspace/slices.js'
import { EXCEPTIONS, exceptionsIn } from './exceptions.js'
import { type Io, print, UsageError } from './io.js'
import { collectIds, onlyThese } from './only.js'
import {
  type AgentFlags,
  agentsOption,
  identitiesOption,
  OVERRIDES,
  timeArgument,
  wholeArgument,
  whose,
} from './options.js'
import { progressBar } from './progress.js'
import {
  addWorkspaceOptions,
  type Connect,
  lastHours,
  type WorkspaceFlags,
  warningLines,
} from './workspace.js'

export interface ParityFlags extends AgentFlags, Partial<WorkspaceFlags> {
  readonly detections: string
  readonly overrides?: string
  readonly exceptions?: string
  readonly only?: readonly string[]
  readonly allHours?: boolean
  readonly hours: number
  readonly until?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Compressed or plain bytes of input above which not every hour is judged. */
const LARGE_BYTES = 16_000_000
const SAMPLING = { others: 24, seed: 1 }
const SAMPLED = `Of each detection the hours with an alert were judged, those around each, and ${SAMPLING.others} others; --all-hours judges all.`
const MOST_EXAMPLES = 3

const AFTER = `
Examples:
  agentwarden parity samples --all-hours
  agentwarden parity logs --agents agents.yaml --only unusual-resource,new-country
  agentwarden parity --workspace 3d1a… --auth azure-cli --hours 6

Replays the logs through the streaming engine, and runs the KQL that 'rules build' writes once for each hour as the
scheduler would, on the rows that Log Analytics would hold. Both must raise the same alerts: detection, tenant, agent,
entity, hour. On more than ${LARGE_BYTES / 1_000_000} MB of input it judges the hours in which the stream raised an alert, the hours around
each, and ${SAMPLING.others} others; --all-hours judges all. With --workspace the queries run in a Log Analytics workspace, and the
streaming engine on the rows that lie there: docs/backfill.md. Exit code: 0 equal, 1 a difference, 2 wrong usage.`

/** `agentwarden parity`: proves on given logs that both engines agree. */
export function parityCommand(io: Io, exit: (code: number) => void, connect: Connect): Command {
  const command = new Command('parity')
    .description('prove on logs that the streaming engine and the KQL rules raise the same alerts')
    .argument('[input...]', 'files, directories or globs; none with --workspace')
    .option('--workspace <id>', 'compare in this Log Analytics workspace, a GUID')
    .option(
      '--hours <number>',
      'with --workspace: how many of the last closed hours, 1 to 168',
      wholeArgument(1, 168),
      6,
    )
    .option('--until <time>', 'with --workspace: up to when; a full hour', timeArgument)
  return addWorkspaceOptions(command)
    .addOption(agentsOption())
    .addOption(identitiesOption())
    .option('--detections <dir>', 'detections to compare', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--exceptions <file>', EXCEPTIONS)
    .option('--only <ids>', 'only these detections, divided by commas or given again', collectIds)
    .option('--all-hours', 'judge every hour, however large the input')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
    .action(async (patterns: string[], flags: ParityFlags) =>
      exit(await parity(io, patterns, flags, connect)),
    )
}

async function parity(io: Io, patterns: string[], flags: ParityFlags, connect: Connect): Promise<number> {
  const detections = onlyThese(await loadDetections(flags.detections, flags.overrides), flags.only)
  const { inventory, population } = await whose(flags)
  const setting = {
    detections,
    suppressions: await exceptionsIn(io, flags.exceptions, detections),
    population: population ?? (inventory ? 'inventory' : 'workloads'),
    ...(inventory ? { inventory } : {}),
  } as const
  const results = await (flags.workspace === undefined
    ? onFiles(io, patterns, flags, setting)
    : inWorkspace(io, patterns, { ...flags, workspace: flags.workspace }, setting, connect))
  if (flags.json) await print(io.stdout, JSON.stringify(results, undefined, 2))
  else await printResults(io, results, detections, inventory)
  return results.every(isEqual) ? 0 : 1
}

type Setting = Omit<ParitySetting, 'language'>

async function onFiles(
  io: Io,
  patterns: string[],
  flags: ParityFlags,
  setting: Setting,
): Promise<ParityResult[]> {
  if (patterns.length === 0) throw new UsageError('name the files to compare on, or a --workspace')
  const inputs = await resolveInputs(patterns)
  if (inputs.some(({ path }) => path === STDIN))
    throw new UsageError('the logs are read twice: name files instead of -')
  const comparison = new Comparison({ ...setting, language: language(logAnalyticsTables()) })
  return comparison.on(
    inputs.map((input) => new FileSource(input)),
    {
      now: io.now(),
      ...(isLarge(inputs) && !flags.allHours ? { sampling: SAMPLING } : {}),
      progress: progressOf(io, flags.quiet === true),
    },
  )
}

async function inWorkspace(
  io: Io,
  patterns: string[],
  flags: ParityFlags & { readonly workspace: string },
  setting: Setting,
  connect: Connect,
): Promise<ParityResult[]> {
  if (patterns.length > 0) throw new UsageError('name files or a --workspace, not both')
  const hours = lastHours(flags.hours, flags.until, io.now())
  const workspace = connect(flags as WorkspaceFlags, io)
  const signal = new AbortController().signal
  await workspace.check(signal)
  const asking = { workspace, kept: NOTHING_KEPT, signal, until: io.now() }
  const results = await parityIn({ ...setting, hours }, asking, progressOf(io, flags.quiet === true))
  if (!flags.quiet) for (const line of warningLines(workspace.warnings)) await print(io.stderr, line)
  return results
}

function isLarge(inputs: readonly Input[]): boolean {
  return inputs.reduce((sum, { size }) => sum + (size ?? 0), 0) > LARGE_BYTES
}

function progressOf(io: Io, quiet: boolean): (done: number, total: number, note: string) => void {
  let bar: ReturnType<typeof progressBar> | undefined
  return (done, total, note) => {
    bar ??= progressBar(io, total, quiet)
    bar.update(done, note)
    if (done === total) bar.stop()
  }
}

function isEqual({ streamOnly, kqlOnly }: ParityResult): boolean {
  return streamOnly.length + kqlOnly.length === 0
}

async function printResults(
  io: Io,
  results: readonly ParityResult[],
  detections: readonly Detection[],
  inventory: Inventory | undefined,
): Promise<void> {
  await print(
    io.stdout,
    `${'detection'.padEnd(34)} ${'both'.padStart(7)} ${'stream only'.padStart(12)} ${'KQL only'.padStart(9)}  runs`,
  )
  for (const result of results) await printResult(io, result)
  for (const { id, streamOnly } of detections)
    if (streamOnly !== undefined) await print(io.stdout, `${id.padEnd(34)} not compared: ${streamOnly}`)
  if (results.some(({ runs, runsInAll }) => runs < runsInAll)) await print(io.stdout, `\n${SAMPLED}`)
  const keys = results.reduce((sum, one) => sum + one.both + one.streamOnly.length + one.kqlOnly.length, 0)
  const both = results.reduce((sum, { both }) => sum + both, 0)
  const share = keys === 0 ? 'no alerts' : `${((100 * both) / keys).toFixed(2)} % of ${keys} alert keys`
  await print(io.stdout, `\nParity: ${share}${inventory ? `, inventory of ${inventory.size} agents` : ''}`)
}

async function printResult(io: Io, result: ParityResult): Promise<void> {
  const { detection, both, streamOnly, kqlOnly, runs, runsInAll } = result
  const counts = [
    String(both).padStart(7),
    String(streamOnly.length).padStart(12),
    String(kqlOnly.length).padStart(9),
  ]
  const sample = runs < runsInAll ? `${runs} of ${runsInAll}` : `${runs}`
  await print(io.stdout, `${detection.padEnd(34)} ${counts.join(' ')}  ${sample}`)
  for (const key of streamOnly.slice(0, MOST_EXAMPLES)) await print(io.stdout, `  stream only: ${key}`)
  for (const key of kqlOnly.slice(0, MOST_EXAMPLES)) await print(io.stdout, `  KQL only:    ${key}`)
}
