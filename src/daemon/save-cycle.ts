import { Batch } from '../state/batch.js'
import { POLICY } from '../state/keys.js'
import type { StateStore } from '../state/store.js'
import type { AlertPolicy } from './alert-policy.js'
import { markBacklog } from './backlog.js'
import { BoundsWatch } from './bounds-watch.js'
import type { DeadLetters } from './dead-letter-file.js'
import type { DurableOutbox } from './durable-outbox.js'
import { type SavedParts, writeChanges } from './saved-state.js'
import { type SaveHook, Saver } from './saver.js'
import type { OutgoingAlert } from './sink.js'
import { Slices } from './slices.js'
import type { Source } from './source.js'

export interface SaveCycleOptions {
  readonly store: StateStore
  readonly deadLetters: DeadLetters
  readonly sources: readonly Source[]
  /** What is saved; asked anew at each save. */
  readonly parts: () => SavedParts
  readonly now: () => number
  readonly monotonic: () => number
  readonly hook: SaveHook | undefined
  /** Told of each attempt that failed. */
  readonly failed: (error: unknown) => void
  /** Called when a save is over; with an error if it will never succeed. */
  readonly over: (error?: Error) => void
}

/** Measures of the last save. */
export interface LastSave {
  /** When it was on disk, in milliseconds since 1970. */
  readonly savedAt: number | undefined
  /** Seconds from its beginning until it was on disk, and how many of these nothing was scored. */
  readonly seconds: number
  readonly blocked: number
  readonly bytes: number
}

/** What a save that is under way must still do once it is on disk. */
interface Started {
  readonly batch: Batch
  /** Newest entry of the outbox, and whether entries are removed. */
  readonly newest: number
  readonly removes: boolean
  readonly positions: ReadonlyMap<Source, ReadonlyMap<string, string>>
  readonly begun: number
  readonly blocked: number
}

/**
 * Saves, one at a time: collects all that has changed while nothing is scored, then writes it while scoring goes on,
 * and only then tells sources and sinks.
 */
export class SaveCycle {
  readonly saver: Saver
  last: LastSave = { savedAt: undefined, seconds: 0, blocked: 0, bytes: 0 }
  readonly #options: SaveCycleOptions
  readonly #slices: Slices
  readonly #bounds = new BoundsWatch()
  #writing: Promise<void> | undefined
  #patient = true
  #error: Error | undefined

  constructor(options: SaveCycleOptions) {
    this.#options = options
    this.#slices = new Slices(options.monotonic)
    this.saver = new Saver(options.store, options.deadLetters, options.failed)
  }

  /** Whether a save is being written. */
  get isWriting(): boolean {
    return this.#writing !== undefined
  }

  /** From now on a save is given up after its first failure. */
  hurry(): void {
    this.#patient = false
    this.saver.hurry()
  }

  /**
   * Begins a save; resolves when all is collected, with the milliseconds that it took. Not to be called while another
   * is being written.
   */
  async begin(): Promise<number> {
    const { monotonic, hook } = this.#options
    const begun = monotonic()
    this.#slices.begin()
    await hook?.('before-serialise')
    const batch = new Batch()
    const outbox = await this.#collect(batch)
    await hook?.('after-serialise')
    const blocked = monotonic() - begun
    this.#writing = this.#finish({ batch, ...outbox, positions: this.#positions(), begun, blocked })
      .then(() => this.#over())
      .catch((error: Error) => this.#over(error))
    return blocked
  }

  /** Resolves when nothing is being written. @throws Error if the last save was given up. */
  async settled(): Promise<void> {
    await this.#writing
    if (this.#error) throw this.#error
  }

  #over(error?: Error): void {
    this.#writing = undefined
    this.#error = error
    this.#options.over(error)
  }

  async #collect(batch: Batch): Promise<{ newest: number; removes: boolean }> {
    const { store, now, parts } = this.#options
    const { stream, feed, outbox, policy } = parts()
    for (const alert of this.#bounds.check(stream, now())) feed.raise(alert)
    const news = feed.take(stream.scorer.book)
    const outgoing = this.#admitted(policy, news.outgoing)
    this.#putPolicy(batch, policy)
    const written = outbox.write(batch, outgoing)
    await writeChanges(batch, store, parts(), { news, newest: written.newest }, this.#slices)
    return written
  }

  #admitted(policy: AlertPolicy, outgoing: readonly OutgoingAlert[]): OutgoingAlert[] {
    const now = this.#options.now()
    return [...policy.admit(markBacklog(outgoing, now), now), ...policy.due(now)]
  }

  #putPolicy(batch: Batch, policy: AlertPolicy): void {
    const saved = policy.save()
    if (saved !== undefined) batch.put(POLICY, saved)
  }

  async #finish({ batch, newest, removes, positions, begun, blocked }: Started): Promise<void> {
    const { hook, now, monotonic } = this.#options
    if (removes) await hook?.('before-removal')
    await hook?.('before-write')
    await this.saver.save(batch, () => this.#patient)
    await hook?.('after-write')
    if (removes) await hook?.('after-removal')
    const seconds = (monotonic() - begun) / 1_000
    this.last = { savedAt: now(), seconds, blocked: blocked / 1_000, bytes: batch.bytes }
    this.#outbox.written(newest)
    await Promise.allSettled(Array.from(positions, ([source, saved]) => source.saved?.(saved)))
    await hook?.('after-saved')
  }

  get #outbox(): DurableOutbox {
    return this.#options.parts().outbox
  }

  #positions(): ReadonlyMap<Source, ReadonlyMap<string, string>> {
    const { sources, parts } = this.#options
    const all = [...parts().queues.all].filter(({ position, assigned }) => position !== undefined && assigned)
    const of = (source: Source) => all.filter((partition) => partition.source === source.name)
    return new Map(
      sources.map((source) => [source, new Map(of(source).map(({ name, position }) => [name, position!]))]),
    )
  }
}
