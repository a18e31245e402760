import rhea, { type AmqpError, type Connection, type Message, type Sender } from 'rhea'
import type { Faults } from './faults.js'
import type { PartitionLog, StoredEvent } from './partition-log.js'
import { startOf } from './start-position.js'

const { types } = rhea

/** A link on which a client reads a partition. */
export interface Reader {
  readonly group: string
  readonly log: PartitionLog
  readonly link: Sender
  readonly connection: Connection
  readonly epoch: number | undefined
  readonly metrics: boolean
  next: number
  /** Events sent on this link. */
  sent: number
}

/** The links of all readers of a hub: who may read, and what they are sent. */
export class Readers {
  readonly #all = new Set<Reader>()
  readonly #faults: Faults
  /** Links that were opened, ever. */
  opened = 0
  /** Most credit that a link ever had. */
  mostCredit = 0

  constructor(faults: Faults) {
    this.#faults = faults
  }

  /** Takes a link up, or refuses it as the service would. */
  open(link: Sender, group: string, log: PartitionLog): void {
    const epoch: number | undefined = link.properties?.['com.microsoft:epoch']
    const rivals = this.of(log.id).filter((reader) => reader.group === group)
    if (rivals.some((rival) => (rival.epoch ?? -1) > (epoch ?? -1))) {
      link.close(stolen(`a receiver with a higher epoch than ${epoch ?? 'none'} reads partition ${log.id}`))
      return
    }
    const start = this.#start(link, log)
    if (start === undefined) return
    if (epoch !== undefined) this.#steal(rivals, epoch)
    this.#add({
      group,
      log,
      link,
      connection: link.connection,
      epoch,
      next: start,
      sent: 0,
      metrics: metricsWanted(link),
    })
  }

  /** The links on which a partition is read now. */
  of(partition: string): Reader[] {
    return [...this.#all].filter(({ log }) => log.id === partition)
  }

  /** Ends links with an error. */
  close(partition: string, error: AmqpError): void {
    for (const reader of this.of(partition)) {
      this.#all.delete(reader)
      reader.link.close(error)
    }
  }

  /** Forgets the links of a connection that is gone. */
  forget(connection: Connection): void {
    for (const reader of this.#all) if (reader.connection === connection) this.#all.delete(reader)
  }

  /** Sends what there is, as far as credit goes. */
  serve(partition?: string): void {
    for (const reader of this.#all)
      if (partition === undefined || reader.log.id === partition) this.#send(reader)
  }

  #add(reader: Reader): void {
    this.#all.add(reader)
    this.opened++
    reader.link.set_source(reader.link.source)
    reader.link.on('sender_flow', () => {
      this.mostCredit = Math.max(this.mostCredit, creditOf(reader))
    })
    reader.link.on('sendable', () => this.#send(reader))
    reader.link.on('sender_close', () => this.#all.delete(reader))
  }

  #start(link: Sender, log: PartitionLog): number | undefined {
    try {
      const start = startOf(selectorOf(link), log)
      if (start < log.begin && start > 0 && this.#faults.refuseExpired) throw new Error(`${start} is expired`)
      return Math.max(0, start - this.#faults.rewind)
    } catch (error) {
      link.close({
        condition: 'com.microsoft:argument-out-of-range',
        description: `The supplied position is invalid: ${(error as Error).message}`,
      })
      return undefined
    }
  }

  /** The newest of equals wins. */
  #steal(rivals: readonly Reader[], epoch: number): void {
    for (const rival of rivals) {
      this.#all.delete(rival)
      rival.link.close(stolen(`a new receiver with epoch ${epoch} reads partition ${rival.log.id}`))
    }
  }

  #send(reader: Reader): void {
    for (;;) {
      const event = reader.log.at(reader.next)
      if (!event || this.#faults.silent.has('events')) return
      for (let copies = 1 + this.#faults.repeats; copies > 0; copies--) {
        if (creditOf(reader) <= 0) return
        reader.link.send(wireOf(event, reader))
        reader.sent++
      }
      reader.next = event.sequence + 1
    }
  }
}

/**
 * Outstanding credit of a link: how many events may still be sent. Counted here, as rhea takes what is sent off the
 * credit only once it writes it to the socket.
 */
export function creditOf({ link, sent }: Reader): number {
  const { credit, delivery_count } = link as Sender & { credit: number; delivery_count: number }
  return credit + delivery_count - sent
}

function stolen(description: string): AmqpError {
  return { condition: 'amqp:link:stolen', description }
}

function selectorOf(link: Sender): string {
  const filter = link.source.filter?.['apache.org:selector-filter:string']
  return String(filter?.value ?? filter)
}

function metricsWanted(link: Sender): boolean {
  return [link.desired_capabilities]
    .flat()
    .map(String)
    .includes('com.microsoft:enable-receiver-runtime-metric')
}

function wireOf(event: StoredEvent, reader: Reader): Message {
  const message_annotations = {
    ...event.message.message_annotations,
    'x-opt-sequence-number': types.wrap_long(event.sequence),
    'x-opt-offset': event.offset,
    'x-opt-enqueued-time': types.wrap_timestamp(event.enqueued),
  }
  const annotations = reader.metrics ? { delivery_annotations: metricsOf(reader.log) } : {}
  return { ...event.message, message_annotations, ...annotations }
}

function metricsOf(log: PartitionLog): Record<string, unknown> {
  return {
    last_enqueued_sequence_number: types.wrap_long(log.lastSequence),
    last_enqueued_offset: log.last?.offset ?? '-1',
    last_enqueued_time_utc: types.wrap_timestamp(log.last?.enqueued ?? 0),
    runtime_info_retrieval_time_utc: types.wrap_timestamp(Date.now()),
  }
}
