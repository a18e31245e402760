import type { RowStream, StreamPosition } from '../replay/stream.js'
import { agentOf, type SavedAgent, savedAgent, shortName } from '../scoring/saved-agent.js'
import type { ScorerPosition } from '../scoring/scorer.js'
import type { Batch } from '../state/batch.js'
import { StateDamaged } from '../state/errors.js'
import * as keys from '../state/keys.js'
import type { StateStore } from '../state/store.js'
import type { ViewRow } from '../views/view.js'
import type { AlertFeed, AlertNews, SavedAlert } from './alert-feed.js'
import type { AlertPolicy } from './alert-policy.js'
import type { DurableOutbox } from './durable-outbox.js'
import type { Partition, PartitionQueues } from './queues.js'
import type { Slices } from './slices.js'

/** Ids or rows in one record: few enough that it is serialised in a few milliseconds. */
const PART = 2_000

/** Everything that is saved. */
export interface SavedParts {
  readonly stream: RowStream
  readonly feed: AlertFeed
  readonly queues: PartitionQueues
  readonly outbox: DurableOutbox
  readonly policy: AlertPolicy
}

/** How far all has got. */
interface Head {
  readonly stream: StreamPosition
  readonly scorer: ScorerPosition
  /** Sequence number of the newest entry that ever was in the outbox. */
  readonly outbox: number
}

interface SavedPosition {
  readonly source: string
  readonly partition: string
  readonly position: string
  readonly enqueued: number
}

/** What a save has to write that its parts don't say. */
export interface SaveWork {
  readonly news: AlertNews
  /** Sequence number of the newest entry of the outbox after this save. */
  readonly newest: number
}

/** Takes up one record of a saved state. @throws StateDamaged if it is none. */
export function loadRecord(key: string, value: unknown, parts: SavedParts): void {
  try {
    load(key, value, parts)
  } catch (cause) {
    throw new StateDamaged(`the record ${key} of the state is none`, { cause })
  }
}

function load(key: string, value: unknown, { stream, feed, queues, outbox, policy }: SavedParts): void {
  const { scorer, seen } = stream
  if (key === keys.HEAD) resume(value as Head, stream, outbox)
  else if (key === keys.POLICY) policy.load(value)
  else if (key.startsWith(keys.AGENTS))
    scorer.restore(agentOf(value as SavedAgent, scorer.remembered(), shortName))
  else if (key.startsWith(keys.ALERTS)) loadAlert(value as SavedAlert, stream, feed)
  else if (key.startsWith(keys.POSITIONS)) loadPosition(value as SavedPosition, queues)
  else if (key.startsWith(keys.WAITING)) for (const row of value as ViewRow[]) stream.place(row)
  else if (key.startsWith(keys.SEEN)) {
    const { table, hour, ids } = value as { table: string; hour: number; ids: string[] }
    for (const id of ids) seen.add(table, id, hour)
  } else outbox.load(key, value)
}

function resume(head: Head, stream: RowStream, outbox: DurableOutbox): void {
  stream.resume(head.stream)
  stream.scorer.resume(head.scorer)
  outbox.resume(head.outbox)
}

function loadAlert(saved: SavedAlert, stream: RowStream, feed: AlertFeed): void {
  stream.scorer.book.restore(saved.key, saved.hour, saved.alert)
  feed.load(saved)
}

function loadPosition(
  { source, partition, position, enqueued }: SavedPosition,
  queues: PartitionQueues,
): void {
  Object.assign(queues.of(source, partition), { position, enqueued })
}

/**
 * Puts into a batch all that has changed since the last save, in slices: nothing of it may change meanwhile. Agents
 * are most of it, 20 to 200 us each.
 */
export async function writeChanges(
  batch: Batch,
  store: StateStore,
  parts: SavedParts,
  work: SaveWork,
  slices: Slices,
): Promise<void> {
  for (const write of changes(batch, store, parts, work)) {
    write()
    if (slices.over) await slices.pause()
  }
}

/** Puts into a batch what a stream remembers of the past, for a state in which there is nothing yet. */
export function writeMemory(batch: Batch, stream: RowStream): void {
  batch.put(keys.HEAD, headOf(stream, 0))
  for (const write of agentChanges(batch, stream)) write()
}

function* changes(batch: Batch, store: StateStore, parts: SavedParts, work: SaveWork): Iterable<() => void> {
  const { stream, queues } = parts
  yield () => batch.put(keys.HEAD, headOf(stream, work.newest))
  for (const partition of queues.all) yield () => writePosition(batch, partition)
  for (const id of work.news.removed) yield () => batch.delete(keys.alertKey(id))
  for (const open of work.news.open) yield () => batch.put(keys.alertKey(open.alert.id), open)
  yield* agentChanges(batch, stream)
  yield* seenChanges(batch, store, stream)
  yield* waitingChanges(batch, store, stream)
}

function headOf(stream: RowStream, outbox: number): Head {
  return { stream: stream.position, scorer: stream.scorer.position, outbox }
}

function writePosition(batch: Batch, { source, name, position, enqueued }: Partition): void {
  if (position === undefined) return
  batch.put(keys.positionKey(source, name), { source, partition: name, position, enqueued })
}

function* agentChanges(batch: Batch, { scorer }: RowStream): Iterable<() => void> {
  const { forgotten, changed } = scorer.takeChanges()
  const remembered = scorer.remembered()
  for (const agent of forgotten) yield () => batch.delete(keys.agentKey(agent))
  for (const agent of changed)
    yield () => batch.put(keys.agentKey(agent), savedAgent(agent, remembered, shortName))
}

function* seenChanges(batch: Batch, store: StateStore, { seen }: RowStream): Iterable<() => void> {
  const { forgotten, added } = seen.takeChanges()
  yield () => removeHours(batch, store, keys.SEEN, forgotten)
  for (const [hour, tables] of added) {
    let part = 0
    for (const [table, all] of tables)
      for (const ids of parted(all))
        yield () => batch.put(keys.partKey(keys.SEEN, hour, store.saves + 1, part++), { table, hour, ids })
  }
}

function* waitingChanges(batch: Batch, store: StateStore, { reorder }: RowStream): Iterable<() => void> {
  const { released, added } = reorder.takeChanges()
  yield () => removeHours(batch, store, keys.WAITING, released)
  for (const [hour, all] of added) {
    let part = 0
    for (const rows of parted(all))
      yield () => batch.put(keys.partKey(keys.WAITING, hour, store.saves + 1, part++), rows)
  }
}

function removeHours(
  batch: Batch,
  store: StateStore,
  of: typeof keys.SEEN | typeof keys.WAITING,
  hours: ReadonlySet<number>,
): void {
  if (hours.size === 0) return
  for (const key of store.keys(of)) if (hours.has(keys.hourOfPart(key))) batch.delete(key)
}

function* parted<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < items.length; from += PART) yield items.slice(from, from + PART)
}
