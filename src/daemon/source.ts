import type { Buffer } from 'node:buffer'

/** One message as a source delivers it. */
export interface Message {
  readonly body: Buffer
  /** Where it stands in its partition: all that the source needs to go on after it. Opaque to everybody else. */
  readonly position: string
  /** When the broker took it in, in milliseconds since 1970: by this, partitions are merged. */
  readonly enqueued: number
}

/** Messages that are gone before they could be read, as when the broker's retention was shorter than an outage. */
export interface Gap {
  readonly partition: string
  /** First and last lost position, as far as they are known. */
  readonly from: string
  readonly to: string
  readonly detail: string
}

/**
 * What the daemon offers to a source. A partition is named as its broker names it (`entra-logs/3`), and the names of
 * one source are its own. No call ever rejects or throws.
 */
export interface SourcePort {
  /** Position of the last message of a partition that the state reflects; `undefined` if there is none: begin at the earliest. */
  position(partition: string): string | undefined
  /**
   * The partitions that this instance reads from now on, all of them. What waits of others is dropped, and their
   * positions are those of the last message that was scored. Resolves once none of their messages is in work.
   */
  assign(partitions: readonly string[]): Promise<void>
  /**
   * Takes messages of one partition, in order. Resolves when there is room for more, which is the back-pressure: a
   * source asks for no more before. Resolves at once, and drops them, for a partition that is not assigned.
   */
  take(partition: string, messages: readonly Message[]): Promise<void>
  /**
   * How many messages of a partition were not yet handed to `take`, as far as the broker says; 0 at its end, `undefined`
   * once it can't be read: others then wait for it a while, as they may bring what is newer.
   */
  behind(partition: string, messages: number | undefined): void
  /** Whether the broker can be reached. */
  connection(up: boolean, detail: string): void
  /** Tells of lost messages: raises an alert. */
  gap(gap: Gap): void
  /** The source can't go on: the daemon saves what it has, if it still may, and exits with a code other than 0. */
  fatal(reason: Fatal, error: Error): void
}

/** `fenced`: another instance has taken over, so no state may be written any more. */
export type Fatal = 'fenced' | 'crashed'

/** Where messages come from. */
export interface Source {
  /** Unique among the sources of a daemon; part of the names of saved positions. */
  readonly name: string
  /** Begins to read. Resolves when the first attempt to connect has begun; outages are reported, not thrown. */
  start(port: SourcePort): Promise<void>
  /** Tells that the state up to these positions (by partition) is on disk. Best effort; never rejects. */
  saved?(positions: ReadonlyMap<string, string>): Promise<void>
  /** Stops reading; no call to the port after it has resolved. Never rejects. */
  stop(): Promise<void>
}
