import type { StateStore } from '../state/store.js'
import { boundsMet } from './bounds-watch.js'
import type { DurableOutbox } from './durable-outbox.js'
import type { Pipeline } from './pipeline.js'
import type { Partition, PartitionQueues } from './queues.js'
import type { SaveCycle } from './save-cycle.js'
import type { EngineStatus, PartitionStatus, RowStatus, StateStatus } from './status.js'

/** Whether a source's broker can be reached. */
export interface Connection {
  readonly up: boolean
  readonly detail: string
}

/** What the status is taken from. */
export interface StatusParts {
  readonly pipeline: Pipeline
  readonly queues: PartitionQueues
  readonly outbox: DurableOutbox
  readonly store: StateStore
  readonly cycle: SaveCycle
  readonly connections: ReadonlyMap<string, Connection>
  readonly stateBytes: number
  readonly waitingFor: EngineStatus['waitingFor']
  readonly now: number
}

/** The status of an engine. */
export function statusOf(parts: StatusParts): EngineStatus {
  const { pipeline, queues, outbox, waitingFor, now } = parts
  const { counters } = pipeline.intake
  const { scorer } = pipeline.stream
  return {
    ready: waitingFor === undefined,
    waitingFor,
    messages: counters.messages,
    records: counters.byCategory,
    unknown: counters.unknown,
    deadLetters: counters.rejected,
    rows: rowsOf(pipeline),
    agents: scorer.agentCount,
    texts: scorer.stores.texts.size,
    openAlerts: scorer.book.size,
    learning: scorer.counters.learning,
    bounds: boundsMet(pipeline.stream),
    partitions: Array.from(queues.all, (partition) => partitionOf(partition, now)),
    connections: parts.connections,
    queueBytes: queues.bytes,
    outbox: { entries: outbox.length, bytes: outbox.bytes, newest: outbox.newest },
    state: stateOf(parts),
  }
}

function rowsOf({ stream, otherTenants }: Pipeline): RowStatus {
  const { rows, duplicates, reordered, late } = stream.counters
  const { tooLate, backfilled, beyondAgents } = stream.scorer.counters
  const { waiting } = stream.reorder
  return { rows, duplicates, reordered, late, tooLate, backfilled, beyondAgents, otherTenants, waiting }
}

function partitionOf(partition: Partition, now: number): PartitionStatus {
  const { source, name, assigned, messages, position, bytes } = partition
  const waiting = partition.waiting.length - partition.next
  const behind = partition.behind === undefined ? undefined : partition.behind + waiting
  const since = partition.enqueued ?? partition.waiting[partition.next]?.enqueued
  const seconds = since === undefined ? undefined : Math.max(0, (now - since) / 1_000)
  const behindSeconds = behind === 0 ? 0 : seconds
  return { source, partition: name, assigned, messages, position, behind, behindSeconds, queuedBytes: bytes }
}

function stateOf({ store, cycle, stateBytes }: StatusParts): StateStatus {
  const { savedAt, seconds, blocked, bytes } = cycle.last
  const { failures, failure } = cycle.saver
  return {
    bytes: stateBytes,
    records: store.records,
    saves: store.saves,
    failures,
    failure,
    savedAt,
    seconds,
    blocked,
    savedBytes: bytes,
  }
}
