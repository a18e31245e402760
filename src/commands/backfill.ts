import { join } from 'node:path'
import { Command } from 'commander'
import { Backfill } from '../backfill/backfill.js'
import { checkEmpty, StateInUse, saveNewState } from '../backfill/state.js'
import { loadDetections, PACK } from '../detections/load.js'
import type { Period, Workspace } from '../workspace/client.js'
import { Journal } from '../workspace/journal.js'
import { type Io, print, UsageError } from './io.js'
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

interface BackfillFlags extends AgentFlags, WorkspaceFlags {
  readonly days: number
  readonly until?: number
  readonly state: string
  readonly detections: string
  readonly overrides?: string
  readonly showQueries?: boolean
  readonly quiet?: boolean
}

/** More lies in no baseline; the workspace keeps them for 30 days at least. */
const MOST_DAYS = 14

const AFTER = `
Examples:
  agentwarden backfill --workspace 3d1a… --auth azure-cli --show-queries
  agentwarden backfill --workspace 3d1a… --auth managed-identity --state /var/lib/agentwarden

Asks a Log Analytics workspace what each agent did in the last days, summed up by hour, and writes a state on which
'agentwarden run' starts with full baselines. What is broken off goes on where it stopped when it is called again.
Rows of the time before --until that the daemon reads once more are not counted twice: let it read from then on, or
earlier. Exit code: 0 done, 1 failed, 2 wrong usage. More: docs/backfill.md`

/** `agentwarden backfill`: baselines from a workspace's own history. */
export function backfillCommand(io: Io, exit: (code: number) => void, connect: Connect): Command {
  const command = new Command('backfill')
    .description("fill the daemon's baselines from the history in a Log Analytics workspace")
    .requiredOption('--workspace <id>', 'id of the workspace, a GUID')
  return addWorkspaceOptions(command)
    .option('--days <number>', 'how many days to look back, 1 to 14', wholeArgument(1, MOST_DAYS), 13)
    .option(
      '--until <time>',
      'up to when; a full hour. Default: the last by which nearly all rows are in the workspace',
      timeArgument,
    )
    .option('--state <dir>', 'where the new state is put', 'state')
    .addOption(agentsOption())
    .addOption(identitiesOption())
    .option('--detections <dir>', 'detections that are to run', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--show-queries', 'print the queries about the last day, and ask nothing')
    .option('--quiet', 'no progress and no summary')
    .addHelpText('after', AFTER)
    .action(async (flags: BackfillFlags) => exit(await backfill(io, flags, connect)))
}

async function backfill(io: Io, flags: BackfillFlags, connect: Connect): Promise<number> {
  const detections = await loadDetections(flags.detections, flags.overrides)
  const { inventory, population = inventory ? 'inventory' : 'workloads' } = await whose(flags)
  const period = lastHours(24 * flags.days, flags.until, io.now())
  const work = new Backfill({ detections, period, population, inventory })
  if (flags.showQueries) return showQueries(io, work)
  const workspace = connect(flags, io)
  await usable(checkEmpty(flags.state))
  const signal = new AbortController().signal
  await workspace.check(signal)
  const journal = new Journal(join(flags.state, 'backfill'), workspace.id)
  const bar = progressBar(io, work.queries, flags.quiet === true)
  const asking = { workspace, kept: journal, signal, until: io.now() }
  try {
    await work.run(asking, (done, _total, note) => bar.update(done, note))
  } finally {
    bar.stop()
  }
  if (work.stream.scorer.agentCount === 0) return tellNobody(io, period, workspace)
  await usable(saveNewState(flags.state, work.stream))
  journal.remove()
  if (!flags.quiet) await print(io.stdout, summary(work, period, flags, workspace, journal.found))
  return 0
}

async function usable(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    throw error instanceof StateInUse ? new UsageError(error.message) : error
  })
}

/** Nothing is written: a daemon that began on it would think that it knows the past. */
async function tellNobody(io: Io, period: Period, { warnings }: Workspace): Promise<number> {
  await print(io.stderr, `error: the workspace has no row of an agent ${spanOf(period)}; see --identities`)
  for (const line of warningLines(warnings)) await print(io.stderr, line)
  return 1
}

function spanOf({ from, to }: Period): string {
  return `from ${minuteOf(from)} to ${minuteOf(to)}`
}

function minuteOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16)}Z`
}

/** All of them that are asked about the last slice of time, about which most is asked. */
async function showQueries(io: Io, work: Backfill): Promise<number> {
  const { slices, queries } = work
  const last = work.asked(slices.at(-1)!)
  await print(
    io.stdout,
    `// ${queries} queries for ${slices.length} slices of time; the ${last.length} of the last:`,
  )
  for (const { question, part } of last) await print(io.stdout, `\n${question.query(part)}`)
  return 0
}

function summary(
  { stream, queries, counters }: Backfill,
  period: Period,
  { state }: BackfillFlags,
  { retries, warnings }: Workspace,
  found: number,
): string {
  const { beyondAgents, withoutTenant } = counters
  const lines = [
    `Agents: ${number(stream.scorer.agentCount)}, ${spanOf(period)}`,
    `Queries: ${number(queries)}, of which ${number(found)} were answered before; sent again: ${number(retries)}`,
    ...(beyondAgents > 0 ? [`Left out, as there are too many agents: ${number(beyondAgents)} lines`] : []),
    ...(withoutTenant > 0
      ? [`Left out, of tables that don't say which tenant: ${number(withoutTenant)} lines`]
      : []),
    ...(stream.scorer.stores.overflows > 0
      ? [`Values left out, as an agent has too many: ${number(stream.scorer.stores.overflows)}`]
      : []),
    ...warningLines(warnings),
    `State: ${state}. Let the daemon read from ${minuteOf(period.to)} on, or earlier: what lies before is not counted twice.`,
  ]
  return lines.join('\n')
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
