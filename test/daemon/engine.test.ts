import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadDetections } from '../../src/detections/load.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { daemon, readToEnd } from '../support/daemon.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { actual, differences, expected } from '../support/oracle.js'
import { simulatedRecords } from '../support/simulated.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentwarden-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const packDirectory = mkdtempSync(join(tmpdir(), 'agentwarden-pack-'))
writeSensitivePack(packDirectory)
const detections = await loadDetections(packDirectory)
const records = simulatedRecords()

/** Twenty records a message, as they arrive; taken in when the last of them arrives. */
const messages = Array.from({ length: Math.ceil(records.length / 20) }, (_, index) => {
  const part = records.slice(20 * index, 20 * index + 20)
  return { body: `{"records":[${part.map(({ text }) => text).join(',')}]}`, enqueued: part.at(-1)!.arrival }
})
const texts = messages.map(({ body }) => body)

describe('the engine', () => {
  it('scores one partition as a plain replay in order of arrival does', async () => {
    const broker = new Broker()
    broker.send('p', messages)
    const input = { detections, messages: texts, stream: { reorderHours: 0, atOnce: true } }
    const { engine, wire } = daemon(directory, {
      sources: [new BrokerSource(broker)],
      detections,
      stream: input.stream,
    })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    const result = await actual(directory, input, wire)
    expect(differences(result, await expected(input))).toEqual([])
    console.log(result.alerts.length, wire.length, result.agents.size, records.length, messages.length)
  })
  it('scores several partitions', async () => {
    const broker = new Broker()
    for (const p of ['0', '1', '2', '3'])
      broker.send(
        p,
        messages.filter((_, index) => index % 4 === Number(p)),
      )
    const input = { detections, messages: texts, stream: { reorderHours: 12 } }
    const { engine, wire } = daemon(directory, {
      sources: [new BrokerSource(broker)],
      detections,
      stream: input.stream,
    })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    const result = await actual(directory, input, wire)
    expect(differences(result, await expected(input))).toEqual([])
    console.log(result.alerts.length, wire.length, result.agents.size, engine.status().rows)
  })
})
