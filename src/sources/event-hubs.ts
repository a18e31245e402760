import type { EventHubConsumerClient } from '@azure/event-hubs'
import { z } from 'zod'
import { defineSource, type Surroundings } from '../daemon/kind.js'
import type { Source, SourcePort } from '../daemon/source.js'
import { openConsumer } from '../event-hubs/client.js'
import { explain } from '../event-hubs/errors.js'
import { hubSettings } from '../event-hubs/settings.js'
import { backoff, closed, pause, within } from '../waiting.js'
import { checkHub } from './event-hubs/check.js'
import { HubConnection } from './event-hubs/connection.js'
import { PACE, type Pace } from './event-hubs/pace.js'
import { PartitionReader } from './event-hubs/partition-reader.js'

const settings = hubSettings.extend({
  consumer_group: z
    .string()
    .min(1)
    .default('$Default')
    .meta({ description: 'Consumer group, of which this daemon is the only reader.' }),
  owner_level: z.number().int().min(1).max(1_000_000).default(1).meta({
    description:
      'Of two daemons that read the same group, the one with the higher level goes on and the other exits; of equal ones usually the one that came last goes on. The service knows a level 0 too, but the client leaves it out.',
  }),
  batch: z.number().int().min(1).max(300).default(10).meta({
    description: 'Messages asked for at once for each partition; up to 40 times as many may wait in memory.',
  }),
})

export type EventHubsSettings = z.output<typeof settings>

/** Reads all partitions of an event hub over AMQP, each from where our own state stands. */
export class EventHubsSource implements Source {
  readonly name: string
  readonly #settings: EventHubsSettings
  readonly #around: Surroundings
  readonly #pace: Pace
  readonly #connection: HubConnection
  readonly #readers = new Map<string, PartitionReader>()
  readonly #stopped = new AbortController()
  /** Partitions that are not being read. */
  readonly #down = new Set<string>()
  #running: Promise<void> = Promise.resolve()

  /** Connects to nothing yet. @throws Error for settings that can't be used. */
  constructor(name: string, settings: EventHubsSettings, around: Surroundings, pace: Pace = PACE) {
    this.name = name
    this.#settings = settings
    this.#around = around
    this.#pace = pace
    const open = () => openConsumer(settings, settings.consumer_group, pace.retries)
    this.#connection = new HubConnection(open, pace.closing)
    this.#connection.client()
  }

  async start(port: SourcePort): Promise<void> {
    this.#running = this.#keepLooking(port)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()))
    await this.#connection.drop()
    await closed(this.#running, this.#pace.closing)
  }

  /** Looks at the hub now and then: for partitions that are new, and for what is unread. */
  async #keepLooking(port: SourcePort): Promise<void> {
    const { signal } = this.#stopped
    const { look, firstPause, longestPause } = this.#pace
    for (let failures = 0; !signal.aborted; ) {
      const error = await this.#lookInTime(port)
      if (signal.aborted) return
      if (error) await this.#reportLook(port, error)
      failures = error ? failures + 1 : 0
      await pause(failures > 0 ? backoff(failures, firstPause, longestPause) : look, signal)
    }
  }

  async #lookInTime(port: SourcePort): Promise<Error | undefined> {
    try {
      await within(this.#pace.silence, this.#look(port), 'the hub does not answer')
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  async #look(port: SourcePort): Promise<void> {
    const client = this.#connection.client()
    const { signal: abortSignal } = this.#connection
    await this.#adopt(await client.getPartitionIds({ abortSignal }), port)
    for (const reader of this.#readers.values())
      reader.look(await client.getPartitionProperties(reader.id, { abortSignal }))
  }

  /** Reads what is new and leaves what is gone, if the partitions are others than before. */
  async #adopt(partitions: readonly string[], port: SourcePort): Promise<void> {
    const gone = [...this.#readers.keys()].filter((id) => !partitions.includes(id))
    const added = partitions.filter((id) => !this.#readers.has(id))
    if (gone.length + added.length === 0 || this.#stopped.signal.aborted) return
    await Promise.all(gone.map((id) => this.#leave(id)))
    await port.assign(partitions.map((id) => this.#nameOf(id)))
    if (this.#stopped.signal.aborted) return
    this.#around.log.info({ source: this.name, partitions: partitions.length }, 'reading an event hub')
    for (const id of added) this.#read(id, port)
  }

  #read(id: string, port: SourcePort): void {
    const { batch, owner_level: ownerLevel } = this.#settings
    const reader = new PartitionReader(id, this.#nameOf(id), {
      port,
      pace: this.#pace,
      around: this.#around,
      batch,
      ownerLevel,
      client: () => this.#connection.client(),
      reading: (partition) => this.#reading(port, partition),
      failed: (partition, why, client) => this.#failed(port, partition, why, client),
    })
    this.#readers.set(id, reader)
    this.#down.add(id)
    reader.start()
  }

  async #leave(id: string): Promise<void> {
    const reader = this.#readers.get(id)
    this.#readers.delete(id)
    this.#down.delete(id)
    await reader?.stop()
  }

  #reading(port: SourcePort, partition: string): void {
    this.#connection.works(partition)
    if (this.#stopped.signal.aborted || !this.#down.delete(partition) || this.#down.size > 0) return
    port.connection(true, `${this.#readers.size} partitions`)
  }

  /** The hub counts as reached only while every partition is read. */
  #failed(
    port: SourcePort,
    partition: string,
    why: string,
    client: EventHubConsumerClient | undefined,
  ): void {
    if (this.#stopped.signal.aborted) return
    this.#down.add(partition)
    port.connection(false, `partition ${partition}: ${why}`)
    if (client) this.#connection.fails(partition, client, this.#readers.size)
  }

  async #reportLook(port: SourcePort, error: Error): Promise<void> {
    const why = explain(error)
    this.#around.count('looks_failed')
    this.#around.log.warn({ source: this.name, error: why }, 'could not look at the event hub')
    if (this.#readers.size > 0) return
    port.connection(false, why)
    await this.#connection.drop()
  }

  #nameOf(partition: string): string {
    return `${this.name}/${partition}`
  }
}

/** Azure Event Hubs, over AMQP. */
export const source = defineSource({
  kind: 'event-hubs',
  settings,
  open: (name, settings, around) => new EventHubsSource(name, settings, around),
  check: (settings) => checkHub(settings, settings.consumer_group),
})
