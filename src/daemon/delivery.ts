import type { Logger } from 'pino'
import type { Outbox, OutboxEntry } from './outbox.js'
import type { Sink } from './sink.js'
import { SinkDelivery, type SinkFigures } from './sink-delivery.js'
import { SYSTEM_TIMERS, type Timers } from './timers.js'

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly outbox: Outbox
  readonly sinks: readonly Sink[]
  readonly log: Logger
  /**
   * Keeps the alerts that a sink will never take. They count as delivered once it has resolved; when it rejects, the
   * sink is asked again later.
   */
  readonly deadLetters: (sink: string, entries: readonly OutboxEntry[], reason: string) => Promise<void>
  /** Milliseconds after which a call of a sink is aborted; well beyond the time limits of the sinks themselves. */
  readonly deadline?: number
  readonly timers?: Timers
  /** From 0 to below 1: the jitter of the pauses. */
  readonly random?: () => number
}

const DEADLINE = 300_000

/** Brings the alerts of an outbox to every sink: in order, at least once, one batch a sink in memory at a time. */
export class Delivery {
  readonly #loops: readonly SinkDelivery[]
  readonly #sinks: readonly Sink[]
  readonly #outbox: Outbox
  readonly #timers: Timers
  #unlisten: () => void = () => {}

  constructor(options: DeliveryOptions) {
    const { outbox, sinks, timers = SYSTEM_TIMERS, random = Math.random, deadline = DEADLINE } = options
    this.#outbox = outbox
    this.#sinks = sinks
    this.#timers = timers
    this.#loops = sinks.map((sink) => new SinkDelivery(sink, { ...options, timers, random, deadline }))
  }

  /** Begins. What an earlier run has left comes first. */
  start(): void {
    this.#unlisten = this.#outbox.onNew(() => {
      for (const loop of this.#loops) loop.wake()
    })
    for (const loop of this.#loops) loop.start()
  }

  /** How each sink stands, in the order in which they were given. */
  figures(): readonly SinkFigures[] {
    return this.#loops.map((loop) => loop.figures())
  }

  /**
   * Delivers what is still there and closes the sinks. A sink that fails now is not tried again: what it has not taken
   * waits in the outbox. How far each sink has got goes to disk with the next save of the outbox. Never rejects.
   *
   * @param grace milliseconds after which what is still under way is given up
   * @returns how many deliveries are left for the next run, of all sinks together
   */
  async stop(grace: number): Promise<number> {
    this.#unlisten()
    const over = new AbortController()
    const cancel = this.#timers.after(grace, () => over.abort())
    const closed = this.#sinks.map((sink, index) => this.#stopOne(sink, this.#loops[index]!, over.signal))
    await Promise.all(closed)
    cancel()
    return this.figures().reduce((sum, { waiting }) => sum + waiting, 0)
  }

  async #stopOne(sink: Sink, loop: SinkDelivery, over: AbortSignal): Promise<void> {
    await loop.stop(over)
    await Promise.race([sink.close().catch(() => {}), aborted(over)])
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
