import type { Batch } from '../state/batch.js'
import { OUTBOX, outboxKey, SINKS, sinkKey } from '../state/keys.js'
import type { StateStore } from '../state/store.js'
import type { Outbox, OutboxEntry } from './outbox.js'
import type { OutgoingAlert } from './sink.js'

/** Bounds on the alerts that are not yet delivered to every sink; when one is reached, no more is read. */
export interface OutboxLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

export const DEFAULT_OUTBOX: OutboxLimits = { maxEntries: 200_000, maxBytes: 512 * 1024 * 1024 }

/** Sorts after every entry. */
const END = outboxKey(Number.MAX_SAFE_INTEGER)

/** An outbox in the state store. Filled and emptied by the saves only, so that it always agrees with the state. */
export class DurableOutbox implements Outbox {
  readonly #store: StateStore
  readonly #limits: OutboxLimits
  readonly #onMoved: () => void
  readonly #sinks: ReadonlySet<string>
  readonly #listeners = new Set<() => void>()
  /** Bytes of every entry that some sink still needs, oldest first. */
  readonly #sizes = new Map<number, number>()
  /** How far each sink has got: at the last save, and now. */
  readonly #saved = new Map<string, number>()
  readonly #cursors = new Map<string, number>()
  #bytes = 0
  /** Sequence number of the newest entry on disk, and of the newest one at all. */
  #newest = 0
  #last = 0
  #moved = false
  /** Reads that wait for the disk. */
  readonly #waiting: (() => void)[] = []
  #closed = false
  /** The cursors that the save under way writes. */
  #writing: ReadonlyMap<string, number> = new Map()

  /** `onMoved` is called when a sink has got further. */
  constructor(store: StateStore, sinks: readonly string[], limits: OutboxLimits, onMoved: () => void) {
    this.#store = store
    this.#onMoved = onMoved
    this.#sinks = new Set(sinks)
    this.#limits = limits
  }

  get newest(): number {
    return this.#newest
  }

  /** Entries that some sink still needs, and their bytes. */
  get length(): number {
    return this.#sizes.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether no more alerts should come; `more` of them are on their way. */
  isFull(more: number): boolean {
    return this.#sizes.size + more >= this.#limits.maxEntries || this.#bytes >= this.#limits.maxBytes
  }

  /** Whether a sink has got further since the last save. */
  get moved(): boolean {
    return this.#moved
  }

  /** While the disk can't be used it waits; once all is closed there is nothing. */
  async read(after: number, most: number): Promise<readonly OutboxEntry[]> {
    while (!this.#closed) {
      try {
        return (await this.#store.range(outboxKey(after), END, most)) as OutboxEntry[]
      } catch (error) {
        if (this.#store.usable) throw error
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    }
    return []
  }

  /** Ends all that is being read. */
  close(): void {
    this.#closed = true
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  delivered(sink: string): number {
    return Math.max(this.#saved.get(sink) ?? 0, this.#gone())
  }

  advance(sink: string, sequence: number): void {
    if (!this.#sinks.has(sink) || sequence <= (this.#cursors.get(sink) ?? 0)) return
    this.#cursors.set(sink, sequence)
    this.#moved = true
    this.#onMoved()
  }

  onNew(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Takes up a record of the state; to be called before anything else. */
  load(key: string, value: unknown): void {
    if (key.startsWith(OUTBOX)) {
      const { sequence, alert } = value as OutboxEntry
      this.#note(sequence, JSON.stringify(alert).length)
    }
    if (!key.startsWith(SINKS)) return
    const { sink, sequence } = value as { sink: string; sequence: number }
    this.#saved.set(sink, sequence)
    this.#cursors.set(sink, sequence)
  }

  /** Forgets all that was loaded. */
  reset(): void {
    this.#sizes.clear()
    this.#saved.clear()
    this.#cursors.clear()
    this.#bytes = 0
    this.resume(0)
  }

  /** Says up to which sequence number entries were ever written. */
  resume(newest: number): void {
    this.#newest = newest
    this.#last = newest
  }

  /**
   * Enters what a save changes: new alerts, how far the sinks are, and the removal of what none of them needs any
   * more. Returns the newest sequence number, and whether anything is removed.
   */
  write(batch: Batch, alerts: readonly OutgoingAlert[]): { newest: number; removes: boolean } {
    for (const alert of alerts) {
      const sequence = ++this.#last
      batch.put(outboxKey(sequence), { sequence, alert } satisfies OutboxEntry)
      this.#note(sequence, JSON.stringify(alert).length)
    }
    this.#moved = false
    this.#writing = new Map(this.#cursors)
    for (const sink of this.#saved.keys()) if (!this.#sinks.has(sink)) this.#drop(batch, sink)
    for (const [sink, sequence] of this.#cursors) batch.put(sinkKey(sink), { sink, sequence })
    return { newest: this.#last, removes: this.#removeDelivered(batch) }
  }

  /** To be called when the batch is on disk. */
  written(newest: number): void {
    for (const [sink, sequence] of this.#writing) this.#saved.set(sink, sequence)
    for (const resolve of this.#waiting.splice(0)) resolve()
    const news = newest > this.#newest
    this.#newest = newest
    if (news) for (const listener of this.#listeners) listener()
  }

  #drop(batch: Batch, sink: string): void {
    batch.delete(sinkKey(sink))
    this.#cursors.delete(sink)
    this.#saved.delete(sink)
  }

  #removeDelivered(batch: Batch): boolean {
    const all = Math.min(...Array.from(this.#sinks, (sink) => this.#cursors.get(sink) ?? 0), this.#last)
    let removes = false
    for (const [sequence, bytes] of this.#sizes) {
      if (sequence > all) break
      batch.delete(outboxKey(sequence))
      this.#sizes.delete(sequence)
      this.#bytes -= bytes
      removes = true
    }
    return removes
  }

  #note(sequence: number, bytes: number): void {
    this.#sizes.set(sequence, bytes)
    this.#bytes += bytes
  }

  /** Sequence number of the last entry that is gone. */
  #gone(): number {
    const [oldest] = this.#sizes.keys()
    return oldest === undefined ? this.#newest : oldest - 1
  }
}
