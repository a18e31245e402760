import type { Message } from './source.js'

/** Bounds on what waits between the sources and the scorer. */
export interface QueueLimits {
  /** Bytes of all partitions together. One batch of each partition is taken all the same. */
  readonly maxBytes: number
  /** Bytes of one partition. */
  readonly maxPartitionBytes: number
  /** How long a partition that is not at its end is waited for, in milliseconds: longer than sources pause between tries. */
  readonly patience: number
}

export const DEFAULT_QUEUES: QueueLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxPartitionBytes: 8 * 1024 * 1024,
  patience: 10_000,
}

/** One partition: what waits, and how far it was read. */
export interface Partition {
  readonly source: string
  readonly name: string
  assigned: boolean
  /** Position and time of the last message that was scored. */
  position: string | undefined
  enqueued: number | undefined
  /** Messages that the source still has to hand over; `undefined` as long as it does not know. */
  behind: number | undefined
  /** Messages that were scored since the start. */
  messages: number
  readonly waiting: Message[]
  /** Index of the next message in `waiting`. */
  next: number
  bytes: number
  /** Since when others wait for it, and whether that took too long. */
  waitedSince: number | undefined
  slow: boolean
  /** Calls for the sources that wait for room. */
  readonly room: (() => void)[]
}

/** A message that leaves the queues. */
export interface Queued {
  readonly partition: Partition
  readonly message: Message
}

/**
 * What was read and is not scored yet, by partition, and the order in which it is scored: by the time at which the
 * broker took it in. A partition that has nothing at hand is waited for, unless it is read to its end; but never for
 * long. `now` is a clock that only goes on (milliseconds).
 */
export class PartitionQueues {
  readonly #limits: QueueLimits
  readonly #now: () => number
  readonly #partitions = new Map<string, Partition>()
  #bytes = 0

  constructor(limits: QueueLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** All partitions that were ever named. */
  get all(): Iterable<Partition> {
    return this.#partitions.values()
  }

  /** A partition; made if it is not known. */
  of(source: string, name: string): Partition {
    const key = JSON.stringify([source, name])
    const known = this.#partitions.get(key)
    if (known) return known
    const made = newPartition(source, name)
    this.#partitions.set(key, made)
    return made
  }

  /** Says which partitions of a source are read; drops what waits of others. */
  assign(source: string, names: readonly string[]): void {
    for (const name of names) this.of(source, name)
    for (const partition of this.#partitions.values()) {
      if (partition.source !== source) continue
      const assigned = names.includes(partition.name)
      if (!assigned || !partition.assigned) this.#empty(partition)
      partition.assigned = assigned
    }
  }

  /** Takes messages; resolves when there is room for more. */
  take(partition: Partition, messages: readonly Message[]): Promise<void> {
    if (!partition.assigned || messages.length === 0) return Promise.resolve()
    for (const message of messages) {
      partition.waiting.push(message)
      this.#count(partition, message.body.length)
    }
    partition.waitedSince = undefined
    partition.slow = false
    if (this.#hasRoom(partition)) return Promise.resolve()
    return new Promise((resolve) => partition.room.push(resolve))
  }

  /** Notes how many messages a source still has to hand over. At its end, a partition is waited for no longer. */
  behind(partition: Partition, messages: number | undefined): void {
    partition.behind = messages
    if (messages !== 0) return
    partition.waitedSince = undefined
    partition.slow = false
  }

  /**
   * The next message, or how many milliseconds to wait at most before asking again: a partition may yet bring an older
   * one. `undefined` if nothing waits.
   */
  next(): Queued | number | undefined {
    const oldest = this.#oldest()
    if (!oldest) return undefined
    const wait = this.#mustWait()
    if (wait > 0) return wait
    const message = oldest.waiting[oldest.next++]!
    this.#count(oldest, -message.body.length)
    compact(oldest)
    this.#giveRoom()
    return { partition: oldest, message }
  }

  /** Forgets all positions that were loaded; to be called before any partition is assigned. */
  forget(): void {
    this.#partitions.clear()
  }

  /** Drops everything that waits, as it is read again after the next start. */
  clear(): void {
    for (const partition of this.#partitions.values()) this.#empty(partition)
  }

  #oldest(): Partition | undefined {
    let oldest: Partition | undefined
    for (const partition of this.#partitions.values()) {
      if (isEmpty(partition)) continue
      if (!oldest || headTime(partition) < headTime(oldest)) oldest = partition
    }
    return oldest
  }

  /** Milliseconds that the partition which is waited for longest may still take; 0 if none is waited for. */
  #mustWait(): number {
    const now = this.#now()
    let most = 0
    for (const partition of this.#partitions.values()) {
      if (!partition.assigned || partition.slow || partition.behind === 0 || !isEmpty(partition)) continue
      partition.waitedSince ??= now
      const left = this.#limits.patience - (now - partition.waitedSince)
      if (left > 0) most = Math.max(most, left)
      else partition.slow = true
    }
    return most
  }

  #count(partition: Partition, bytes: number): void {
    partition.bytes += bytes
    this.#bytes += bytes
  }

  #hasRoom(partition: Partition): boolean {
    if (isEmpty(partition)) return true
    return partition.bytes < this.#limits.maxPartitionBytes && this.#bytes < this.#limits.maxBytes
  }

  #giveRoom(): void {
    for (const partition of this.#partitions.values()) {
      if (partition.room.length === 0 || !this.#hasRoom(partition)) continue
      for (const resolve of partition.room.splice(0)) resolve()
    }
  }

  #empty(partition: Partition): void {
    this.#count(partition, -partition.bytes)
    partition.waiting.length = 0
    partition.next = 0
    partition.waitedSince = undefined
    partition.slow = false
    partition.behind = undefined
    this.#giveRoom()
  }
}

function newPartition(source: string, name: string): Partition {
  return {
    source,
    name,
    assigned: false,
    position: undefined,
    enqueued: undefined,
    behind: undefined,
    messages: 0,
    waiting: [],
    next: 0,
    bytes: 0,
    waitedSince: undefined,
    slow: false,
    room: [],
  }
}

function isEmpty({ waiting, next }: Partition): boolean {
  return next === waiting.length
}

function headTime({ waiting, next }: Partition): number {
  return waiting[next]!.enqueued
}

/** Frees what was taken out, not at each message, since that would move all others. */
function compact(partition: Partition): void {
  if (!isEmpty(partition) && partition.next < 1_024) return
  partition.waiting.splice(0, partition.next)
  partition.next = 0
}
