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
import { credential, type LogAnalytics, WORKSPACE } from '../support/log-analytics.js'
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
  const rows = new TableRows(
    undefined,
    tables.map(({ name }) => name),
  )
  await readTableRows([sourceOf(records)], rows, NOW)
  server.tables = rows.tables()
  server.now = NOW
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

/** A replay of records, to its end. */
export async function replayed(
  records: readonly SimulatedRecord[],
  detections: readonly Detection[],
  options: Partial<ReplayOptions> = {},
): Promise<Replay> {
  const replay = new Replay({ detections, now: NOW, ...options }, { alerts: () => {}, deadLetter: () => {} })
  await replay.read([sourceOf(records)])
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
 * What a workspace can tell of it: not which findings wait for a companion that may come late, since nothing was judged.
 * An agent's companions are left out where that is all there is of them.
 */
export function knowable(memory: Memory): Memory {
  const agents = Object.entries(memory).map(([key, { memory: things, ...agent }]) => {
    const kept = Object.entries(things).map(([name, thing]) => [name, withoutWaiting(thing)] as const)
    return [key, { ...agent, memory: Object.fromEntries(kept.filter(([, thing]) => thing !== undefined)) }]
  })
  return Object.fromEntries(agents) as Memory
}

function withoutWaiting(thing: unknown): unknown {
  if (typeof thing !== 'object' || thing === null || !('waiting' in thing)) return thing
  const { waiting: _, ...rest } = thing as { waiting: unknown; newest: number }
  return rest.newest === 0 ? undefined : rest
}
