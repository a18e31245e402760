import { Kafka, logLevel, Partitioners } from 'kafkajs'
import type { Source } from '../../../src/daemon/source.js'
import { stopIdleTimer } from '../../../src/kafka/idle-timer.js'
import { source } from '../../../src/sources/kafka.js'
import { RecordingPort } from '../recording-port.js'
import { type NotingSurroundings, surroundings } from '../surroundings.js'
import { until } from '../until.js'

let names = 0

/** A broker's clients for tests: topics with messages, and sources that read them. */
export class KafkaClients {
  readonly #kafka: Kafka
  readonly #address: string
  readonly #sources: Source[] = []
  readonly producer
  readonly admin

  constructor(address: string) {
    stopIdleTimer()
    this.#address = address
    this.#kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
    this.admin = this.#kafka.admin()
    this.producer = this.#kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  }

  get kafka(): Kafka {
    return this.#kafka
  }

  async connect(): Promise<void> {
    await Promise.all([this.admin.connect(), this.producer.connect()])
  }

  /** A name that no other test has. */
  newName(of = 'topic'): string {
    names++
    return `${of}-${process.pid}-${names}`
  }

  /** Makes a topic, and waits until clients see it. */
  async createTopic(
    numPartitions = 1,
    topic = this.newName(),
    configEntries: { name: string; value: string }[] = [],
  ): Promise<string> {
    await this.admin.createTopics({
      topics: [{ topic, numPartitions, configEntries }],
      waitForLeaders: false,
    })
    await until(`there is a topic ${topic}`, () => this.#isThere(topic))
    return topic
  }

  async #isThere(topic: string): Promise<boolean> {
    try {
      const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] })
      return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
    } catch {
      return false
    }
  }

  /** Sends messages to one partition, in order. */
  async send(topic: string, partition: number, values: readonly (string | Buffer | null)[]): Promise<void> {
    await this.producer.send({ topic, messages: values.map((value) => ({ value, partition })) })
  }

  /** Deletes the messages of a topic's only partition before an offset, as retention does; all for -1. */
  async deleteBefore(topic: string, offset: string): Promise<void> {
    // Its own client: kafkajs finds the broker only of a topic that it has asked about, and of one at a time.
    const admin = this.#kafka.admin()
    await admin.connect()
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] })
    await admin.disconnect()
  }

  /** A source that reads topics; it is stopped with the others. */
  open(topics: readonly string[], options: Record<string, unknown> = {}): Omit<Reader, 'port'> {
    const around = surroundings()
    const usual = {
      brokers: [this.#address],
      group: this.newName('group'),
      session_timeout: '6s',
      look_every: '500ms',
    }
    const opened = source.open('kafka', source.settings.parse({ ...usual, topics, ...options }), around)
    this.#sources.push(opened)
    return { source: opened, around }
  }

  /** The same, reading. */
  async read(
    topics: readonly string[],
    options: Record<string, unknown> = {},
    port = new RecordingPort(),
  ): Promise<Reader> {
    const opened = this.open(topics, options)
    await opened.source.start(port)
    return { ...opened, port }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((reader) => reader.stop()))
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()])
  }
}

export interface Reader {
  readonly source: Source
  readonly port: RecordingPort
  readonly around: NotingSurroundings
}
