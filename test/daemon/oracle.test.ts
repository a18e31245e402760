import { beforeAll, describe, expect, it } from 'vitest'
import type { Detection } from '../../src/detections/detection.js'
import { loadDetections } from '../../src/detections/load.js'
import { Broker, BrokerSource, type Sent } from '../support/broker.js'
import { daemon, isAtEnd, readToEnd, until } from '../support/daemon.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { temporaryFolders } from '../support/folders.js'
import { simulatedMessages } from '../support/load.js'
import { actual, differences, expected, type Input } from '../support/oracle.js'
import { chance } from '../support/shuffle.js'

const HOUR = 3_600_000
const newFolder = temporaryFolders()
const messages = simulatedMessages(10)
let detections: Detection[]

beforeAll(async () => {
  const pack = newFolder()
  writeSensitivePack(pack)
  detections = await loadDetections(pack)
})

const given = (stream: Input['stream']): Input => ({
  detections,
  messages: messages.map(({ body }) => body),
  stream,
})

/** A broker with these messages, put into partitions by their place. */
function brokerOf(sent: readonly Sent[], partitionOf: (index: number) => number): Broker {
  const broker = new Broker()
  for (const [index, message] of sent.entries()) broker.send(String(partitionOf(index)), [message])
  return broker
}

describe('what the daemon remembers and finds', () => {
  it('is that of a plain replay in order of arrival when rows are scored as they come', async () => {
    const input = given({ reorderHours: 0, atOnce: true })
    const folder = newFolder()
    const source = new BrokerSource(brokerOf(messages, () => 0))
    const { engine, wire } = daemon(folder, { sources: [source], detections, stream: { reorderHours: 0 } })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    const result = await actual(folder, input, wire)
    const wanted = await expected(input)
    expect(differences(result, wanted)).toEqual([])
    expect(wanted.alerts.length).toBeGreaterThan(100)
  })

  it('is that of a plain replay over several partitions of two sources, read in any batches', async () => {
    const input = given({ reorderHours: 12 })
    const random = chance(3)
    const folder = newFolder()
    const sources = ['one', 'two'].map((name, of) => {
      const own = messages.filter((_, index) => index % 2 === of)
      return new BrokerSource(
        brokerOf(own, () => Math.floor(random() * 3)),
        { name, batch: 1 + 6 * of },
      )
    })
    const { engine, wire } = daemon(folder, { sources, detections, stream: input.stream })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    expect(differences(await actual(folder, input, wire), await expected(input))).toEqual([])
  })

  it('is that of a plain replay after any number of stops, in which part is read again', async () => {
    const input = given({ reorderHours: 12 })
    const folder = newFolder()
    const broker = brokerOf(messages, (index) => index % 3)
    const delivered = []
    const random = chance(4)
    for (let stops = 0; stops < 8; stops++) {
      const { engine, wire } = daemon(folder, {
        sources: [new BrokerSource(broker, { batch: 2 })],
        detections,
        stream: input.stream,
      })
      await engine.start()
      const most = Math.floor(random() * 20)
      await until(() => engine.status().messages >= most || isAtEnd(engine))
      await engine.stop()
      delivered.push(...wire)
    }
    const { engine, wire } = daemon(folder, {
      sources: [new BrokerSource(broker)],
      detections,
      stream: input.stream,
    })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    delivered.push(...wire)
    expect(differences(await actual(folder, input, delivered), await expected(input))).toEqual([])
  })

  it('does not change when every message is delivered again, also much later', async () => {
    const input = given({ reorderHours: 12 })
    const folder = newFolder()
    const again = messages.flatMap((message, index) => {
      const old = messages.slice(0, index).filter(({ enqueued }) => enqueued > message.enqueued - 22 * HOUR)
      return [message, message, ...old.slice(0, 1)]
    })
    const broker = brokerOf(again, () => 0)
    const { engine, wire } = daemon(folder, {
      sources: [new BrokerSource(broker)],
      detections,
      stream: input.stream,
    })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    const result = await actual(folder, input, wire)
    expect(engine.status().rows.duplicates).toBeGreaterThan(2_000)
    expect(result.alerts.length).toBeGreaterThanOrEqual((await expected(input)).alerts.length)
    expect(differences(result, await expected(input))).toEqual([])
  })
})
