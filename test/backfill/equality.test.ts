import { beforeAll, describe, expect, it } from 'vitest'
import type { Backfill } from '../../src/backfill/backfill.js'
import { saveNewState } from '../../src/backfill/state.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { loadDetections, PACK } from '../../src/detections/load.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { daemon } from '../support/daemon.js'
import { temporaryFolders } from '../support/folders.js'
import { logAnalyticsServers } from '../support/log-analytics.js'
import { simulatedRecords } from '../support/simulated.js'
import { backfilled, fill, knowable, memoryOf, PERIOD, recordsOf, replayed, sourceOf, TO } from './support.js'

const newServer = logAnalyticsServers()
const newFolder = temporaryFolders()
const detections = await loadDetections(PACK)
let backfill: Backfill

beforeAll(async () => {
  const server = await newServer()
  await fill(server, recordsOf(PERIOD))
  const setting = { detections, period: PERIOD, population: 'workloads', inventory: undefined } as const
  backfill = await backfilled(server, setting)
})

describe('a backfill with the whole pack', () => {
  it('leaves the memory that a replay of the same rows leaves, but for findings that wait for a companion', async () => {
    const replay = await replayed(sourceOf(recordsOf(PERIOD)), detections)
    const wanted = knowable(memoryOf(replay.stream.scorer), TO)
    expect(knowable(memoryOf(backfill.stream.scorer), TO)).toEqual(wanted)
    expect(Object.keys(wanted).length).toBeGreaterThan(5)
    expect(backfill.stream.position.newest).toBe(replay.stream.position.newest)
    expect(backfill.stream.scorer.position).toEqual({
      ...replay.stream.scorer.position,
      backfilled: TO / 3_600_000,
    })
  })

  it('starts a daemon that raises what one raises that has read everything, and counts nothing twice', async () => {
    const folder = newFolder()
    await saveNewState(folder, backfill.stream)
    const [warm, cold] = [await alertsFrom(folder), await alertsFrom(newFolder())]
    const keys = (alerts: readonly OutgoingAlert[]) => [...new Set(alerts.map(keyOf))].sort()
    expect(keys(warm)).toEqual(keys(cold))
    expect(keys(warm).length).toBeGreaterThan(5)
  })
})

/** The alerts of a daemon on this state that reads all there is, those of the time after the backfill. */
async function alertsFrom(folder: string): Promise<OutgoingAlert[]> {
  const broker = new Broker()
  const sent = simulatedRecords().map(({ text, arrival }) => ({ body: text, enqueued: arrival }))
  broker.send('p', sent)
  const { engine, settled, wire } = daemon(folder, {
    sources: [new BrokerSource(broker, { batch: 500 })],
    detections,
  })
  await engine.start()
  await settled()
  await engine.stop()
  return wire.filter(({ hour }) => Date.parse(hour) >= TO)
}

function keyOf({ detection, tenantId, agentId, hour, entity }: OutgoingAlert): string {
  return JSON.stringify([detection, tenantId, agentId, hour, entity])
}
