import { Buffer } from 'node:buffer'
import { type Message, Partitioners, type Producer } from 'kafkajs'
import { z } from 'zod'
import { durationSetting } from '../config/duration.js'
import { defineSink, type Surroundings } from '../daemon/kind.js'
import { type OutgoingAlert, Refused, type Sink } from '../daemon/sink.js'
import { kafkaClient, METADATA_MAX_AGE } from '../kafka/client.js'
import { causeOf, isUnknownTopic } from '../kafka/errors.js'
import { connectionSettings, topicSchema } from '../kafka/settings.js'
import { closed, limited, unlessAborted } from '../waiting.js'

const BATCH = 100
const CLOSE_LIMIT = 3_000

/** What a message costs beside its key and value, at most. */
const FRAME_BYTES = 200

const settings = connectionSettings.extend({
  topic: topicSchema.describe('Topic, or event hub, that alerts are sent to. It must exist.'),
  timeout: durationSetting('1s', '10m')
    .prefault('60s')
    .describe('How long a delivery may take; after that it is tried again.'),
  max_bytes: z
    .int()
    .min(10_000)
    .max(100_000_000)
    .default(1_000_000)
    .describe('Most bytes that the topic takes at once: 1 MB for Event Hubs. A larger alert is refused.'),
})

type Settings = z.output<typeof settings>

interface Sized {
  readonly id: string
  readonly message: Message
  readonly bytes: number
}

function sized(alert: OutgoingAlert): Sized {
  const value = JSON.stringify(alert)
  const bytes = Buffer.byteLength(value) + Buffer.byteLength(alert.id) + FRAME_BYTES
  return { id: alert.id, message: { key: alert.id, value }, bytes }
}

/** Cuts alerts into runs that a topic takes at once. */
function* runsOf(alerts: readonly Sized[], maxBytes: number): Generator<Sized[]> {
  let run: Sized[] = []
  let bytes = 0
  for (const alert of alerts) {
    if (run.length > 0 && bytes + alert.bytes > maxBytes) {
      yield run
      run = []
      bytes = 0
    }
    run.push(alert)
    bytes += alert.bytes
  }
  if (run.length > 0) yield run
}

/** Sends alerts to a topic as JSON, with the alert's id as the key. */
class KafkaSink implements Sink {
  readonly name: string
  readonly batch = BATCH
  readonly #settings: Settings
  readonly #around: Surroundings
  #producer: Promise<Producer> | undefined

  constructor(name: string, settings: Settings, around: Surroundings) {
    this.name = name
    this.#settings = settings
    this.#around = around
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    const all = alerts.map(sized)
    this.#refuse(all.filter(({ bytes }) => bytes > this.#settings.max_bytes))
    await limited(this.#settings.timeout, signal, async (limit) => {
      for (const run of runsOf(all, this.#settings.max_bytes)) await this.#send(run, limit)
    })
  }

  #refuse(alerts: readonly Sized[]): void {
    if (alerts.length === 0) return
    const ids = new Set(alerts.map(({ id }) => id))
    throw new Refused(ids, `${ids.size} alerts are larger than the topic ${this.#settings.topic} takes`)
  }

  /** One send at a time, as its caller delivers one batch at a time: idempotence holds only so. */
  async #send(run: readonly Sized[], limit: AbortSignal): Promise<void> {
    try {
      await unlessAborted(this.#sendRun(run), limit)
    } catch (error) {
      this.#around.count('reconnects')
      await this.#discard()
      if (causeOf(error).type === 'MESSAGE_TOO_LARGE') return this.#sendSmaller(run, limit)
      throw new Error(`${this.#settings.topic}: ${causeOf(error).message}`, { cause: error })
    }
  }

  /** The topic takes less than the settings say. */
  async #sendSmaller(run: readonly Sized[], limit: AbortSignal): Promise<void> {
    if (run.length === 1) return this.#refuse(run)
    const half = Math.ceil(run.length / 2)
    await this.#send(run.slice(0, half), limit)
    await this.#send(run.slice(half), limit)
  }

  async #sendRun(run: readonly Sized[]): Promise<void> {
    this.#producer ??= this.#connect()
    const producer = await this.#producer
    const { topic, timeout } = this.#settings
    await producer.send({ topic, acks: -1, timeout, messages: run.map(({ message }) => message) })
  }

  async #connect(): Promise<Producer> {
    const producer = kafkaClient(this.#settings, this.#around.log).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: true,
      maxInFlightRequests: 1,
      metadataMaxAge: METADATA_MAX_AGE,
      retry: { retries: 5, initialRetryTime: 200, maxRetryTime: 5_000 },
    })
    await producer.connect()
    return producer
  }

  /**
   * After any failure the producer is made anew. Its sequence may be out of step with the broker's, it may have been
   * fenced, and what it was asked to send can't be called back: it may arrive yet, under the same id.
   */
  async #discard(): Promise<void> {
    const discarded = this.#producer
    this.#producer = undefined
    const gone = discarded?.then((producer) => producer.disconnect())
    if (gone) await closed(gone, CLOSE_LIMIT)
  }

  async check(): Promise<void> {
    const { topic, brokers } = this.#settings
    const admin = kafkaClient(this.#settings, this.#around.log).admin({ retry: { retries: 1 } })
    try {
      await admin.connect()
      await admin.fetchTopicMetadata({ topics: [topic] })
    } catch (error) {
      if (isUnknownTopic(error)) throw new Error(`there is no topic ${topic}`, { cause: error })
      throw new Error(`${brokers.join(', ')}: ${causeOf(error).message}`, { cause: error })
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  async close(): Promise<void> {
    await this.#discard()
  }
}

/** A topic of Kafka, or an event hub by its Kafka endpoint. */
export const sink = defineSink({
  kind: 'kafka',
  settings,
  open(name, settings, around) {
    kafkaClient(settings, around.log)
    return new KafkaSink(name, settings, around)
  },
})
