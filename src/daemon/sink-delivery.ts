import type { Logger } from 'pino'
import { sanitise } from '../alerts/template.js'
import type { Outbox, OutboxEntry } from './outbox.js'
import { Refused, RetryLater, type Sink } from './sink.js'
import type { Timers } from './timers.js'

/** How a sink stands. Counts are of this run of the daemon. */
export interface SinkFigures {
  readonly sink: string
  /** Alerts that have arrived. */
  readonly delivered: number
  /** Calls of the sink that failed and were, or are to be, made again. */
  readonly retried: number
  /** Alerts that the sink will never take: they are dead letters. */
  readonly refused: number
  /** Alerts on disk that it has not got yet. */
  readonly waiting: number
  /** Event time of the oldest of them, once it was read. */
  readonly oldest: string | undefined
  /** Since when every call has failed, in milliseconds since 1970; `undefined` if the last one succeeded. */
  readonly failingSince: number | undefined
  /** What the last failure was, also if it is over; one line. */
  readonly lastError: string | undefined
}

export interface SinkDeliveryOptions {
  readonly outbox: Outbox
  readonly log: Logger
  readonly deadLetters: (sink: string, entries: readonly OutboxEntry[], reason: string) => Promise<void>
  readonly deadline: number
  readonly timers: Timers
  readonly random: () => number
}

/** The pause after the first failure lasts up to this; doubled with each further one. Milliseconds. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 60_000

/** However long a receiver asks to be left alone, it is tried again after this. Milliseconds. */
const LONGEST_RETRY_LATER = 3_600_000

/** The loop that serves one sink. */
export class SinkDelivery {
  readonly #sink: Sink
  readonly #options: SinkDeliveryOptions
  /** Sequence number up to which everything is delivered. */
  #cursor: number
  /** What was read and is still to be delivered, and the sequence number that is reached with it. */
  #batch: readonly OutboxEntry[] = []
  #batchEnd = 0
  #running: Promise<void> = Promise.resolve()
  #stopping = false
  #over = false
  /** Whether `stop` has resolved without waiting for the sink: the outbox may be closed. */
  #left = false
  /** Ends the call of the sink that is under way. */
  #call: AbortController | undefined
  /** Ends the pause that the loop makes, or the wait for new alerts. */
  #endPause: () => void = () => {}
  #waitsForNew = false
  /** Failures in a row. */
  #failures = 0
  #delivered = 0
  #retried = 0
  #refused = 0
  #failingSince: number | undefined
  #lastError: string | undefined

