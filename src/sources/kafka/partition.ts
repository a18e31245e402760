import { Buffer } from 'node:buffer'
import type { Batch, KafkaMessage } from 'kafkajs'
import type { Gap, Message } from '../../daemon/source.js'
import { partitionName, type Range } from './ranges.js'

/** What to do with a batch: take these messages, or look anew where the partition stands. */
export type Verdict =
  | { readonly messages: readonly KafkaMessage[]; readonly repeated: number }
  | { readonly misplaced: true }

/** A message as the daemon takes it. A producer's clock may be ahead: nothing was taken in later than now. */
export function messageOf({ value, offset, timestamp }: KafkaMessage, now: number): Message {
  const told = Number(timestamp)
  const enqueued = told > 0 ? Math.min(told, now) : now
  return { body: value ?? Buffer.alloc(0), position: offset, enqueued }
}

/** Where the reading of one partition stands. Offsets are those of our own state, never those of the group. */
export class Partition {
  readonly name: string
  readonly topic: string
  readonly partition: number
  /** Whether `next` is known to lie in the log, and is what the broker was asked for. */
  placed = false
  /** Whether what was read last has found no room yet. */
  full = false
  #next: bigint | undefined
  /** The place that was asked for explicitly: what comes after a hole in the log is then right. */
  #sought: bigint | undefined

  constructor(topic: string, partition: number) {
    this.name = partitionName(topic, partition)
    this.topic = topic
    this.partition = partition
  }

  /** Offset of the message to be read next. */
  get next(): bigint | undefined {
    return this.#next
  }

  /** Goes on after what the state holds. */
  startAfter(position: string | undefined): void {
    this.#next = position === undefined ? undefined : BigInt(position) + 1n
  }

  /** Whether the next message lies neither in the log nor at its end. */
  isOutside({ low, high }: Range): boolean {
    return this.#next !== undefined && (this.#next < low || this.#next > high)
  }

  /** Settles where to read on: at the earliest where nothing is known, or where it is not in the log; tells what is lost. */
  place(range: Range): Gap | undefined {
    const gap = this.isOutside(range) ? this.#gap(range) : undefined
    if (gap || this.#next === undefined) this.#next = range.low
    this.#sought = this.#next
    this.placed = true
    return gap
  }

  #gap({ low, high }: Range): Gap {
    const from = String(this.#next)
    const common = { partition: this.name, from }
    if (this.#next! < low) {
      const to = String(low - 1n)
      return { ...common, to, detail: `offsets ${from} to ${to} were deleted before they were read` }
    }
    const detail = `the log ends at ${high}, before offset ${from}: it was made anew or cut; read from its beginning`
    return { ...common, to: 'unknown', detail }
  }

  /** Which messages of a batch are to be taken. */
  judge(batch: Batch): Verdict {
    const first = BigInt(batch.firstOffset() ?? batch.lastOffset())
    const next = this.#next!
    const beyond = first > next && this.#sought !== next
    if (beyond || (first < next && BigInt(batch.highWatermark) < next)) return { misplaced: true }
    const { messages: all } = batch
    const messages = first >= next ? all : all.filter(({ offset }) => BigInt(offset) >= next)
    return { messages, repeated: batch.messages.length - messages.length }
  }

  /** Goes on after an offset; never back. */
  advance(offset: string): void {
    const after = BigInt(offset) + 1n
    if (this.#next === undefined || after > this.#next) this.#next = after
  }

  /** How many messages before the end of the log are still to be read. */
  behind(high: bigint): number {
    const next = this.#next ?? high
    return next < high ? Number(high - next) : 0
  }
}
