import { Kafka, logLevel } from 'kafkajs'
import { expect, it } from 'vitest'
import { Orders } from '../../src/sources/kafka/orders.js'
import { Partition } from '../../src/sources/kafka/partition.js'
import { surroundings } from '../support/surroundings.js'

/** A consumer that reads nothing, as one that has crashed while it was found out where its partitions stand. */
const ended = () =>
  new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }).consumer({ groupId: 'agentwarden' })

function placed(): Partition {
  const partition = new Partition('entra-logs', 3)
  partition.startAfter('41')
  partition.place({ topic: 'entra-logs', partition: 3, low: 0n, high: 90n })
  return partition
}

it.each(['seek', 'pause', 'resume'] as const)(
  'an order to %s is lost on a consumer that has ended',
  (order) => {
    const consumer = ended()
    expect(() => consumer.seek({ topic: 'entra-logs', partition: 3, offset: '42' })).toThrow(
      'not initialized',
    )
    const { log, logged } = surroundings()
    new Orders(consumer, log)[order](placed())
    expect(logged.join()).toContain('the consumer has ended')
  },
)
