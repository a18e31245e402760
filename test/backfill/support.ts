import { Backfill, type BackfillSetting } from '../../src/backfill/backfill.js'
import type { Detection } from '../../src/detections/detection.js'
import { readTableRows, TableRows } from '../../src/parity/table-rows.js'
import { HOUR_MS } from '../../src/records/time.js'
import type { PieceSource } from '../../src/replay/merge.js'
import { Replay, type ReplayOptions } from '../../src/replay/replay.js'
import { fullName, type SavedAgent, savedAgent } from '../../src/scoring/saved-agent.js'
import type { Scorer } from '../../src/scoring/scorer.js'
import { tables } from '../../src/tables/index.js'
import { type Period, Workspace } from '../../src/workspace/client.js'
import { credential, type LogAnalytics, run, WORKSPACE } from '../support/log-analytics.js'
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
export function evaluator(logs: LogAnalytics['tables'], now: number): Pick<Workspace, 'query'> {
  return {
    query: async (query, { from, to }) => {
      const span = [from, to].map((time) => new Date(time).toISOString()).join('/')
      const { columns, rows } = run({ tables: logs, now }, query, span)
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
  const signal = new AbortController().signal
  const kept = { get: () => undefined, put: async () => {} }
  await backfill.run({ workspace: connect(server), kept, signal, until: NOW }, () => {})
  return backfill
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
 * What a workspace can tell of it: not which findings wait for a companion that may come late, since nothing was judged,
 * nor the order of companions of one instant. An agent's companions are left out where that is all there is of them.
 * @param agentIds - ids of agents that have rows of their own; others are known as the application of one, and findings
 * that wait are looked for there too
 */
export function knowable(memory: Memory, agentIds?: ReadonlySet<string>): Memory {
  const agents = Object.entries(memory).map(([key, { memory: things, newest, ...agent }]) => {
    const all = Object.entries(things).map(([name, thing]) => [name, companions(thing)] as const)
    const kept = Object.fromEntries(all.filter(([, thing]) => thing !== undefined))
    const isOwn = agentIds === undefined || agentIds.has(agent.id)
    if (!isOwn && Object.keys(kept).length === 0) return [key, undefined]
    return [key, { ...agent, newest: isOwn ? newest : 0, memory: kept }]
  })
  return Object.fromEntries(agents.filter(([, agent]) => agent !== undefined)) as Memory
}

interface Companions {
  readonly rows: readonly (readonly [key: string, rows: readonly object[]])[]
  readonly waiting: unknown
  readonly newest: number
}

function companions(thing: unknown): unknown {
  if (typeof thing !== 'object' || thing === null || !('waiting' in thing)) return thing
  const { waiting: _, rows, newest } = thing as Companions
  if (newest === 0) return undefined
  const sorted = rows.map(([key, same]) => [key, same.map((row) => JSON.stringify(row)).sort()] as const)
  return { newest, rows: Object.fromEntries(sorted) }
}
