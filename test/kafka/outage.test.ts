import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type OutgoingAlert, Refused } from '../../src/daemon/sink.js'
import { sink } from '../../src/sinks/kafka.js'
import { KafkaClients } from '../support/kafka/clients.js'
import { KafkaBroker, kafkaMissing } from '../support/kafka-broker.js'
import { outgoingOnes } from '../support/outgoing.js'
import { surroundings } from '../support/surroundings.js'
import { until } from '../support/until.js'

const missing = await kafkaMissing('outages of Kafka, and the sink')

// Brokers take their time on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })

let broker: KafkaBroker
let kafka: KafkaClients

beforeAll(async () => {
  if (missing) return
  broker = await KafkaBroker.start()
  kafka = new KafkaClients(broker.address)
  await kafka.connect()
})

afterAll(async () => {
  await kafka?.close()
  await broker?.remove()
})

const never = new AbortController().signal
const [one, two, three] = outgoingOnes(3) as [OutgoingAlert, OutgoingAlert, OutgoingAlert]
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

function open(topic: string, options: Record<string, unknown> = {}) {
  const around = surroundings()
  const given = { brokers: [broker.address], topic, ...options }
  return { ...around, sink: sink.open('alerts', sink.settings.parse(given), around) }
}

/** What a topic holds, by key, in order of arrival. */
async function contentOf(topic: string, count: number): Promise<{ key: string; value: string }[]> {
  const found: { key: string; value: string }[] = []
  const consumer = kafka.kafka.consumer({ groupId: kafka.newName('group'), maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      found.push({ key: String(message.key), value: String(message.value) })
    },
  })
  await until(`${count} messages have come`, () => found.length >= count)
  await consumer.disconnect()
  return found
}

describe.skipIf(missing)('a Kafka sink', () => {
  it('delivers alerts in order as JSON, with their ids as keys', async () => {
    const topic = await kafka.createTopic()
    const { sink } = open(topic)
    const alerts = outgoingOnes(250)
    await sink.deliver(alerts.slice(0, 100), never)
    await sink.deliver(alerts.slice(100), never)
    await sink.close()
    const content = await contentOf(topic, 250)
    expect(content.map(({ key }) => key)).toEqual(alerts.map(({ id }) => id))
    expect(content.map(({ value }) => JSON.parse(value))).toEqual(alerts)
  })

  it('sends what is too much at once in several runs, also when the topic takes less than it was told', async () => {
    const topic = await kafka.createTopic(1, kafka.newName(), [
      { name: 'max.message.bytes', value: '150000' },
    ])
    const { sink } = open(topic, { max_bytes: 400_000 })
    const alerts = outgoingOnes(12).map((alert) => ({ ...alert, reason: 'x'.repeat(60_000) }))
    await sink.deliver(alerts, never)
    await sink.close()
    const content = await contentOf(topic, 12)
    expect(content.map(({ key }) => key)).toEqual(alerts.map(({ id }) => id))
  })

  it.each([
    { case: 'than its limit', size: 20_000, maxBytes: 10_000 },
    { case: 'than the topic takes, which only the broker knows', size: 3_000_000, maxBytes: 5_000_000 },
  ])('refuses an alert that is larger $case, and only that', async ({ size, maxBytes }) => {
    const topic = await kafka.createTopic()
    const { sink } = open(topic, { max_bytes: maxBytes })
    const refused = sink.deliver([one, { ...two, reason: 'x'.repeat(size) }], never)
    await expect(refused).rejects.toThrow(Refused)
    await expect(refused).rejects.toMatchObject({ ids: new Set(['alert-2']) })
    await sink.deliver([one], never)
    await sink.close()
    expect((await contentOf(topic, 1)).at(-1)?.key).toBe('alert-1')
  })

  it('says whether the topic is there', async () => {
    const topic = await kafka.createTopic()
    await expect(open(topic).sink.check?.()).resolves.toBeUndefined()
    await expect(open('nowhere').sink.check?.()).rejects.toThrow('there is no topic nowhere')
    const unreachable = open(topic, { brokers: ['127.0.0.1:1'] })
    await expect(unreachable.sink.check?.()).rejects.toThrow(/127\.0\.0\.1:1: .*ECONNREFUSED/)
  })
})

describe.skipIf(missing)('an outage of Kafka', () => {
  it('a broker that is killed and comes back: nothing lost, nothing twice, and alerts arrive under their ids', async () => {
    const topic = await kafka.createTopic(4)
    const alertTopic = await kafka.createTopic()
    const { sink } = open(alertTopic, { timeout: '2s' })
    const { port } = await kafka.read([topic])
    const send = async (from: number, to: number) => {
      for (const partition of numbers(0, 4)) await kafka.send(topic, partition, numbers(from, to).map(String))
    }
    await send(0, 50)
    await sink.deliver([one], never)
    await until('some are read', () => port.count > 20)

    await broker.kill()
    await expect(sink.deliver([two, three], never)).rejects.toThrow(alertTopic)
    await until('the source says so', () => port.connections.at(-1)?.up === false)
    expect(port.assigned).toEqual([])
    await broker.restart()

    await until('the producer of the test is back', () =>
      send(50, 100).then(
        () => true,
        () => false,
      ),
    )
    await until('the source is back', () => port.up)
    await until('the sink is back', () =>
      sink.deliver([two, three], never).then(
        () => true,
        () => false,
      ),
    )
    await until('all are read', () => numbers(0, 4).every((n) => port.texts(`${topic}/${n}`).at(-1) === '99'))
    for (const partition of numbers(0, 4)) {
      const name = `${topic}/${partition}`
      expect(port.offsets(name)).toEqual(numbers(0, port.offsets(name).length))
      expect(new Set(port.texts(name))).toEqual(new Set(numbers(0, 100).map(String)))
    }
    expect(port.gaps).toEqual([])
    expect(port.fatals).toEqual([])
    await sink.close()
    const content = await contentOf(alertTopic, 3)
    expect(new Set(content.map(({ key }) => key))).toEqual(new Set(['alert-1', 'alert-2', 'alert-3']))
  })
})
