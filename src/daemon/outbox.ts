import type { OutgoingAlert } from './sink.js'

/** An alert in the outbox. */
export interface OutboxEntry {
  /** Rises by one from entry to entry, for ever. */
  readonly sequence: number
  readonly alert: OutgoingAlert
}

/** The alerts that are on disk and not yet delivered to every sink, in order. Filled by the engine's saves. */
export interface Outbox {
  /** Sequence number of the newest entry on disk; 0 if there never was one. */
  readonly newest: number
  /** The entries after a sequence number, oldest first, at most so many. */
  read(after: number, most: number): Promise<readonly OutboxEntry[]>
  /** Sequence number up to which a sink had delivered at the last save; entries that are gone count as delivered. */
  delivered(sink: string): number
  /** Notes how far a sink has got; goes to disk with the next save, and entries behind all sinks are then removed. */
  advance(sink: string, sequence: number): void
  /** Calls back whenever there are new entries on disk. Returns how to end that. */
  onNew(listener: () => void): () => void
}
