import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { source } from '../../src/sources/kafka.js'
import { KafkaClients } from '../support/kafka/clients.js'
import { KafkaBroker, kafkaMissing } from '../support/kafka-broker.js'
import { RecordingPort, Takings } from '../support/recording-port.js'
import { surroundings } from '../support/surroundings.js'
import { until } from '../support/until.js'

const missing = await kafkaMissing('reading from Kafka')

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
})

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
const texts = (from: number, to: number) => numbers(from, to).map((number) => `message ${number}`)

/** What a group was told of a topic's first partition. */
async function told(group: string, topic: string): Promise<string | undefined> {
  const [offsets] = await kafka.admin.fetchOffsets({ groupId: group, topics: [topic] })
  return offsets?.partitions.find(({ partition }) => partition === 0)?.offset
}

/** A room that stays full until it is opened. */
function fullRoom() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe.skipIf(missing).concurrent('a Kafka source', () => {
  it('reads every partition from the earliest message, in order and once, also what comes later', async () => {
    const topic = await kafka.createTopic(5)
    for (const partition of numbers(0, 5)) await kafka.send(topic, partition, texts(0, 20))
    const { port } = await kafka.read([topic])
    await until('the first are read', () => port.count === 100)
    for (const partition of numbers(0, 5)) await kafka.send(topic, partition, texts(20, 30))
    await until('all are read', () => port.count === 150)
    for (const partition of numbers(0, 5)) expect(port.texts(`${topic}/${partition}`)).toEqual(texts(0, 30))
    await until('it says that nothing is unread', () => [...port.unread.values()].every((left) => left === 0))
    expect(port.unread.size).toBe(5)
    expect(port.gaps).toEqual([])
  })

  it('goes on after what the state holds, whatever the group has committed', async () => {
    const topic = await kafka.createTopic(2)
    for (const partition of [0, 1]) await kafka.send(topic, partition, texts(0, 10))
    const group = kafka.newName('group')
    const partitions = [0, 1].map((partition) => ({ partition, offset: partition === 0 ? '9' : '1' }))
    await kafka.admin.setOffsets({ groupId: group, topic, partitions })
    const port = new RecordingPort()
    port.saved.set(`${topic}/0`, '3').set(`${topic}/1`, '6')
    await kafka.read([topic], { group }, port)
    await until('the rest is read', () => port.count === 9)
    expect(port.offsets(`${topic}/0`)).toEqual(numbers(4, 10))
    expect(port.offsets(`${topic}/1`)).toEqual(numbers(7, 10))
  })

  it('tells the group what is saved, for its tools', async () => {
    const topic = await kafka.createTopic()
    await kafka.send(topic, 0, texts(0, 8))
    const group = kafka.newName('group')
    const { port, source } = await kafka.read([topic], { group })
    await until('all are read', () => port.count === 8)
    await source.saved?.(new Map([[`${topic}/0`, '4']]))
    await until('the group knows', async () => (await told(group, topic)) === '5')
  })

  it('takes bodies as they are, nothing as empty, and times no later than now', async () => {
    const topic = await kafka.createTopic()
    const began = Date.now()
    const body = Buffer.from([0xff, 0x00, 0xfe])
    const messages = [{ value: body }, { value: null }, { value: 'x', timestamp: String(began + 1_800_000) }]
    await kafka.producer.send({ topic, messages })
    const { port } = await kafka.read([topic])
    await until('all are read', () => port.count === 3)
    const taken = port.taken.get(`${topic}/0`)!
    expect(taken.map((message) => message.body.toString('hex'))).toEqual(['ff00fe', '', '78'])
    for (const { enqueued } of taken) expect(enqueued >= began && enqueued <= Date.now()).toBe(true)
  })

  it('reads messages of 1 MB, a hundred of them', async () => {
    const topic = await kafka.createTopic(2)
    const body = Buffer.alloc(1_000_000, 'x')
    const { port } = await kafka.read([topic])
    for (const partition of numbers(0, 100)) await kafka.send(topic, partition % 2, [body])
    await until('all are read', () => port.count === 100)
    for (const message of port.taken.get(`${topic}/1`)!) expect(message.body.length).toBe(1_000_000)
  })

  it('passes the marks of transactions, and aborted messages', async () => {
    const topic = await kafka.createTopic()
    const config = { transactionalId: topic, maxInFlightRequests: 1, idempotent: true }
    const producer = kafka.kafka.producer(config)
    await producer.connect()
    const { port } = await kafka.read([topic])
    for (const ending of ['commit', 'abort', 'commit', 'abort'] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value: ending }] })
      await transaction[ending]()
    }
    await producer.disconnect()
    await until('the committed are read', () => port.count === 2)
    await until('nothing is unread', () => port.unread.get(`${topic}/0`) === 0)
    expect(port.texts(`${topic}/0`)).toEqual(['commit', 'commit'])
    expect(port.gaps).toEqual([])
  })

  it('keeps its place while there is no room, holds back only that partition, and bounds what is on its way', async () => {
    const topic = await kafka.createTopic(2)
    const body = Buffer.alloc(100_000, 'x')
    for (const _ of numbers(0, 10)) await kafka.send(topic, 0, Array<Buffer>(10).fill(body))
    const port = new RecordingPort()
    const room = fullRoom()
    port.room = (partition) => (partition === `${topic}/0` ? room.opened : Promise.resolve())
    const { around } = await kafka.read([topic], { session_timeout: '3s', max_bytes: 10_000_000 }, port)
    await until('there is no more room', () => (around.counts.get('held_back') ?? 0) > 0)
    const began = Date.now()
    let sent = 0
    // Messages that come one by one for two session timeouts, while the other partition has no room.
    await until('the time is over', async () => {
      await kafka.send(topic, 1, [`message ${sent}`])
      sent++
      await until('the other partition is read', () => port.offsets(`${topic}/1`).length === sent)
      return Date.now() - began > 6_000
    })
    expect(port.assigned).toEqual([`${topic}/0`, `${topic}/1`])
    // What one answer of a broker holds of a partition, and no second one.
    expect(port.offsets(`${topic}/0`).length * body.length).toBeLessThanOrEqual(1_000_000)
    await until('it says how much is unread', () => port.unread.get(`${topic}/0`)! >= 90)
    room.open()
    await until('all are read', () => port.offsets(`${topic}/0`).length === 100)
    expect(port.offsets(`${topic}/0`)).toEqual(numbers(0, 100))
    expect(around.logged.filter((line) => line.includes('"msg":"joined the group"'))).toHaveLength(1)
  })

  it('waits for a topic that does not exist yet, and reads the others meanwhile', async () => {
    const topic = await kafka.createTopic()
    const later = kafka.newName()
    await kafka.send(topic, 0, texts(0, 5))
    const { port } = await kafka.read([topic, later])
    await until('the other topic is read', () => port.count === 5)
    await kafka.createTopic(2, later)
    await kafka.send(later, 1, texts(0, 5))
    await until('the new topic is read', () => port.count === 10)
    expect(port.offsets(`${topic}/0`)).toEqual(numbers(0, 5))
    expect(port.texts(`${later}/1`)).toEqual(texts(0, 5))
  })

  it('says that the only topic does not exist, until it does', async () => {
    const topic = kafka.newName()
    const { port } = await kafka.read([topic])
    await until('it says so', () => port.connections.length > 0)
    expect(port.connections[0]).toEqual({ up: false, detail: `there is no topic ${topic}` })
    await kafka.createTopic(1, topic)
    await until('it reads', () => port.up)
    expect(port.fatals).toEqual([])
  })

  it('reads partitions that are added, from the earliest message', async () => {
    const topic = await kafka.createTopic(1)
    const { port } = await kafka.read([topic])
    await until('it reads', () => port.up)
    await kafka.admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await until('a message is sent to a new partition', async () => {
      const sent = await kafka.send(topic, 2, texts(0, 4)).then(
        () => true,
        () => false,
      )
      return sent
    })
    await until('the new partition is read', () => port.count === 4)
    expect(port.texts(`${topic}/2`)).toEqual(texts(0, 4))
    expect(port.assigned).toEqual([0, 1, 2].map((partition) => `${topic}/${partition}`))
  })

  it('goes on at the earliest when its place was deleted while it was away, and tells what is lost', async () => {
    const topic = await kafka.createTopic()
    await kafka.send(topic, 0, texts(0, 10))
    await kafka.deleteBefore(topic, '7')
    const port = new RecordingPort()
    port.saved.set(`${topic}/0`, '2')
    await kafka.read([topic], {}, port)
    await until('the rest is read', () => port.count === 3)
    expect(port.offsets(`${topic}/0`)).toEqual([7, 8, 9])
    const detail = 'offsets 3 to 6 were deleted before they were read'
    expect(port.gaps).toEqual([{ partition: `${topic}/0`, from: '3', to: '6', detail }])
  })

  it('goes on at the earliest when its place is deleted while it waits for room', async () => {
    const topic = await kafka.createTopic()
    const body = Buffer.alloc(600_000, 'x')
    for (const _ of numbers(0, 6)) await kafka.send(topic, 0, [body])
    const port = new RecordingPort()
    const room = fullRoom()
    port.room = () => room.opened
    await kafka.read([topic], { look_every: '60000ms' }, port)
    await until('there is no more room', () => port.count > 0)
    const read = port.count
    await kafka.deleteBefore(topic, '5')
    room.open()
    await until('the last is read', () => port.offsets(`${topic}/0`).at(-1) === 5)
    expect(port.offsets(`${topic}/0`)).toEqual([...numbers(0, read), 5])
    expect(port.gaps).toMatchObject([{ partition: `${topic}/0`, from: String(read), to: '4' }])
  })

  it('tells of a gap also when nothing is left to be read', async () => {
    const topic = await kafka.createTopic()
    await kafka.send(topic, 0, texts(0, 3))
    const port = new RecordingPort()
    port.saved.set(`${topic}/0`, '0')
    await kafka.deleteBefore(topic, '-1')
    await kafka.read([topic], {}, port)
    await until('it tells of the gap', () => port.gaps.length === 1)
    expect(port.gaps).toMatchObject([{ from: '1', to: '2' }])
    await kafka.send(topic, 0, texts(3, 5))
    await until('what comes later is read', () => port.count === 2)
    expect(port.offsets(`${topic}/0`)).toEqual([3, 4])
  })

  it('begins anew, and tells so, when a topic was deleted and made anew', async () => {
    const topic = await kafka.createTopic()
    await kafka.send(topic, 0, texts(0, 4))
    const port = new RecordingPort()
    port.saved.set(`${topic}/0`, '8000')
    await kafka.read([topic], {}, port)
    await until('it is read', () => port.count === 4)
    expect(port.offsets(`${topic}/0`)).toEqual([0, 1, 2, 3])
    expect(port.gaps).toMatchObject([{ partition: `${topic}/0`, from: '8001', to: 'unknown' }])
  })

  it('ends the daemon when others of its group read in another way', async () => {
    const topic = await kafka.createTopic()
    const group = kafka.newName('group')
    const other = kafka.kafka.consumer({ groupId: group })
    const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve))
    await other.connect()
    await other.subscribe({ topics: [topic] })
    await other.run({ eachMessage: async () => {} })
    await joined
    const { port } = await kafka.read([topic], { group })
    await until('it ends', () => port.fatals.length > 0)
    await other.disconnect()
    expect(port.fatals[0]?.reason).toBe('crashed')
    expect(port.fatals[0]?.error.message).toContain('incompatible')
  })

  it('calls nothing after it has stopped, and stops within its limit though no broker answers', async () => {
    const port = new RecordingPort()
    const { source } = await kafka.read(['nowhere'], { brokers: ['127.0.0.1:1'] }, port)
    await until('it says that there is no connection', () => port.connections.length > 0)
    await source.stop()
    expect(port.up).toBe(false)
    expect(port.fatals).toEqual([])
  })
})

