import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { stopIdleTimer } from '../src/kafka/idle-timer.js'

/** Messages of one request to the broker. */
const BATCH = 40

const PARTITIONS = 4

/** What a topic holds once it is filled. */
export interface Filled {
  readonly messages: number
  readonly records: number
  readonly bytes: number
}

/** A client that says nothing. */
export function kafkaAt(address: string): Kafka {
  stopIdleTimer()
  return new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
}

export async function createTopic(address: string, topic: string): Promise<void> {
  const admin = kafkaAt(address).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
  await admin.disconnect()
}

/** Runs something with a producer. */
export async function producing<Result>(
  address: string,
  work: (producer: Producer) => Promise<Result>,
): Promise<Result> {
  const producer = kafkaAt(address).producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  try {
    return await work(producer)
  } finally {
    await producer.disconnect()
  }
}

/** Sends messages, each a JSON text with `records`, to the partitions in turn. */
export async function fill(producer: Producer, topic: string, texts: Iterable<string>): Promise<Filled> {
  const filled = { messages: 0, records: 0, bytes: 0 }
  let batch: { value: string; partition: number }[] = []
  const send = async () => {
    await producer.send({ topic, messages: batch })
    batch = []
  }
  for (const value of texts) {
    batch.push({ value, partition: filled.messages++ % PARTITIONS })
    filled.records += JSON.parse(value).records.length
    filled.bytes += Buffer.byteLength(value)
    if (batch.length === BATCH) await send()
  }
  if (batch.length > 0) await send()
  return filled
}
