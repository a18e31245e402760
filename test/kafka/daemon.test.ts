import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../src/daemon/engine.js'
import type { Source } from '../../src/daemon/source.js'
import { loadDetections } from '../../src/detections/load.js'
import { daemon } from '../support/daemon.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { KafkaClients } from '../support/kafka/clients.js'
import { KafkaBroker, kafkaMissing } from '../support/kafka-broker.js'
import { actual, differences, expected } from '../support/oracle.js'
import { simulatedRecords } from '../support/simulated.js'
import { until } from '../support/until.js'

const missing = await kafkaMissing('the daemon on Kafka')

// Brokers take their time on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })

let broker: KafkaBroker
let kafka: KafkaClients

beforeAll(async () => {
  if (missing) return
  broker = await KafkaBroker.start({ network: true })
  kafka = new KafkaClients(broker.address)
  await kafka.connect()
})

afterAll(async () => {
  await kafka?.close()
  await broker?.remove()
  rmSync(folder, { recursive: true })
})

const folder = mkdtempSync(path.join(tmpdir(), 'agentwarden-'))
const newDirectory = () => mkdtempSync(path.join(folder, 'state-'))
writeSensitivePack(path.join(folder, 'pack'))
const detections = await loadDetections(path.join(folder, 'pack'))

/** Five records a message, as they arrive; every tenth message comes twice, the second time in another partition. */
function sent() {
  const records = simulatedRecords()
  return Array.from({ length: Math.ceil(records.length / 5) }, (_, index) => {
    const part = records.slice(5 * index, 5 * index + 5)
    const value = `{"records":[${part.map(({ text }) => text).join(',')}]}`
    const partitions = index % 10 === 0 ? [index % 4, (index + 1) % 4] : [index % 4]
    return { value, timestamp: String(part.at(-1)!.arrival), partitions }
  })
}

const messages = sent()
const input = { detections, messages: messages.map(({ value }) => value), stream: { reorderHours: 12 } }

/**
 * Sends a part of the messages, one by one, as they arrive: no partition has days that another one has not. Returns a
 * topic's ends, as they are then.
 */
async function send(topic: string, part: typeof messages): Promise<Map<string, number>> {
  for (const { value, timestamp, partitions } of part) {
    await kafka.producer.send({
      topic,
      messages: partitions.map((partition) => ({ value, timestamp, partition })),
    })
  }
  const offsets = await kafka.admin.fetchTopicOffsets(topic)
  return new Map(offsets.map(({ partition, high }) => [`${topic}/${partition}`, Number(high)]))
}

/** An engine that reads one source. Its partitions wait for one another as long as it takes, and little waits. */
const run = (directory: string, source: Source) =>
  daemon(directory, {
    sources: [source],
    detections,
    stream: input.stream,
    queues: { patience: 10_000, maxPartitionBytes: 50_000 },
  })

const scored = (engine: Engine) =>
  new Map(
    engine.status().partitions.map(({ partition, position }) => [partition, Number(position ?? -1) + 1]),
  )

const readTo = (engine: Engine, ends: ReadonlyMap<string, number>) =>
  until('all is scored', () => {
    const now = scored(engine)
    return [...ends].every(([partition, end]) => now.get(partition) === end)
  })

const half = 2 * Math.ceil(messages.length / 4)

describe.skipIf(missing)('the daemon on Kafka', () => {
  it('a broker that is killed in the middle changes nothing of what comes out', async () => {
    const topic = await kafka.createTopic(4)
    const directory = newDirectory()
    const { engine, wire } = run(directory, kafka.open([topic], { max_bytes: 1_000_000 }).source)
    await engine.start()
    const ends = await send(topic, messages.slice(0, half))
    await until('a part is scored', () => engine.status().messages > half / 4)
    await broker.kill()
    await broker.restart()
    await until('the producer is back', () =>
      kafka.admin.fetchTopicOffsets(topic).then(
        () => true,
        () => false,
      ),
    )
    await readTo(engine, ends)
    await readTo(engine, await send(topic, messages.slice(half)))
    await engine.stop()
    expect(differences(await actual(directory, input, wire), await expected(input))).toEqual([])
  })

  it('partitions that go to another instance and come back: each has all, and nothing counts twice', async () => {
    const topic = await kafka.createTopic(4)
    const group = kafka.newName('group')
    const options = { group, session_timeout: '2s', max_bytes: 1_000_000 }
    const [one, other] = [newDirectory(), newDirectory()]
    const first = run(one, kafka.open([topic], { ...options, brokers: [broker.networkAddress] }).source)
    await first.engine.start()
    const second = run(other, kafka.open([topic], options).source)
    await send(topic, messages.slice(0, half / 2))
    await until('the first scores', () => first.engine.status().messages > half / 4)
    await second.engine.start()
    broker.network?.freeze()
    await readTo(second.engine, await send(topic, messages.slice(half / 2, half)))
    broker.network?.thaw()
    await until('the first stands by', () =>
      first.engine.status().partitions.every(({ assigned }) => !assigned),
    )
    const all = await send(topic, messages.slice(half))
    await readTo(second.engine, all)
    await second.engine.stop()
    await readTo(first.engine, all)
    await first.engine.stop()
    const oracle = await expected(input)
    expect(differences(await actual(one, input, first.wire), oracle)).toEqual([])
    expect(differences(await actual(other, input, second.wire), oracle)).toEqual([])
  })

  it('a daemon that is stopped and started anew in the middle goes on where its state stands', async () => {
    const topic = await kafka.createTopic(4)
    const directory = newDirectory()
    const group = kafka.newName('group')
    const ends = await send(topic, messages)
    const wire = []
    for (const share of [0.25, 0.5, 0.75]) {
      const { engine, wire: delivered } = run(
        directory,
        kafka.open([topic], { group, max_bytes: 1_000_000 }).source,
      )
      await engine.start()
      const count = () => [...scored(engine).values()].reduce((sum, position) => sum + position, 0)
      await until('a part is scored', () => count() > share * messages.length)
      await engine.stop()
      wire.push(...delivered)
    }
    const last = run(directory, kafka.open([topic], { group, max_bytes: 1_000_000 }).source)
    await last.engine.start()
    await readTo(last.engine, ends)
    await last.engine.stop()
    expect(
      differences(await actual(directory, input, [...wire, ...last.wire]), await expected(input)),
    ).toEqual([])
  })
})