describe.skipIf(missing).concurrent('several instances', () => {
  it('one reads, the other stands by and takes over at its own place', async () => {
    const topic = await kafka.createTopic(3)
    const group = kafka.newName('group')
    const takings = new Takings()
    const first = await kafka.read([topic], { group }, new RecordingPort('first', takings))
    await until('the first reads', () => first.port.up)
    const second = await kafka.read([topic], { group }, new RecordingPort('second', takings))
    await until('the second stands by', () => second.port.up)
    expect(second.port.assigned).toEqual([])
    expect(second.port.connections.at(-1)?.detail).toBe(`standing by: another member of ${group} reads`)
    for (const partition of [0, 1, 2]) await kafka.send(topic, partition, texts(0, 10))
    await until('the first has read', () => first.port.count === 30)
    await first.source.stop()
    await until('the second has read, from its own place', () => second.port.count === 30)
    expect(first.port.assigned).toHaveLength(3)
    expect(takings.readByTwoAtOnce()).toEqual([])
  })

  it('a storm of members that come and go loses nothing, and no partition is read by two at once', async () => {
    const topic = await kafka.createTopic(4)
    const group = kafka.newName('group')
    const takings = new Takings()
    // All work on one state, as an instance that is moved with its volume does.
    const saved = new Map<string, string>()
    const members = numbers(0, 4).map((number) => new RecordingPort(`member ${number}`, takings))
    for (const port of members) Object.assign(port, { saved })
    const start = (port: RecordingPort) => kafka.read([topic], { group, session_timeout: '3s' }, port)
    let sent = 0
    const send = async () => {
      for (const partition of numbers(0, 4)) await kafka.send(topic, partition, texts(sent, sent + 10))
      sent += 10
    }
    let running = [await start(members[0]!)]
    for (const round of numbers(1, 9)) {
      await send()
      running.push(await start(members[round % 4]!))
      // The one that reads leaves, at once or when its follower has joined.
      if (round % 2 === 0) await until('the new member has joined', () => running.at(-1)!.port.up)
      const [leaving, ...others] = running
      await Promise.all([leaving!.source.stop(), send()])
      running = others
    }
    await until(
      'all are read',
      () => saved.size === 4 && [...saved.values()].every((at) => Number(at) === sent - 1),
    )
    for (const partition of numbers(0, 4)) {
      const name = `${topic}/${partition}`
      const offsets = takings.all.filter((taking) => taking.partition === name).map(({ offset }) => offset)
      expect(new Set(offsets)).toEqual(new Set(numbers(0, sent)))
    }
    expect(takings.readByTwoAtOnce()).toEqual([])
  })

  it('one that is stopped while it joins leaves no member behind', async () => {
    const topic = await kafka.createTopic()
    const group = kafka.newName('group')
    const { source, around } = await kafka.read([topic], { group })
    await until('it joins', () => around.logged.some((line) => line.includes('"kafkajs":"Starting"')))
    await source.stop()
    const members = async () => (await kafka.admin.describeGroups([group])).groups[0]?.members.length
    await until('the group is empty', async () => (await members()) === 0)
    const other = await kafka.read([topic], { group })
    await until('another one reads', () => other.port.assigned.length === 1)
  })

  it('one that is cut off longer than its session is fenced: it stands by when it is back', async () => {
    const topic = await kafka.createTopic(2)
    const group = kafka.newName('group')
    const options = { group, session_timeout: '2s' }
    const cutOff = await kafka.read([topic], { ...options, brokers: [broker.networkAddress] })
    await until('the first reads', () => cutOff.port.up)
    const other = await kafka.read([topic], options, new RecordingPort('second'))
    await until('the second stands by', () => other.port.up)
    await kafka.send(topic, 0, texts(0, 5))
    await until('the first has read', () => cutOff.port.count === 5)
    broker.network?.freeze()
    await until('the second has taken over', () => other.port.assigned.length === 2)
    await until('the second has read', () => other.port.count === 5)
    broker.network?.thaw()
    await until('the first stands by', () => cutOff.port.assigned.length === 0)
    await cutOff.source.saved?.(new Map([[`${topic}/0`, '1']]))
    await kafka.send(topic, 1, texts(0, 5))
    await until('the second reads on', () => other.port.count === 10)
    expect(cutOff.port.count).toBe(5)
    // The second tells its place afterwards: by then, what the first told would be there.
    await other.source.saved?.(new Map([[`${topic}/0`, '2']]))
    await until('the group knows', async () => (await told(group, topic)) === '3')
  })
})

describe.skipIf(missing).concurrent('the check of a Kafka source', () => {
  const settings = (topics: string[], brokers = [broker.address]) =>
    source.settings.parse({ brokers, topics })

  it('says how many partitions there are', async () => {
    const [one, other] = [await kafka.createTopic(3), await kafka.createTopic(1)]
    const said = await source.check(settings([one, other]), surroundings())
    expect(said).toBe(`${one}: 3 partitions, ${other}: 1 partitions`)
  })

  it('names a topic that does not exist', async () => {
    await expect(source.check(settings(['nowhere']), surroundings())).rejects.toThrow(
      'there is no topic nowhere',
    )
  })

  it('names a broker that does not answer', async () => {
    const checked = source.check(settings(['any'], ['127.0.0.1:1']), surroundings())
    await expect(checked).rejects.toThrow(/127\.0\.0\.1:1: .*ECONNREFUSED/)
  })
})
