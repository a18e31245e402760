import type { Alert } from '../alerts/alert.js'

/** An alert on its way out. Its `id` is the same however often it is delivered. */
export interface OutgoingAlert extends Alert {
  /** `raised` when it is new, `updated` when its hour is over and it counts more rows than were reported. */
  readonly state: 'raised' | 'updated'
  /** True of what is told long after it happened, as while days of a backlog are read: hours are no hurry then. */
  readonly backlog?: true
}

/** Where alerts go. */
export interface Sink {
  /** Unique among the sinks of a daemon; part of the name of its saved cursor. */
  readonly name: string
  /** Most alerts that it takes at once. */
  readonly batch: number
  /**
   * Delivers alerts, in order. Resolves when all of them have arrived; rejects otherwise, and is then asked again with
   * the same alerts: after `RetryLater.after`, or after a growing pause with jitter. Every call ends within the time
   * limit of the sink itself, or soon after `signal` is aborted.
   * @throws Refused for alerts that will never be taken: they go to the dead letters, and the others are tried again.
   */
  deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void>
  /** Tries the connection without delivering anything; rejects with what is wrong. */
  check?(): Promise<void>
  /** Flushes and closes. Never rejects. */
  close(): Promise<void>
}

/** The receiver asks for a pause, as HTTP's 429 does. */
export class RetryLater extends Error {
  /** Milliseconds. */
  readonly after: number

  constructor(after: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.after = after
  }
}

/** The receiver will never take these alerts, as one that is too large. */
export class Refused extends Error {
  readonly ids: ReadonlySet<string>

  constructor(ids: ReadonlySet<string>, message: string, options?: ErrorOptions) {
    super(message, options)
    this.ids = ids
  }
}
