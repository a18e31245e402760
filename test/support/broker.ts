import { Buffer } from 'node:buffer'
import type { Message, Source, SourcePort } from '../../src/daemon/source.js'

/** A message of a test, with the time at which the broker took it in. */
export interface Sent {
  readonly body: string | Buffer
  readonly enqueued: number
}

/** Partitions in memory that can be read again and again, and added to. */
export class Broker {
  readonly partitions = new Map<string, Message[]>()
  readonly #readers = new Set<() => void>()

  /** Adds messages to a partition. */
  send(partition: string, messages: readonly Sent[]): void {
    const all = this.partitions.get(partition) ?? []
    this.partitions.set(partition, all)
    for (const { body, enqueued } of messages) {
      all.push({ body: Buffer.from(body as string), enqueued, position: String(all.length) })
    }
    for (const read of this.#readers) read()
  }

  /** Resolves at the next message. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      const read = () => {
        this.#readers.delete(read)
        resolve()
      }
      this.#readers.add(read)
    })
  }
}

/** Reads all partitions of a broker, as the sources of the daemon read theirs. */
export class BrokerSource implements Source {
  readonly name: string
  /** What was told to be saved last, by partition. */
  readonly told = new Map<string, string>()
  port!: SourcePort
  readonly #broker: Broker
  readonly #batch: number
  readonly #readings: Promise<void>[] = []
  #stopped = false

  constructor(broker: Broker, { name = 'test', batch = 10 } = {}) {
    this.#broker = broker
    this.name = name
    this.#batch = batch
  }

  async start(port: SourcePort): Promise<void> {
    this.port = port
    const names = [...this.#broker.partitions.keys()]
    await port.assign(names)
    port.connection(true, 'in memory')
    for (const name of names) this.#readings.push(this.#read(name))
  }

  async saved(positions: ReadonlyMap<string, string>): Promise<void> {
    for (const [partition, position] of positions) this.told.set(partition, position)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#broker.send(this.#broker.partitions.keys().next().value ?? '', [])
    await Promise.all(this.#readings)
  }

  async #read(name: string): Promise<void> {
    const all = this.#broker.partitions.get(name)!
    let next = Number(this.port.position(name) ?? -1) + 1
    while (!this.#stopped) {
      const messages = all.slice(next, next + this.#batch)
      next += messages.length
      const room = this.port.take(name, messages)
      this.port.behind(name, all.length - next)
      await room
      if (next === all.length) await this.#broker.news()
    }
  }
}
