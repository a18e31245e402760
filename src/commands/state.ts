import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { StateDamaged } from '../state/errors.js'
import { type Overview, overviewOf } from '../state/overview.js'
import { StateStore } from '../state/store.js'
import { type Io, print, UsageError, write } from './io.js'

/** More positions than a person reads; files have one each. */
const MOST_POSITIONS = 32

interface StateFlags {
  readonly state: string
  readonly json?: boolean
}

const AFTER = `
The state can't be looked at while a daemon uses it. Exit code: 0 done, 1 damaged or in use, 2 wrong usage.`

/** `agentwarden state`: look at what the daemon has on disk. */
export function stateCommand(io: Io, exit: (code: number) => void): Command {
  const command = new Command('state')
    .description("look at the daemon's state, check it, or write it out")
    .addHelpText('after', AFTER)
  const add = (name: string, description: string) =>
    command.command(name).description(description).option('--state <dir>', 'where it is', 'state')
  add('inspect', 'what the state holds, and how far the sources are read')
    .option('--json', 'as JSON')
    .action(async (flags: StateFlags) => inspect(io, flags))
  add('export', 'every record, as lines of {"key":…,"value":…}').action(async (flags: StateFlags) =>
    exportAll(io, flags),
  )
  add('verify', 'check every record; says what is damaged')
    .option('--json', 'as JSON')
    .action(async (flags: StateFlags) => exit(await verify(io, flags)))
  return command
}

async function inspect(io: Io, flags: StateFlags): Promise<void> {
  const store = storeIn(flags)
  const overview = await overviewOf(store)
  await store.close()
  await print(io.stdout, flags.json ? JSON.stringify(overview, undefined, 2) : overviewText(overview))
}

async function exportAll(io: Io, flags: StateFlags): Promise<void> {
  const store = storeIn(flags)
  await store.open((key, value) => write(io.stdout, `${JSON.stringify({ key, value })}\n`))
  await store.close()
}

async function verify(io: Io, flags: StateFlags): Promise<number> {
  const store = storeIn(flags)
  try {
    await store.open()
    const { saves, records } = store
    await store.close()
    const text = flags.json ? JSON.stringify({ ok: true, saves, records }) : `${records} records are whole`
    await print(io.stdout, text)
    return 0
  } catch (error) {
    if (!(error instanceof StateDamaged)) throw error
    const text = flags.json ? JSON.stringify({ ok: false, problem: error.message }) : error.message
    await print(io.stdout, text)
    return 1
  }
}

/** Nothing is made where there is no state. */
function storeIn({ state }: StateFlags): StateStore {
  if (!existsSync(join(state, 'current'))) throw new UsageError(`there is no state in ${state}`)
  return new StateStore(state)
}

function overviewText({ agents, positions, sinks, ...all }: Overview): string {
  const lines = [
    `Save ${number(all.saves)}, layout ${all.schema}, ${number(all.bytes)} bytes`,
    `Newest event: ${all.newestEvent ?? 'none yet'}`,
    ...(all.backfilledTo === undefined ? [] : [`Backfilled up to: ${all.backfilledTo}`]),
    `Agents: ${number(Object.values(agents).reduce((sum, count) => sum + count, 0))}`,
    ...Object.entries(agents).map(([tenant, count]) => `  ${tenant}  ${number(count)}`),
    `Open alerts: ${number(all.openAlerts)}; to be delivered: ${number(all.outbox)}`,
    `Known events: ${number(all.knownEvents)}; rows that wait: ${number(all.waitingRows)}`,
    'Read up to:',
    ...positionLines(positions),
    'Delivered up to:',
    ...Object.entries(sinks).map(([sink, sequence]) => `  ${sink}  ${number(sequence)}`),
  ]
  return lines.join('\n')
}

/** The positions that are oldest, which is what tells of a partition that hangs. */
function positionLines(positions: Overview['positions']): string[] {
  const oldest = [...positions].sort((a, b) => (a.enqueued < b.enqueued ? -1 : 1)).slice(0, MOST_POSITIONS)
  const lines = oldest.map((one) => `  ${one.source}  ${one.partition}  ${one.position}  ${one.enqueued}`)
  const more = positions.length - oldest.length
  return more > 0 ? [...lines, `  … and ${number(more)} that are newer: --json names them`] : lines
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
