import { Buffer } from 'node:buffer'
import type { EventData, EventDataBatch, EventHubProducerClient, RetryOptions } from '@azure/event-hubs'
import { z } from 'zod'
import { getOrAdd } from '../collections.js'
import { defineSink } from '../daemon/kind.js'
import { type OutgoingAlert, Refused, RetryLater, type Sink } from '../daemon/sink.js'
import { openProducer, RETRIES } from '../event-hubs/client.js'
import { explain, hasCode } from '../event-hubs/errors.js'
import { hubSettings } from '../event-hubs/settings.js'
import { closed, within } from '../waiting.js'

/** Pause that the service asks for when it is busy, in milliseconds. */
const BUSY = 4_000

/** Longest time for one delivery, in milliseconds. */
const LIMIT = 60_000

/** Longest time for closing, in milliseconds. */
const CLOSING = 2_000

const settings = hubSettings.extend({
  partition_key: z.enum(['agent', 'none']).default('agent').meta({
    description:
      'agent: the alerts of an agent keep their order, as they share a partition; none: spread evenly.',
  }),
  batch: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .meta({ description: 'Most alerts of one delivery.' }),
})

export type EventHubsSinkSettings = z.output<typeof settings>

/** Sends alerts to an event hub, each as one JSON object; the id of the message is that of the alert. */
export class EventHubsSink implements Sink {
  readonly name: string
  readonly batch: number
  readonly #settings: EventHubsSinkSettings
  readonly #retries: RetryOptions
  #client: EventHubProducerClient | undefined

  /** Connects to nothing yet. @throws Error for settings that can't be used. */
  constructor(name: string, settings: EventHubsSinkSettings, retries = RETRIES) {
    this.name = name
    this.batch = settings.batch
    this.#settings = settings
    this.#retries = retries
    this.#client = openProducer(settings, retries)
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    await this.#use(async (client, abortSignal) => {
      for (const batch of await this.#pack(client, alerts, abortSignal))
        await client.sendBatch(batch, { abortSignal })
    }, signal)
  }

  /** Opens the link on which alerts are sent. */
  async check(): Promise<void> {
    await this.#use(
      (client, abortSignal) => client.createBatch({ abortSignal }),
      AbortSignal.timeout(LIMIT / 3),
    )
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    if (client) await closed(client.close(), CLOSING)
  }

  /** Uses the connection within the time limit; one that failed is not used again, as its secret may have changed. */
  async #use(
    use: (client: EventHubProducerClient, signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT)])
    try {
      this.#client ??= openProducer(this.#settings, this.#retries)
      await within(LIMIT + CLOSING, use(this.#client, limited), `no answer within ${LIMIT / 1_000} seconds`)
    } catch (error) {
      if (error instanceof Refused) throw error
      if (hasCode(error, 'ServerBusyError')) throw new RetryLater(BUSY, this.#say(error), { cause: error })
      await this.close()
      throw new Error(this.#say(error), { cause: error })
    }
  }

  #say(error: unknown): string {
    return `${this.#settings.hub}: ${explain(error)}`
  }

  /** Packs alerts before any is sent, so that one that is too large does not send the others twice. */
  async #pack(
    client: EventHubProducerClient,
    alerts: readonly OutgoingAlert[],
    abortSignal: AbortSignal,
  ): Promise<readonly EventDataBatch[]> {
    const tooLarge = new Set<string>()
    const batches: EventDataBatch[] = []
    for (const [key, group] of this.#grouped(alerts)) {
      let batch: EventDataBatch | undefined
      for (const alert of group) {
        if (batch?.tryAdd(eventOf(alert))) continue
        batch = await client.createBatch(
          key === undefined ? { abortSignal } : { partitionKey: key, abortSignal },
        )
        if (batch.tryAdd(eventOf(alert))) batches.push(batch)
        else tooLarge.add(alert.id)
      }
    }
    if (tooLarge.size > 0) throw new Refused(tooLarge, `${this.#settings.hub}: larger than a message may be`)
    return batches
  }

  /** Alerts by the key that decides on their partition. */
  #grouped(alerts: readonly OutgoingAlert[]): Map<string | undefined, OutgoingAlert[]> {
    const groups = new Map<string | undefined, OutgoingAlert[]>()
    for (const alert of alerts) {
      const key = this.#settings.partition_key === 'agent' ? `${alert.tenantId}/${alert.agentId}` : undefined
      getOrAdd(groups, key, () => []).push(alert)
    }
    return groups
  }
}

function eventOf(alert: OutgoingAlert): EventData {
  return { body: Buffer.from(JSON.stringify(alert)), contentType: 'application/json', messageId: alert.id }
}

/** Azure Event Hubs, over AMQP. */
export const sink = defineSink({
  kind: 'event-hubs',
  settings,
  open: (name, settings) => new EventHubsSink(name, settings),
})
