import { Backfill, type BackfillSetting } from '../../src/backfill/backfill.js'
import { LATE_HOURS } from '../../src/baselines/window.js'
import type { Detection } from '../../src/detections/detection.js'
import { readTableRows, TableRows } from '../../src/parity/table-rows.js'
import { HOUR_MS } from '../../src/records/time.js'
import type { PieceSource } from '../../src/replay/merge.js'
import { Replay, type ReplayOptions } from '../../src/replay/replay.js'
import { fullName, type SavedAgent, savedAgent } from '../../src/scoring/saved-agent.js'
import type { Scorer } from '../../src/scoring/scorer.js'
import { tables } from '../../src/tables/index.js'
import { type Period, Workspace } from '../../src/workspace/client.js'
import { NOTHING_KEPT } from '../../src/workspace/slices.js'
import { credential, type LogAnalytics, run as runQuery, WORKSPACE } from '../support/log-analytics.js'
import { NOW } from '../support/now.js'
import { type SimulatedRecord, simulatedRecords } from '../support/simulated.js'

/** Thirteen days of which the simulator made logs, and of some days after. */
export const TO = Date.UTC(2026, 9, 19)
export const PERIOD: Period = { from: TO - 312 * HOUR_MS, to: TO }

/** What happened within a period, in the order in which it came. */
export function recordsOf({ from, to }: Period): SimulatedRecord[] {
  return simulatedRecords().filter(({ time }) => time >= from && time < to)
}

/** Records as a source that can be read again. */
export function sourceOf(records: readonly SimulatedRecord[]): PieceSource {
  return {
    name: 'simulated',
    async *pieces() {
      const bytes = records.map(({ text }) => Buffer.from(text))
      yield bytes.map((one, index) => ({ bytes: one, line: index + 1, offset: 0, length: one.length }))
    },
  }
}

/** Puts records into the tables of a workspace. */
export async function fill(server: LogAnalytics, records: readonly SimulatedRecord[]): Promise<void> {
  server.tables = await tablesOf(sourceOf(records), NOW)
  server.now = NOW
}

/** Logs as the tables of a workspace hold them. */
export async function tablesOf(source: PieceSource, now: number): Promise<LogAnalytics['tables']> {
  const rows = new TableRows(
    undefined,
    tables.map(({ name }) => name),
  )
  await readTableRows([source], rows, now)
  return rows.tables()
}

/** The evaluator by itself in the place of a workspace, for many small logs. */
function evaluator(logs: LogAnalytics['tables'], now: number): Pick<Workspace, 'query'> {
  return {
    query: async (query, { from, to }) => {
      const span = [from, to].map((time) => new Date(time).toISOString()).join('/')
      const { columns, rows } = runQuery({ tables: logs, now }, query, span)
      const isTime = columns.map(({ type }) => type === 'datetime')
      return {
        columns: columns.map(({ name }) => name),
        rows: rows.map((row) => row.map((value, at) => (isTime[at] ? Date.parse(String(value)) : value))),
      }
    },
  }
}

/** A client of the server. */
export function connect({ endpoint, ca }: LogAnalytics): Workspace {
  return new Workspace({ id: WORKSPACE, credential, endpoint, ca, now: () => NOW, firstPause: 1 })
}

/** A backfill of a server's rows. */
export async function backfilled(server: LogAnalytics, setting: BackfillSetting): Promise<Backfill> {
  const backfill = new Backfill(setting)
  await run(backfill, connect(server), NOW)
  return backfill
}

/** A backfill of logs by the evaluator itself. @param now - milliseconds since 1970 */
export async function evaluated(
  source: PieceSource,
  setting: BackfillSetting,
  now: number,
): Promise<Backfill> {
  const backfill = new Backfill(setting)
  const workspace = evaluator(await tablesOf(source, now), now)
  await run(backfill, workspace, now)
  return backfill
}

async function run(backfill: Backfill, workspace: Pick<Workspace, 'query'>, until: number): Promise<void> {
  const { signal } = new AbortController()
  await backfill.run({ workspace, kept: NOTHING_KEPT, signal, until }, () => {})
}

/** A replay of logs, to its end. */
export async function replayed(
  source: PieceSource,
  detections: readonly Detection[],
  options: Partial<ReplayOptions> = {},
): Promise<Replay> {
  const replay = new Replay({ detections, now: NOW, ...options }, { alerts: () => {}, deadLetter: () => {} })
  await replay.read([source])
  await replay.finish()
  return replay
}

/** All that a scorer knows of its agents, by what it is called. */
export function memoryOf(scorer: Scorer): Record<string, Omit<SavedAgent, 'memory'> & { memory: object }> {
  const agents = Array.from(scorer.agents(), (agent) => {
    const { memory, ...rest } = savedAgent(agent, scorer.remembered(), fullName)
    const things: Record<string, unknown> = {}
    for (let at = 0; at < memory.length; at += 2) things[memory[at] as string] = memory[at + 1]
    return [`${agent.tenantId} ${agent.id}`, { ...rest, memory: things }] as const
  })
  return Object.fromEntries(agents)
}

type Memory = ReturnType<typeof memoryOf>

/**
 * What a backfill can know of it, and what matters: not how many rows there were, nor which alerts the replay raised, nor
 * which findings wait for a companion that may come late, since nothing was judged; nor the order of companions of one
 * instant, nor those that lie too far back to be anybody's. An agent's companions are left out where that is all there is
 * of them, and since when and until when it is known where it is known only as the application of others: findings wait
 * there too.
 * @param to - the end of the backfill, in milliseconds since 1970
 */
export function knowable(memory: Memory, to: number): Memory {
  const agents = Object.entries(memory).map(([key, { memory: things, rows: _, first, newest, ...agent }]) => {
    const all = Object.entries(things)
      .filter(([name]) => name !== 'AgentAlerts all alert hours')
      .map(([name, thing]) => [name, companions(name, thing, to)] as const)
    const kept = all.filter(([, thing]) => thing !== undefined)
    const isOwn = kept.some(([name]) => named(name) === undefined)
    if (kept.length === 0) return [key, undefined]
    const seen = isOwn ? { first, newest } : { first: 0, newest: 0 }
    return [key, { ...agent, ...seen, memory: Object.fromEntries(kept) }]
  })
  return Object.fromEntries(agents.filter(([, agent]) => agent !== undefined)) as Memory
}

interface Companions {
  /** Rows one after the other: the key, the time, then what is compared and what is shown. */
  readonly rows: readonly unknown[]
  readonly waiting: unknown
  readonly newest: number
}

interface Named {
  /** How far back they may lie, in hours. */
  readonly within: number
  readonly differs: readonly unknown[]
  readonly shown: readonly unknown[]
}

/** The companions of this name; nothing if it is the name of something else. */
function named(name: string): Named | undefined {
  const [, text] = /companions (\{"within":.*)$/.exec(name) ?? []
  return text === undefined ? undefined : (JSON.parse(text) as Named)
}

function companions(name: string, thing: unknown, to: number): unknown {
  const is = named(name)
  if (is === undefined) return thing
  const { rows, newest } = thing as Companions
  const width = 2 + is.differs.length + is.shown.length
  const oldest = to - (is.within + LATE_HOURS) * HOUR_MS
  const each = Array.from({ length: rows.length / width }, (_, at) =>
    rows.slice(at * width, (at + 1) * width),
  )
  const kept = each.filter(([, time]) => (time as number) >= oldest).map((row) => JSON.stringify(row))
  return kept.length === 0 ? undefined : { newest, rows: kept.sort() }
}
