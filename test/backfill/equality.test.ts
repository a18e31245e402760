import { expect, it } from 'vitest'
import { loadDetections, PACK } from '../../src/detections/load.js'
import { logAnalyticsServers } from '../support/log-analytics.js'
import { backfilled, fill, memoryOf, PERIOD, recordsOf, replayed } from './support.js'

const newServer = logAnalyticsServers()

it('a backfill of the whole pack leaves the memory that a replay of the same rows leaves', async () => {
  const server = await newServer()
  const detections = await loadDetections(PACK)
  const records = recordsOf(PERIOD)
  await fill(server, records)
  console.time('backfill')
  const { stream } = await backfilled(server, { detections, period: PERIOD, population: 'workloads', inventory: undefined, sliceHours: 312 })
  console.timeEnd('backfill')
  console.log(server.asked.length)
  const replay = await replayed(records, detections)
  const [made, wanted] = [memoryOf(stream.scorer), memoryOf(replay.stream.scorer)]
  expect(Object.keys(made).sort()).toEqual(Object.keys(wanted).sort())
  expect(made).toEqual(wanted)
  expect(stream.position).toEqual(replay.stream.position)
})
