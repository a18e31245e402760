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
  /** Called at each message that is sent. */
  readonly listeners = new Set<() => void>()

  /** Adds messages to a partition. */
  send(partition: string, messages: readonly Sent[]): void {
    const all = this.partitions.get(partition) ?? []
    this.partitions.set(partition, all)
    for (const { body, enqueued } of messages) {
      all.push({ body: Buffer.from(body as string), enqueued, position: String(all.length) })
    }
    for (const listener of this.listeners) listener()
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
  /** Place of the next message, by partition. */
  readonly #next = new Map<string, number>()
  readonly #idle = new Set<() => void>()
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
    this.#broker.listeners.add(this.#news)
  }

  async saved(positions: ReadonlyMap<string, string>): Promise<void> {
    for (const [partition, position] of positions) this.told.set(partition, position)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#broker.listeners.delete(this.#news)
    this.#wakeAll()
    await Promise.all(this.#readings)
  }

  /** Says at once that there is more, so that nobody takes the partition for read. */
  readonly #news = () => {
    for (const name of this.#next.keys()) this.#tellBehind(name)
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of this.#idle) wake()
    this.#idle.clear()
  }

  #tellBehind(name: string): void {
    this.port.behind(name, this.#all(name).length - this.#next.get(name)!)
  }

  #all(name: string): readonly Message[] {
    return this.#broker.partitions.get(name)!
  }

  async #read(name: string): Promise<void> {
    this.#next.set(name, Number(this.port.position(name) ?? -1) + 1)
    while (!this.#stopped) {
      const next = this.#next.get(name)!
      const messages = this.#all(name).slice(next, next + this.#batch)
      this.#next.set(name, next + messages.length)
      const room = this.port.take(name, messages)
      this.#tellBehind(name)
      await room
      if (messages.length === 0) await new Promise<void>((resolve) => this.#idle.add(resolve))
    }
  }
}
