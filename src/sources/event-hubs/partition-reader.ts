import {
  type EventHubConsumerClient,
  earliestEventPosition,
  type LastEnqueuedEventProperties,
  type PartitionProperties,
  type ReceivedEventData,
  type SubscribeOptions,
} from '@azure/event-hubs'
import type { Surroundings } from '../../daemon/kind.js'
import type { Message, SourcePort } from '../../daemon/source.js'
import { explain, isOutOfRange, isStolen } from '../../event-hubs/errors.js'
import { backoff, closed, pause, within } from '../../waiting.js'
import { Credit } from './credit.js'
import type { Pace } from './pace.js'
import { Sequence } from './sequence.js'
import { readPartition } from './subscription.js'

/** What a reader of a partition uses and tells. */
export interface ReaderContext {
  readonly port: SourcePort
  readonly pace: Pace
  readonly around: Surroundings
  readonly batch: number
  readonly ownerLevel: number
  /** The client to read with; throws if there can be none now. */
  client(): EventHubConsumerClient
  /** A partition is being read, or is not, and why. */
  reading(partition: string): void
  failed(partition: string, why: string, client: EventHubConsumerClient | undefined): void
}

/** Reads one partition for ever, from where our own state stands, whatever happens to links and connections. */
export class PartitionReader {
  readonly id: string
  /** As it is named to the daemon. */
  readonly name: string
  readonly #context: ReaderContext
  readonly #stopped = new AbortController()
  readonly #sequence: Sequence
  #fromEarliest = false
  #client: EventHubConsumerClient | undefined
  #failures = 0
  #running: Promise<void> = Promise.resolve()

  constructor(id: string, name: string, context: ReaderContext) {
    this.id = id
    this.name = name
    this.#context = context
    this.#sequence = new Sequence(context.port.position(name))
  }

  start(): void {
    this.#running = this.#keepReading()
  }

  /** Stops reading. After it has resolved nothing is told any more. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await closed(this.#running, 2 * this.#context.pace.closing)
  }

  /** Tells how much is unread, by a look at the partition. */
  look({ isEmpty, beginningSequenceNumber, lastEnqueuedSequenceNumber }: PartitionProperties): void {
    if (this.#stopped.signal.aborted) return
    const behind = this.#sequence.behind(beginningSequenceNumber, lastEnqueuedSequenceNumber)
    this.#context.port.behind(this.name, isEmpty ? 0 : behind)
  }

  async #keepReading(): Promise<void> {
    const { signal } = this.#stopped
    const { pace, port } = this.#context
    while (!signal.aborted) {
      const error = await this.#readOnce()
      if (signal.aborted || !error) continue
      if (isStolen(error)) return port.fatal('fenced', new Error(explain(error), { cause: error }))
      this.#report(error)
      await pause(backoff(++this.#failures, pace.firstPause, pace.longestPause), signal)
    }
  }

  /** Reads on one link. What is wrong, if it ended for that. */
  async #readOnce(): Promise<Error | undefined> {
    const { pace, batch } = this.#context
    try {
      this.#client = undefined
      const client = this.#context.client()
      this.#client = client
      const credit = new Credit(batch)
      const error = await readPartition(
        client,
        this.id,
        this.#options(),
        pace,
        this.#stopped.signal,
        (events, last) => this.#handle(events, last, credit),
      )
      if (error && isOutOfRange(error)) await this.#reposition(client)
      return error
    } catch (error) {
      return error as Error
    }
  }

  #options(): SubscribeOptions {
    const { batch, ownerLevel, pace } = this.#context
    const { taken } = this.#sequence
    const known = taken !== undefined && !this.#fromEarliest
    return {
      startPosition: known ? { sequenceNumber: taken, isInclusive: false } : earliestEventPosition,
      ownerLevel,
      maxBatchSize: batch,
      prefetchCount: batch,
      maxWaitTimeInSeconds: pace.wait / 1_000,
      trackLastEnqueuedEventProperties: true,
      skipParsingBodyAsJson: true,
    }
  }

  async #handle(
    events: readonly ReceivedEventData[],
    last: LastEnqueuedEventProperties | undefined,
    credit: Credit,
  ): Promise<'continue' | 'renew'> {
    const { pace, port, around, batch } = this.#context
    this.#failures = 0
    this.#context.reading(this.id)
    if (events.length > 0) await this.#take(events)
    if (this.#stopped.signal.aborted) return 'continue'
    if (last?.sequenceNumber !== undefined)
      port.behind(this.name, this.#sequence.behind(0, last.sequenceNumber))
    if (credit.spend(events.length)) {
      around.count('links_renewed')
      return 'renew'
    }
    if (events.length > 0 && events.length < batch) await pause(pace.gather, this.#stopped.signal)
    return 'continue'
  }

  async #take(events: readonly ReceivedEventData[]): Promise<void> {
    const { port, around } = this.#context
    this.#fromEarliest = false
    const { messages, gaps, repeated } = this.#sequence.arrive(events)
    if (repeated > 0) around.count('repeated', repeated)
    for (const gap of gaps) port.gap({ partition: this.name, ...gap })
    if (messages.length > 0) await this.#hand(messages)
  }

  /** The port does not fail; if it ever did, its messages would be lost unless they are handed over again. */
  async #hand(messages: readonly Message[]): Promise<void> {
    const { port, pace, around } = this.#context
    const { signal } = this.#stopped
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await port.take(this.name, messages)
      } catch (error) {
        around.log.error({ partition: this.name, error: explain(error) }, 'messages were not taken')
        await pause(backoff(failures, pace.firstPause, pace.longestPause), signal)
      }
    }
  }

  /** Begins at the earliest event, as the service does not know our position: it is too old, or of another hub. */
  async #reposition(client: EventHubConsumerClient): Promise<void> {
    this.#fromEarliest = true
    const { taken } = this.#sequence
    const { lastEnqueuedSequenceNumber: last } = await within(
      this.#context.pace.silence,
      client.getPartitionProperties(this.id),
      'the hub does not answer',
    )
    if (taken === undefined || last >= taken) return
    const detail = `the partition ends at ${last}, before what was read: the hub was made anew, and is read from its start`
    this.#context.port.gap({ partition: this.name, from: String(taken + 1), to: 'unknown', detail })
    this.#sequence.taken = undefined
  }

  #report(error: Error): void {
    const why = explain(error)
    this.#context.around.count('reconnects')
    this.#context.around.log.warn({ partition: this.name, error: why }, 'lost a partition')
    this.#context.port.behind(this.name, undefined)
    this.#context.failed(this.id, why, this.#client)
  }
}
