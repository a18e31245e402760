import { inspect, isDeepStrictEqual } from 'node:util'
import type { Alert } from '../../src/alerts/alert.js'
import { AlertFeed } from '../../src/daemon/alert-feed.js'
import { NO_POLICY } from '../../src/daemon/alert-policy.js'
import { DEFAULT_OUTBOX, DurableOutbox } from '../../src/daemon/durable-outbox.js'
import type { OutboxEntry } from '../../src/daemon/outbox.js'
import { Pipeline } from '../../src/daemon/pipeline.js'
import { DEFAULT_QUEUES, PartitionQueues } from '../../src/daemon/queues.js'
import { loadRecord } from '../../src/daemon/saved-state.js'
import type { Detection } from '../../src/detections/detection.js'
import { Replay } from '../../src/replay/replay.js'
import type { RowStream, StreamOptions } from '../../src/replay/stream.js'
import { fullName, type SavedAgent, savedAgent } from '../../src/scoring/saved-agent.js'
import { OUTBOX } from '../../src/state/keys.js'
import { StateStore } from '../../src/state/store.js'
import { Letters, SELECTOR } from './daemon.js'
import { NOW } from './now.js'

/** What came of a run, however often it was interrupted. */
export interface Result {
  /** Every agent as it is remembered, by tenant and id. */
  readonly agents: ReadonlyMap<string, SavedAgent>
  /** Ids of all alerts, in the order of the alphabet. */
  readonly alerts: readonly string[]
  /** By id, how many rows each alert counts in the end, and what it says. */
  readonly final: ReadonlyMap<string, string>
}

/** What is put in: messages in the order in which the broker took them in. */
export interface Input {
  readonly detections: readonly Detection[]
  readonly messages: Iterable<string>
  readonly stream: Partial<StreamOptions>
}

/** What must come of these messages: a plain replay of them, without state, crashes or partitions. */
export async function expected({ detections, messages, stream }: Input): Promise<Result> {
  const alerts: Alert[] = []
  const replay = new Replay(
    { detections, now: NOW, stream },
    { alerts: (found) => void alerts.push(...found), deadLetter: () => {} },
  )
  await replay.read([{ name: 'all', pieces: () => pieces(messages) }])
  await replay.finish()
  return resultOf(replay.stream, alerts)
}

/**
 * What did come: the state as it is on disk, loaded as the daemon loads it, with the rows that still wait scored; and
 * the alerts that were delivered, with what those that were open came to. The state must not be in use.
 */
export async function actual(
  directory: string,
  { detections, stream }: Input,
  wire: readonly Alert[],
): Promise<Result & { readonly seen: number }> {
  const feed = new AlertFeed()
  const now = () => NOW
  const deadLetters = new Letters()
  const pipeline = new Pipeline({ detections, selector: SELECTOR, stream, deadLetters, feed, now })
  const store = new StateStore(directory)
  const queues = new PartitionQueues(DEFAULT_QUEUES, now)
  const outbox = new DurableOutbox(store, ['wire'], DEFAULT_OUTBOX, () => {})
  const parts = { stream: pipeline.stream, feed, queues, outbox, policy: NO_POLICY }
  const undelivered: Alert[] = []
  await store.open((key, value) => {
    loadRecord(key, value, parts)
    if (key.startsWith(OUTBOX)) undelivered.push((value as OutboxEntry).alert)
  })
  await store.close()
  const rest = pipeline.stream.finish()
  return { ...resultOf(pipeline.stream, [...wire, ...undelivered, ...rest]), seen: pipeline.stream.seen.size }
}

/** The first few differences between two results, in words; none if they are equal. */
export function differences(got: Result, wanted: Result): string[] {
  return [
    ...mapDifferences('agent', got.agents, wanted.agents),
    ...mapDifferences('alert', got.final, wanted.final),
  ].slice(0, 5)
}

function mapDifferences(
  what: string,
  got: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
): string[] {
  const keys = new Set([...wanted.keys(), ...got.keys()])
  return [...keys]
    .filter((key) => !isDeepStrictEqual(got.get(key), wanted.get(key)))
    .map((key) => `${what} ${key}: ${firstDifference(said(got.get(key)), said(wanted.get(key)))}`)
}

/** In full, and what is undefined too. */
function said(value: unknown): string {
  return inspect(value, { depth: null, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: null })
}

function firstDifference(got: string, wanted: string): string {
  let at = 0
  while (at < got.length && got[at] === wanted[at]) at++
  const part = (text: string) => text.slice(Math.max(0, at - 60), at + 60)
  return `got …${part(got)}…, wanted …${part(wanted)}…`
}

function resultOf({ scorer }: RowStream, alerts: readonly Alert[]): Result {
  const remembered = scorer.remembered()
  const agents = Array.from(scorer.agents(), (agent) => savedAgent(agent, remembered, fullName))
  return {
    agents: new Map(agents.map((agent) => [JSON.stringify([agent.tenantId, agent.id]), agent] as const)),
    alerts: [...new Set(alerts.map(({ id }) => id))].sort(),
    final: new Map(alerts.map(({ id, count, reason }) => [id, `${count} ${reason}`] as const)),
  }
}

async function* pieces(messages: Iterable<string>) {
  let offset = 0
  let line = 0
  for (const text of messages) {
    const bytes = Buffer.from(text)
    yield [{ bytes, line: ++line, offset, length: bytes.length }]
    offset += bytes.length
  }
}
