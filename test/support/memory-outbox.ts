import type { Outbox, OutboxEntry } from '../../src/daemon/outbox.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'

/** An outbox in memory, which notes how much was asked of it. */
export class MemoryOutbox implements Outbox {
  readonly cursors = new Map<string, number>()
  /** Most entries that were handed out at once. */
  mostRead = 0
  reads = 0
  readonly #entries: OutboxEntry[] = []
  readonly #listeners = new Set<() => void>()

  get newest(): number {
    return this.#entries.length
  }

  add(...alerts: readonly OutgoingAlert[]): void {
    for (const alert of alerts) this.#entries.push({ sequence: this.#entries.length + 1, alert })
    for (const listener of this.#listeners) listener()
  }

  async read(after: number, most: number): Promise<readonly OutboxEntry[]> {
    this.reads++
    const found = this.#entries.slice(after, after + most)
    this.mostRead = Math.max(this.mostRead, found.length)
    return found
  }

  delivered(sink: string): number {
    return this.cursors.get(sink) ?? 0
  }

  advance(sink: string, sequence: number): void {
    if (sequence < this.delivered(sink)) throw new Error(`${sink} goes back to ${sequence}`)
    this.cursors.set(sink, sequence)
  }

  onNew(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
