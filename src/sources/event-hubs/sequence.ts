import type { ReceivedEventData } from '@azure/event-hubs'
import type { Gap, Message } from '../../daemon/source.js'
import { bytesOf } from './body.js'

/** What is new in what the hub brought. */
export interface Arrival {
  readonly messages: readonly Message[]
  /** Sequence numbers that are missing before or between them. */
  readonly gaps: readonly Omit<Gap, 'partition'>[]
  /** Events that were here before. */
  readonly repeated: number
}

/** How far a partition is read. Its events are numbered without gaps: what is missing is lost, what is not new is known. */
export class Sequence {
  /** Sequence number of the last event that was taken. */
  taken: number | undefined

  /** @param position of the last message that the state reflects. */
  constructor(position: string | undefined) {
    const [, number] = /^(\d+)\//.exec(position ?? '') ?? []
    this.taken = number === undefined ? undefined : Number(number)
  }

  /** Sorts out what the hub brought, which is then taken. */
  arrive(events: readonly ReceivedEventData[]): Arrival {
    const messages: Message[] = []
    const gaps: Omit<Gap, 'partition'>[] = []
    for (const event of events) {
      const number = event.sequenceNumber
      if (this.taken !== undefined && number <= this.taken) continue
      if (this.taken !== undefined && number > this.taken + 1) gaps.push(gap(this.taken + 1, number - 1))
      this.taken = number
      messages.push(messageOf(event))
    }
    return { messages, gaps, repeated: events.length - messages.length }
  }

  /** How many events come after what was taken, of a partition that holds those from `first` to `last`. */
  behind(first: number, last: number): number {
    return Math.max(0, last - Math.max(this.taken ?? -1, first - 1))
  }
}

function gap(from: number, to: number): Omit<Gap, 'partition'> {
  const detail = `${to - from + 1} messages are gone: the hub keeps them for a limited time`
  return { from: String(from), to: String(to), detail }
}

function messageOf(event: ReceivedEventData): Message {
  const enqueued = event.enqueuedTimeUtc?.getTime()
  return {
    body: bytesOf(event),
    position: `${event.sequenceNumber}/${event.offset}`,
    enqueued: Number.isFinite(enqueued) ? enqueued : Date.now(),
  }
}
