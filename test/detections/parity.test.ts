import { describe, expect, it } from 'vitest'
import { DAY_ZERO } from '../../src/detections/cases/events.js'
import { AFTER_ALL_CASES, type CaseLog, caseLogs, caseSource } from '../../src/detections/cases/run.js'
import type { Detection } from '../../src/detections/detection.js'
import { loadDetections } from '../../src/detections/load.js'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { Comparison } from '../../src/parity/parity.js'

/** Every case of the pack goes through the emitted KQL too; that the stream is right on it, `pack.test.ts` says. */
const shared = language(logAnalyticsTables())
const detections = (await loadDetections()).filter(({ streamOnly }) => streamOnly === undefined)
const packed = await Promise.all(
  detections.map(async (detection) => ({ detection, logs: await caseLogs(detection) })),
)

/** The query is bound once for all cases: they share their inventory. */
function comparisonOf(detection: Detection, [first]: readonly CaseLog[]): Comparison {
  const inventory = first!.inventory
  return new Comparison({
    detections: [detection],
    language: shared,
    population: 'workloads',
    ...(inventory.size > 0 ? { inventory } : {}),
  })
}

/** Before day 0 lies history, of which a case expects nothing; to judge it hour by hour would take minutes. */
function judgedFrom({ records }: CaseLog): number {
  const wanted = records.filter(({ alert }) => alert !== undefined).map(({ time }) => time)
  return Math.min(DAY_ZERO, ...wanted) - 3_600_000
}

describe('the KQL raises what the stream raises on the events of a detection', () => {
  it.each(packed.map(({ detection, logs }) => [detection.id, detection, logs] as const))(
    '%s',
    async (_, detection, logs) => {
      const engines = comparisonOf(detection, logs)
      const raised: number[] = []
      for (const log of logs) {
        const run = { now: AFTER_ALL_CASES, from: judgedFrom(log) }
        const [{ both, streamOnly, kqlOnly } = never()] = await engines.on([caseSource(log)], run)
        expect({ case: log.name, streamOnly, kqlOnly }).toEqual({
          case: log.name,
          streamOnly: [],
          kqlOnly: [],
        })
        raised.push(both)
      }
      expect(raised.map((keys) => keys > 0)).toEqual(logs.map(fires))
    },
  )
})

function fires({ records }: CaseLog): boolean {
  return records.some(({ alert }) => alert !== undefined)
}

function never(): never {
  throw new Error('a comparison has a result for each detection')
}