  constructor(sink: Sink, options: SinkDeliveryOptions) {
    this.#sink = sink
    this.#options = options
    this.#cursor = options.outbox.delivered(sink.name)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Tells that there are new alerts. A pause after a failure goes on. */
  wake(): void {
    if (this.#waitsForNew) this.#endPause()
  }

  figures(): SinkFigures {
    return {
      sink: this.#sink.name,
      delivered: this.#delivered,
      retried: this.#retried,
      refused: this.#refused,
      waiting: Math.max(0, this.#options.outbox.newest - this.#cursor),
      oldest: this.#batch[0]?.alert.time,
      failingSince: this.#failingSince,
      lastError: this.#lastError,
    }
  }

  /** Goes on until nothing is left, a call fails, or `over` is aborted; then also a sink that hangs is left alone. */
  async stop(over: AbortSignal): Promise<void> {
    this.#stopping = true
    this.#endPause()
    const ended = new Promise<void>((resolve) => {
      const end = () => {
        this.#over = true
        this.#call?.abort(new Error('the daemon stops'))
        // One more turn, in which a sink that heeds its signal ends.
        setImmediate(() => {
          this.#left = true
          resolve()
        })
      }
      if (over.aborted) end()
      else over.addEventListener('abort', end, { once: true })
    })
    await Promise.race([this.#running, ended])
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      try {
        const { newest } = this.#options.outbox
        if (await this.#step()) continue
        // While that was read, or refused, more may have come.
        if (this.#options.outbox.newest !== newest) continue
        if (this.#stopping) return
        await this.#waitForNew()
      } catch (error) {
        this.#failed(error)
        if (!this.#stopping) await this.#pause(this.#pauseAfter(error))
        // What a failed sink has left when the daemon stops waits for the next run.
        if (this.#stopping) return
      }
    }
  }

  /** Reads a batch, unless there is one, and delivers it. Whether there was one. */
  async #step(): Promise<boolean> {
    const batch = this.#batch.length > 0 ? this.#batch : await this.#read()
    if (batch.length === 0 || this.#over) return false
    const refused = await this.#deliver(batch)
    if (refused) await this.#bury(batch, refused)
    else this.#arrived(batch)
    return true
  }

  async #read(): Promise<readonly OutboxEntry[]> {
    this.#batch = await this.#options.outbox.read(this.#cursor, this.#sink.batch)
    this.#batchEnd = this.#batch.at(-1)?.sequence ?? this.#cursor
    return this.#batch
  }

  /** Hands a batch over. Returns the refusal if there is one; throws any other failure. */
  async #deliver(batch: readonly OutboxEntry[]): Promise<Refused | undefined> {
    const { deadline, timers } = this.#options
    const call = new AbortController()
    this.#call = call
    const cancel = timers.after(deadline, () => this.#overdue(call))
    try {
      // Waited for even after it was aborted: a second call beside it could put alerts out of order.
      await this.#sink.deliver(
        batch.map(({ alert }) => alert),
        call.signal,
      )
      return undefined
    } catch (error) {
      if (error instanceof Refused && batch.some(({ alert }) => error.ids.has(alert.id))) return error
      throw error
    } finally {
      cancel()
      this.#call = undefined
    }
  }

  /** A sink that does not end in spite of this is stuck, which shows in its figures. */
  #overdue(call: AbortController): void {
    const reason = `not done within ${this.#options.deadline / 1_000} s`
    this.#failingSince ??= this.#options.timers.now()
    this.#lastError = reason
    call.abort(new Error(reason))
  }

  #arrived(batch: readonly OutboxEntry[]): void {
    this.#delivered += batch.length
    this.#batch = []
    this.#advance(this.#batchEnd)
    this.#answered()
  }

  #answered(): void {
    if (this.#failures > 0) this.#options.log.info({ sink: this.#sink.name }, 'sink takes alerts again')
    this.#failures = 0
    this.#failingSince = undefined
  }

  /** Puts the refused alerts of a batch away; the others are still to be delivered. */
  async #bury(batch: readonly OutboxEntry[], { ids, message }: Refused): Promise<void> {
    const reason = sanitise(message)
    const refused = batch.filter(({ alert }) => ids.has(alert.id))
    await this.#options.deadLetters(this.#sink.name, refused, reason)
    this.#refused += refused.length
    this.#lastError = reason
    this.#options.log.warn({ sink: this.#sink.name, alerts: refused.length, reason }, 'sink refuses alerts')
    this.#batch = batch.filter(({ alert }) => !ids.has(alert.id))
    // The ones before the first that is left are done with.
    this.#advance(this.#batch[0] ? this.#batch[0].sequence - 1 : this.#batchEnd)
    this.#answered()
  }

  #advance(sequence: number): void {
    this.#cursor = sequence
    if (!this.#left) this.#options.outbox.advance(this.#sink.name, sequence)
  }

  #failed(error: unknown): void {
    const reason = sanitise(error instanceof Error ? error.message : String(error))
    this.#failures++
    this.#retried++
    this.#failingSince ??= this.#options.timers.now()
    this.#lastError = reason
    this.#options.log.warn({ sink: this.#sink.name, failures: this.#failures, reason }, 'sink fails')
  }

  #pauseAfter(error: unknown): number {
    if (error instanceof RetryLater) return Math.min(error.after, LONGEST_RETRY_LATER)
    return this.#options.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#failures - 1))
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#stopping) return
    await new Promise<void>((resolve) => {
      const cancel = this.#options.timers.after(milliseconds, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
    this.#endPause = () => {}
  }

  async #waitForNew(): Promise<void> {
    this.#waitsForNew = true
    await new Promise<void>((resolve) => {
      this.#endPause = resolve
    })
    this.#waitsForNew = false
    this.#endPause = () => {}
  }
}
