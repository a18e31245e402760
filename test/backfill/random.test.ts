import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HOUR_MS } from '../../src/records/time.js'
import type { ViewRow } from '../../src/views/view.js'
import type { Period } from '../../src/workspace/client.js'
import { KINDS } from '../kinds/choices.js'
import { aLog } from '../kinds/logs.js'
import { sourceOf } from '../parity/wire.js'
import { detection } from '../support/detections.js'
import { evaluated, knowable, memoryOf, replayed } from './support.js'

/** After all logs. */
const NOW = Date.UTC(2027, 11, 31)
const SEED = 20_261_125
/** Parsing and binding the queries of a detection takes as long as several logs. */
const DETECTIONS = 2
const LOGS = 40

/** Whole days, so that the queries of each day are bound once: the thirteen up to the end of the log. */
function periodOf(log: readonly ViewRow[]): Period {
  const newest = Math.max(...log.map(({ EventTime }) => EventTime))
  const to = (Math.floor(newest / (24 * HOUR_MS)) + 1) * 24 * HOUR_MS
  return { from: to - 312 * HOUR_MS, to }
}

it.each(KINDS)(
  'on any log, a backfill leaves what a replay leaves of it: %s',
  async (_name, kind, choices) => {
    for (const chosen of fc.sample(fc.tuple(...choices), { numRuns: DETECTIONS, seed: SEED })) {
      const detections = [
        detection(Object.assign({ kind, view: 'GraphCalls' }, ...chosen.map(([yaml]) => yaml))),
      ]
      const property = fc.asyncProperty(aLog, async (log) => {
        const period = periodOf(log)
        const rows = log.filter(({ EventTime }) => EventTime >= period.from)
        const source = sourceOf(rows)
        const setting = { detections, period, population: 'workloads', inventory: undefined } as const
        const backfill = await evaluated(source, setting, NOW)
        const replay = await replayed(source, detections, { now: NOW })
        const [made, wanted] = [backfill.stream.scorer, replay.stream.scorer].map((one) =>
          knowable(memoryOf(one), period.to),
        )
        expect(made).toEqual(wanted)
        expect(backfill.stream.scorer.position).toMatchObject(replay.stream.scorer.position)
      })
      await fc.assert(property, { numRuns: LOGS, seed: SEED })
    }
  },
)
