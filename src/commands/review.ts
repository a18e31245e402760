import Table from 'cli-table3'
import { Command, InvalidArgumentError, Option } from 'commander'
import { AgentSelector, Inventory } from '../agents/inventory.js'
import { loadInventory } from '../agents/load.js'
import { sanitise } from '../alerts/template.js'
import { credentialText } from '../directory/difference.js'
import { timeBounds } from '../records/decode.js'
import { parseDuration } from '../records/duration.js'
import { Intake } from '../replay/intake.js'
import { VERDICTS } from '../review/permission.js'
import { type AgentReview, type Review, reviewOf } from '../review/review.js'
import { Usage } from '../review/usage.js'
import { FileSource } from '../sources/files.js'
import { resolveInputs } from '../sources/inputs.js'
import type { ViewRow } from '../views/view.js'
import { EXIT } from './exit-codes.js'
import { type Io, print, UsageError } from './io.js'
import { progressBar } from './progress.js'

interface ReviewFlags {
  readonly agents: string
  readonly longLived: number
  readonly all?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const DAY = 86_400_000

/** Days of logs below which "unused" says little. */
const ENOUGH_DAYS = 30

const AFTER = `
Example:
  agentwarden inventory pull --auth azure-cli --out agents.yaml
  agentwarden review logs --agents agents.yaml

Compares the permissions and credentials of the inventory with the logs: sign-ins and calls of Microsoft Graph that
succeeded. A permission is 'unused', 'only read' (it lets write, and nothing was written), 'used', or 'cannot be told':
its family is not known, or the logs lack calls of Graph (MicrosoftGraphActivityLogs) or sign-ins. Of resources other than
Graph the logs show only whether they were used at all. What is unused in the logs may still be needed once a year. Rows
that were delivered twice count twice.
Exit code: 0 done, 1 an input broke off, 2 wrong usage.`

/** `agentwarden review`: what agents were granted against what they used. */
export function reviewCommand(io: Io, exit: (code: number) => void): Command {
  return new Command('review')
    .description('compare what agents were granted with what they used')
    .argument('<input...>', 'the logs: files, directories, globs, or - for standard input')
    .requiredOption('--agents <file>', 'inventory of agents, as inventory pull leaves it')
    .addOption(
      new Option('--long-lived <length>', 'validity beyond which a credential is remarked on')
        .argParser(length)
        .default(180 * DAY, '180d'),
    )
    .option('--all', 'show also what is as it should be')
    .option('--json', 'print everything as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
    .action(async (patterns: string[], flags: ReviewFlags) => exit(await review(io, patterns, flags)))
}

function length(text: string): number {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new InvalidArgumentError('a length of time reads like 90d')
  return parsed
}

async function review(io: Io, patterns: string[], flags: ReviewFlags): Promise<number> {
  const inventory = await loadInventory(flags.agents)
  if (inventory.size === 0) throw new UsageError(`${flags.agents} lists no agents`)
  const usage = new Usage(inventory)
  const { failures, unreadable } = await readUsage(io, patterns, usage, flags.quiet === true)
  const result = reviewOf(inventory, usage, flags.longLived)
  await print(io.stdout, flags.json ? JSON.stringify(plain(result), undefined, 2) : text(result, flags, io))
  if (usage.overflow > 0) await print(io.stderr, `warning: ${usage.overflow} rows were too many kinds of use`)
  if (unreadable > 0) await print(io.stderr, `warning: ${unreadable} records could not be read`)
  for (const failure of failures) await print(io.stderr, `error: ${failure}`)
  return failures.length > 0 ? EXIT.failed : EXIT.done
}

/** Lets all rows through: those on behalf of users are some agent's too. */
class Everybody extends AgentSelector {
  override select(row: ViewRow): ViewRow {
    return row
  }
}

/** What became of reading. */
interface Reading {
  /** Inputs that broke off. */
  readonly failures: readonly string[]
  /** Messages and records that could not be read. */
  readonly unreadable: number
}

async function readUsage(io: Io, patterns: string[], usage: Usage, quiet: boolean): Promise<Reading> {
  const inputs = await resolveInputs(patterns)
  const intake = new Intake(new Everybody('workloads', new Inventory([])), timeBounds(io.now()))
  const total = inputs.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const progress = progressBar(io, total, quiet)
  const failures: string[] = []
  let before = 0
  for (const input of inputs) {
    const source = new FileSource(input, { stdin: io.stdin })
    try {
      await readSource(source, intake, usage, () =>
        progress.update(before + source.read, `${usage.agents.size} agents seen`),
      )
    } catch (error) {
      failures.push((error as Error).message)
    }
    before += source.read
  }
  progress.stop()
  const unreadable = [...intake.counters.rejected.values()].reduce((sum, count) => sum + count, 0)
  return { failures, unreadable }
}

async function readSource(
  source: FileSource,
  intake: Intake,
  usage: Usage,
  shown: () => void,
): Promise<void> {
  for await (const pieces of source.pieces()) {
    for (const { problem, bytes } of pieces) {
      if (problem) intake.rejectMessage(problem)
      else intake.take(bytes, (row) => usage.take(row))
    }
    shown()
  }
}

/** Times as text, for JSON. */
function plain(review: Review): unknown {
  const isTime = (key: string) => key === 'from' || key === 'to' || key === 'last'
  return JSON.parse(
    JSON.stringify(review, (key, value) =>
      isTime(key) && typeof value === 'number' ? new Date(value).toISOString() : value,
    ),
  )
}

function text({ from, to, agents }: Review, { all }: ReviewFlags, io: Io): string {
  if (from > to) return 'The logs have no rows.'
  const days = Math.ceil((to - from) / DAY)
  const little = days < ENOUGH_DAYS ? `; less than ${ENOUGH_DAYS} days say little of what is unused` : ''
  const unknown = agents.filter(({ known }) => !known).length
  const sections = [
    `${dayOf(from)} to ${dayOf(to)}, ${days} days of logs, ${agents.length} agents${little}`,
    table('Permissions', ['Agent', 'Permission', 'Verdict', 'Last used'], permissionRows(agents, all), io),
    table('Credentials', ['Agent', 'Credential', 'Remarks', 'Last used'], credentialRows(agents, all), io),
    table('Agents', ['Agent', 'Remarks', 'Owner', 'Last seen'], agentRows(agents, all), io),
  ]
  const hint = `The permissions and credentials of ${unknown} agents are not known: agentwarden inventory pull brings them in.`
  return (unknown > 0 ? [...sections, hint] : sections).join('\n\n')
}

function permissionRows(agents: readonly AgentReview[], all: boolean | undefined): string[][] {
  const rows = agents.flatMap((agent) =>
    agent.permissions.map((one) => ({ verdict: one.verdict, cells: permissionCells(agent, one) })),
  )
  const shown = rows.filter(({ verdict }) => all || verdict === 'unused' || verdict === 'only read')
  return shown
    .sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict))
    .map(({ cells }) => cells)
}

