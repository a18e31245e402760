import { z } from 'zod'
import { durationSetting } from '../config/duration.js'
import { defineSource, type Surroundings } from '../daemon/kind.js'
import type { Source, SourcePort } from '../daemon/source.js'
import { kafkaClient } from '../kafka/client.js'
import { causeOf, isFinal } from '../kafka/errors.js'
import { connectionSettings, topicSchema } from '../kafka/settings.js'
import { backoff, pause } from '../waiting.js'
import type { SessionOptions } from './kafka/consumer.js'
import { readRanges } from './kafka/ranges.js'
import { Session } from './kafka/session.js'

const SECOND = 1_000
const FIRST_PAUSE = SECOND
const LONGEST_PAUSE = 5 * SECOND
const STOP_LIMIT = 3 * SECOND

const settings = connectionSettings.extend({
  topics: z.array(topicSchema).min(1).describe('Topics, or event hubs, that are read.'),
  group: z
    .string()
    .min(1)
    .default('agentwarden')
    .describe('Name of the consumer group. One member of it reads, the others stand by.'),
  session_timeout: durationSetting('500ms', '5m')
    .prefault('20s')
    .describe(
      'Silence after which another member takes over, and how long it takes after an outage until reading goes on. Brokers take 6s or more.',
    ),
  max_bytes: z
    .int()
    .min(1_000_000)
    .max(100_000_000)
    .default(10_000_000)
    .describe('Most bytes of one answer of a broker; bounds the memory, together with the queues.'),
  look_every: durationSetting('100ms', '10m')
    .prefault('30s')
    .describe(
      'How often is asked where the logs end, which tells how much is unread, and for new partitions.',
    ),
})

type Settings = z.output<typeof settings>

/** Reads topics of Kafka, from where our own state stands, as the one member of its group that reads. */
class KafkaSource implements Source {
  readonly name: string
  readonly #settings: Settings
  readonly #around: Surroundings
  readonly #started = Date.now()
  readonly #stopped = new AbortController()
  #session: Session | undefined
  #saved: ReadonlyMap<string, string> | undefined
  #committing: Promise<void> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(name: string, settings: Settings, around: Surroundings) {
    this.name = name
    this.#settings = settings
    this.#around = around
  }

  async start(port: SourcePort): Promise<void> {
    this.#running = this.#keepReading(port)
  }

  /** Opens one session after the other until it is stopped, or until there is no use in going on. */
  async #keepReading(port: SourcePort): Promise<void> {
    const { signal } = this.#stopped
    for (let failures = 0; !signal.aborted; ) {
      const begun = Date.now()
      const error = await this.#readOnce(port)
      if (signal.aborted) return
      await port.assign([])
      if (error && isFinal(error)) return port.fatal('crashed', error)
      if (!error) continue
      this.#report(port, error)
      failures = Date.now() - begun > LONGEST_PAUSE ? 1 : failures + 1
      await pause(backoff(failures, FIRST_PAUSE, LONGEST_PAUSE), signal)
    }
  }

  get #sessionOptions(): SessionOptions {
    const { topics, group, session_timeout, max_bytes, look_every } = this.#settings
    const started = this.#started
    return {
      topics,
      group,
      sessionTimeout: session_timeout,
      maxBytes: max_bytes,
      lookEvery: look_every,
      started,
    }
  }

  async #readOnce(port: SourcePort): Promise<Error | undefined> {
    try {
      const { log } = this.#around
      const client = kafkaClient(this.#settings, log)
      const session = new Session(client, this.#sessionOptions, port, this.#around)
      this.#session = session
      const error = await session.run()
      await session.leave(STOP_LIMIT)
      return error
    } catch (error) {
      return error as Error
    }
  }

  #report(port: SourcePort, error: Error): void {
    const detail = causeOf(error).message
    this.#around.count('reconnects')
    this.#around.log.warn({ error: detail }, 'lost the connection to Kafka')
    port.connection(false, detail)
  }

  /** Not waited for: a broker that hangs must not hold up the next save. The newest positions win. */
  async saved(positions: ReadonlyMap<string, string>): Promise<void> {
    this.#saved = positions
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = undefined
    })
  }

  async #commit(): Promise<void> {
    for (let positions = this.#saved; positions; positions = this.#saved) {
      this.#saved = undefined
      try {
        await this.#session?.commit(positions)
      } catch (error) {
        this.#around.count('commits_failed')
        this.#around.log.debug({ error: causeOf(error).message }, 'could not commit')
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#session?.leave(STOP_LIMIT)
    await this.#running
  }
}

function describe(partitions: Iterable<{ topic: string }>): string {
  const counts = new Map<string, number>()
  for (const { topic } of partitions) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  return [...counts].map(([topic, count]) => `${topic}: ${count} partitions`).join(', ')
}

/** Kafka, and the Kafka endpoint of Event Hubs. */
export const source = defineSource({
  kind: 'kafka',
  settings,
  open(name, settings, around) {
    kafkaClient(settings, around.log)
    return new KafkaSource(name, settings, around)
  },
  async check(settings, around) {
    const admin = kafkaClient(settings, around.log).admin({ retry: { retries: 1 } })
    const ranges = await readRanges(admin, settings.topics).catch((error: unknown) => {
      throw new Error(`${settings.brokers.join(', ')}: ${causeOf(error).message}`, { cause: error })
    })
    if (ranges.missing.length > 0) throw new Error(`there is no topic ${ranges.missing.join(', ')}`)
    return describe(ranges.partitions.values())
  },
})
