import rhea, { type Message } from 'rhea'

/** An event that the hub holds. */
export interface StoredEvent {
  readonly sequence: number
  readonly offset: string
  /** Milliseconds since 1970. */
  readonly enqueued: number
  readonly message: Message
}

/** What may be enqueued: bytes, or a whole AMQP message with sections and properties of its own. */
export type Content = Buffer | string | Message

/**
 * The events of one partition, in order. As in the service, sequence numbers rise by one from 0, and offsets are texts
 * that rise too, but not by one.
 */
export class PartitionLog {
  readonly id: string
  /** Events that are kept; the oldest are dropped beyond. */
  retention = Number.POSITIVE_INFINITY
  readonly #events: StoredEvent[] = []
  #next = 0

  constructor(id: string) {
    this.id = id
  }

  /** Sequence number of the oldest event that is kept; that of the next one if there is none. */
  get begin(): number {
    return this.#events[0]?.sequence ?? this.#next
  }

  get last(): StoredEvent | undefined {
    return this.#events.at(-1)
  }

  /** Sequence number of the newest event ever, -1 if there was none. */
  get lastSequence(): number {
    return this.#next - 1
  }

  get empty(): boolean {
    return this.#events.length === 0
  }

  append(content: Content, enqueued = Date.now()): StoredEvent {
    const sequence = this.#next++
    const event = { sequence, offset: offsetOf(sequence), enqueued, message: messageOf(content) }
    this.#events.push(event)
    this.expire(this.#events.length - this.retention)
    return event
  }

  /** Leaves sequence numbers out, as if events had been lost inside the service. */
  leaveOut(count: number): void {
    this.#next += count
  }

  /** Drops the oldest events, as the service does once they are older than its retention. */
  expire(count: number): void {
    if (count > 0) this.#events.splice(0, count)
  }

  /** Begins anew, as if the hub had been deleted and made again. */
  recreate(): void {
    this.#events.length = 0
    this.#next = 0
  }

  /** The oldest event at or after a sequence number. */
  at(sequence: number): StoredEvent | undefined {
    let [low, high] = [0, this.#events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#events[middle]!.sequence < sequence) low = middle + 1
      else high = middle
    }
    return this.#events[low]
  }

  /** Sequence number of the oldest event for which a condition holds; that of the next one if there is none. */
  first(condition: (event: StoredEvent) => boolean): number {
    return this.#events.find(condition)?.sequence ?? this.#next
  }
}

const OFFSET_STEP = 64

function offsetOf(sequence: number): string {
  return String(sequence * OFFSET_STEP)
}

function messageOf(content: Content): Message {
  if (typeof content === 'string') return { body: rhea.message.data_section(Buffer.from(content)) }
  return Buffer.isBuffer(content) ? { body: rhea.message.data_section(content) } : content
}
