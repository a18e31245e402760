/** The two engines on arbitrary small logs: what `npm test` does a few hundred times and `npm run parity:fuzz` more often. */
import fc from 'fast-check'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { compareEngines, type ParityResult } from '../../src/parity/parity.js'
import { KINDS } from '../kinds/choices.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { sourceOf } from './wire.js'

const shared = language(logAnalyticsTables())
const NOW = Date.UTC(2026, 11, 31)

/** Says of each kind how many of so many logs made an alert; throws with the smallest log on which the engines differ. */
export async function compareOnRandomLogs(
  [, kind, choices]: (typeof KINDS)[number],
  logs: number,
  seed?: number,
): Promise<number> {
  let alerting = 0
  await fc.assert(
    fc.asyncProperty(aLog, fc.tuple(...choices), async (log, chosen) => {
      const yaml = Object.assign({ kind, view: 'GraphCalls' }, ...chosen.map(([said]) => said))
      const [result] = await compareEngines([sourceOf(log)], {
        detections: [detection(yaml)],
        language: shared,
        population: 'workloads',
        now: NOW,
      })
      if (result!.both > 0) alerting++
      assertEqual(result!)
    }),
    { numRuns: logs, ...(seed === undefined ? {} : { seed }) },
  )
  return alerting
}

function assertEqual({ streamOnly, kqlOnly }: ParityResult): void {
  if (streamOnly.length + kqlOnly.length === 0) return
  throw new Error(`stream only: ${streamOnly.join(' ')}\nKQL only: ${kqlOnly.join(' ')}`)
}

export { KINDS }