function permissionCells(agent: AgentReview, one: AgentReview['permissions'][number]): string[] {
  const { resource, permission, type, verdict, last } = one
  return [nameOf(agent), `${resource} ${permission} (${type})`, verdict, dayOf(last)]
}

function credentialRows(agents: readonly AgentReview[], all: boolean | undefined): string[][] {
  return agents.flatMap((agent) =>
    agent.credentials
      .filter(({ remarks }) => all || remarks.some((one) => one !== 'cannot be told'))
      .map((one) => [nameOf(agent), credentialText(one), one.remarks.join(', '), dayOf(one.last)]),
  )
}

function agentRows(agents: readonly AgentReview[], all: boolean | undefined): string[][] {
  return agents
    .filter(({ remarks }) => all || remarks.length > 0)
    .map((agent) => ({ agent, remarks: [...agent.remarks, ...(all ? agent.ungranted.map(ungranted) : [])] }))
    .map(({ agent, remarks }) => [nameOf(agent), remarks.join('\n'), agent.owner ?? '', dayOf(agent.last)])
}

/** Which may be as it should: roles of Azure are no permissions of Entra. */
const ungranted = (resource: string) => `uses ${resource}, no permission listed`

function nameOf({ name, id }: AgentReview): string {
  return name ?? id
}

function dayOf(time: number | undefined): string {
  return time === undefined ? 'never' : new Date(time).toISOString().slice(0, 10)
}

/** Widths of the borders, and of the last two columns, in characters. */
const FIXED = { borders: 13, third: 24, last: 12 }

function table(title: string, head: string[], rows: readonly string[][], io: Io): string {
  if (rows.length === 0) return `${title}: nothing to remark on.`
  const rest = Math.max(100, io.columns ?? 120) - FIXED.borders - FIXED.third - FIXED.last
  const [first, second] = [Math.floor(rest * 0.35), Math.ceil(rest * 0.65)]
  const drawn = new Table({
    head,
    colWidths: [first, second, FIXED.third, FIXED.last],
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const row of rows)
    drawn.push(
      row.map((cell) =>
        cell
          .split('\n')
          .map((line) => sanitise(line))
          .join('\n'),
      ),
    )
  return `${title}\n${drawn.toString()}`
}
