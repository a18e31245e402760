import type { Consumer } from 'kafkajs'
import type { Logger } from 'pino'
import type { Partition } from './partition.js'

/** What a consumer is told about single partitions. No call throws. */
export class Orders {
  readonly #consumer: Consumer
  readonly #log: Logger

  constructor(consumer: Consumer, log: Logger) {
    this.#consumer = consumer
    this.#log = log
  }

  /** The next message is that which the partition needs next. */
  seek({ topic, partition, next }: Partition): void {
    this.#give(() => this.#consumer.seek({ topic, partition, offset: String(next) }))
  }

  pause({ topic, partition }: Partition): void {
    this.#give(() => this.#consumer.pause([{ topic, partitions: [partition] }]))
  }

  resume({ topic, partition }: Partition): void {
    this.#give(() => this.#consumer.resume([{ topic, partitions: [partition] }]))
  }

  /** A consumer that has crashed takes no orders any more, before it tells of what made it crash. */
  #give(order: () => void): void {
    try {
      order()
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, 'the consumer has ended')
    }
  }
}
