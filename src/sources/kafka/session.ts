import type {
  Admin,
  Consumer,
  ConsumerEndBatchProcessEvent,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
} from 'kafkajs'
import type { Surroundings } from '../../daemon/kind.js'
import type { SourcePort } from '../../daemon/source.js'
import { closed, pause } from '../../waiting.js'
import { consumerOf, type SessionOptions } from './consumer.js'
import { Heartbeats } from './heartbeats.js'
import { Orders } from './orders.js'
import { messageOf, Partition } from './partition.js'
import { partitionName, type Ranges, readRanges } from './ranges.js'
import { isSoon } from './room.js'

/** Milliseconds before a second look at a log that seems to end before what was read of it. */
const SECOND_LOOK = 500

/** One membership in the group, from joining until something ends it. */
export class Session {
  readonly #options: SessionOptions
  readonly #client: Kafka
  readonly #port: SourcePort
  readonly #around: Surroundings
  readonly #consumer: Consumer
  readonly #heartbeats: Heartbeats
  readonly #orders: Orders
  readonly #over = new AbortController()
  #partitions = new Map<string, Partition>()
  /** What the port was told last. */
  #told: readonly string[] = []
  /** Joins so far: what belongs to an earlier one has no effect any more. */
  #joins = 0
  #opening: Promise<void> = Promise.resolve()
  #settling: Promise<void> = Promise.resolve()
  #subscribed: readonly string[] = []
  #end: (error: Error | undefined) => void = () => {}
  readonly #ended = new Promise<Error | undefined>((resolve) => {
    this.#end = resolve
  })

  constructor(client: Kafka, options: SessionOptions, port: SourcePort, around: Surroundings) {
    this.#client = client
    this.#options = options
    this.#port = port
    this.#around = around
    const claim = () => ({ holds: this.#told.length > 0 && this.#heartbeats.alive, started: options.started })
    this.#consumer = consumerOf(client, options, claim)
    this.#heartbeats = new Heartbeats(this.#consumer, options.sessionTimeout)
    this.#orders = new Orders(this.#consumer, around.log)
  }

  /** Joins and reads. Resolves with what ended it; with nothing when it was stopped or is to be opened anew. */
  async run(): Promise<Error | undefined> {
    this.#opening = this.#open()
    this.#opening.then(() => this.#keepLooking()).catch((error: Error) => this.#end(error))
    return this.#ended
  }

  async #open(): Promise<void> {
    const ranges = await this.#ranges()
    if (ranges.topics.length === 0) throw new Error(`there is no topic ${ranges.missing.join(', ')}`)
    for (const topic of ranges.missing) this.#around.log.warn({ topic }, 'topic does not exist yet')
    this.#subscribed = ranges.topics
    if (!this.#over.signal.aborted) await this.#join(ranges.partitions.size)
  }

  async #join(partitions: number): Promise<void> {
    const consumer = this.#consumer
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.#joined(event))
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#end(payload.error))
    consumer.on(consumer.events.END_BATCH_PROCESS, (event) => this.#passed(event))
    await consumer.connect()
    await consumer.subscribe({ topics: [...this.#subscribed], fromBeginning: true })
    if (this.#over.signal.aborted) return
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: Math.max(16, 2 * partitions),
      eachBatch: (payload) => this.#read(payload),
    })
  }

  /**
   * Leaves the group, promptly: what hangs is left behind. A consumer of kafkajs that is disconnected while it joins
   * joins all the same, and stays a member that reads nothing and that nobody can stop. So that is waited for.
   */
  async leave(limit: number): Promise<void> {
    this.#joins++
    this.#over.abort()
    this.#end(undefined)
    const opened = this.#opening.catch(() => {})
    const left = opened.then(() => this.#consumer.disconnect())
    await closed(left, limit)
  }

  /** Tells the group how far the state is; a member that has lost its place is refused by the brokers. */
  async commit(positions: ReadonlyMap<string, string>): Promise<void> {
    if (this.#over.signal.aborted) return
    const own = [...positions].flatMap(([name, position]) => {
      const held = this.#partitions.get(name)
      if (!held) return []
      return [{ topic: held.topic, partition: held.partition, offset: String(BigInt(position) + 1n) }]
    })
    if (own.length > 0) await this.#consumer.commitOffsets(own)
  }

  /** Runs before anything of the new membership is fetched, so that nothing is read at the group's own offsets. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    if (this.#over.signal.aborted) return
    this.#heartbeats.joined()
    const join = ++this.#joins
    const held = new Map<string, Partition>()
    for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
      for (const partition of partitions) {
        const name = partitionName(topic, partition)
        held.set(name, this.#partitions.get(name) ?? new Partition(topic, partition))
      }
    }
    this.#partitions = held
    for (const partition of held.values()) {
      if (partition.placed) this.#orders.seek(partition)
      else this.#orders.pause(partition)
    }
    this.#around.log.info({ partitions: held.size, member: payload.memberId }, 'joined the group')
    this.#settling = this.#settling.then(() => this.#settle(join)).catch((error) => this.#end(error))
  }

  /** Lets a partition go on, if nothing else holds it. */
  #release(partition: Partition): void {
    if (!partition.placed || partition.full || this.#partitions.get(partition.name) !== partition) return
    if (!this.#over.signal.aborted) this.#orders.resume(partition)
  }

  /** Tells the port what is read from now on, and begins with what is new. */
  async #settle(join: number): Promise<void> {
    if (join !== this.#joins) return
    const all = [...this.#partitions.values()]
    const kept = all.filter(({ placed }) => placed)
    const fresh = all.filter(({ placed }) => !placed)
    // What was lost and came back in between is begun from the state: what waits of it must go first.
    if (fresh.some(({ name }) => this.#told.includes(name))) await this.#tell(kept)
    await this.#tell(all)
    if (join !== this.#joins) return
    for (const partition of fresh) partition.startAfter(this.#port.position(partition.name))
    await this.#place(fresh, join)
    if (join === this.#joins) this.#port.connection(true, this.#describe())
  }

  async #tell(partitions: readonly Partition[]): Promise<void> {
    this.#told = partitions.map(({ name }) => name)
    await this.#port.assign(this.#told)
  }

  #describe(): string {
    const { group } = this.#options
    if (this.#partitions.size > 0) return `reading ${this.#partitions.size} partitions as ${group}`
    return `standing by: another member of ${group} reads`
  }

  #ranges(): Promise<Ranges> {
    const admin: Admin = this.#client.admin({
      retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000 },
    })
    return readRanges(admin, this.#options.topics)
  }

  /** Finds where partitions are to be read on, and lets them go. */
  async #place(partitions: readonly Partition[], join: number): Promise<void> {
    if (partitions.length === 0) return
    const ranges = await this.#certainRanges(partitions)
    if (join !== this.#joins) return
    for (const partition of partitions) {
      const range = ranges.partitions.get(partition.name)
      if (!range) throw new Error(`${partition.name} does not exist any more`)
      const gap = partition.place(range)
      if (gap) this.#port.gap(gap)
      this.#port.behind(partition.name, partition.behind(range.high))
      this.#orders.seek(partition)
      this.#release(partition)
    }
  }

  /** The ranges; asked for twice where a log seems to end too early, as it may while a broker starts. */
  async #certainRanges(partitions: readonly Partition[]): Promise<Ranges> {
    const ranges = await this.#ranges()
    const short = ({ name, next = 0n }: Partition) => next > (ranges.partitions.get(name)?.high ?? 0n)
    if (!partitions.some(short)) return ranges
    await pause(SECOND_LOOK, this.#over.signal)
    return this.#ranges()
  }

  async #read(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isStale, isRunning } = payload
    const partition = this.#partitions.get(partitionName(batch.topic, batch.partition))
    if (!partition?.placed || isStale() || !isRunning() || this.#over.signal.aborted) return
    const verdict = partition.judge(batch)
    if ('misplaced' in verdict) return this.#replace(partition)
    if (verdict.repeated > 0) this.#around.count('repeated', verdict.repeated)
    const now = Date.now()
    const messages = verdict.messages.map((message) => messageOf(message, now))
    const last = batch.lastOffset()
    resolveOffset(last)
    partition.advance(last)
    const taken = this.#port.take(partition.name, messages)
    this.#port.behind(partition.name, partition.behind(BigInt(batch.highWatermark)))
    if (await isSoon(taken)) return
    this.#around.count('held_back')
    partition.full = true
    this.#orders.pause(partition)
    void taken.then(() => {
      partition.full = false
      this.#release(partition)
    })
  }

  /** Looks anew where a partition stands, and holds it until that is known. */
  #replace(partition: Partition): void {
    const join = this.#joins
    partition.placed = false
    this.#orders.pause(partition)
    this.#around.count('misplaced')
    this.#settling = this.#settling
      .then(() => this.#place([partition], join))
      .catch((error) => this.#end(error))
  }

  /** What held nothing for us, such as the marks of transactions, is passed all the same. */
  #passed({ payload }: ConsumerEndBatchProcessEvent): void {
    const { topic, firstOffset, lastOffset, batchSize } = payload
    const partition = this.#partitions.get(partitionName(topic, payload.partition))
    if (batchSize > 0 || !firstOffset || !partition?.placed) return
    if (BigInt(firstOffset) <= partition.next!) partition.advance(lastOffset)
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      await pause(this.#options.lookEvery, signal)
      if (signal.aborted) return
      await this.#look().catch((error: Error) => {
        this.#around.log.debug({ error: error.message }, 'could not look at the ends of the logs')
      })
    }
  }

  /** Sees what no message tells of: what is held back, deleted or made anew, and topics that come and go. */
  async #look(): Promise<void> {
    const before = [...this.#partitions.values()].filter(({ placed }) => placed)
    const asked = before.map((partition) => ({ partition, next: partition.next! }))
    const ranges = await this.#ranges()
    if (ranges.topics.join() !== this.#subscribed.join()) return this.#end(undefined)
    for (const { partition, next } of asked) {
      const range = ranges.partitions.get(partition.name)
      if (!range || !partition.placed || this.#partitions.get(partition.name) !== partition) continue
      if (next < range.low || next > range.high) this.#replace(partition)
      else this.#port.behind(partition.name, partition.behind(range.high))
    }
  }
}
