/** The two engines on arbitrary small logs: what `npm test` does a few hundred times and `npm run parity:fuzz` more often. */
import fc from 'fast-check'
import type { ViewRow } from '../../src/views/view.js'
import { KINDS } from '../kinds/choices.js'
import { aLog } from '../kinds/logs.js'
import { comparison, differences } from './compare.js'
import { sourceOf } from './wire.js'

/** What has been compared. */
export interface Tally {
  logs: number
  /** Logs on which both engines raised an alert, and how many keys those were. */
  alerting: number
  keys: number
  /** How many times a query ran. */
  runs: number
}

/** How much to compare. */
export interface Extent {
  readonly logs: number
  /** Parsing and binding a query takes as long as comparing the engines on several logs: each is tried on so many. */
  readonly logsOfQuery: number
  readonly seed: number
}

/** Compares the engines on so many logs; throws with the smallest log on which they differ. */
export async function compareOnRandomLogs(
  [, kind, choices]: (typeof KINDS)[number],
  { logs, logsOfQuery, seed }: Extent,
  progress: (tally: Tally) => void,
): Promise<Tally> {
  const tally: Tally = { logs: 0, alerting: 0, keys: 0, runs: 0 }
  const rounds = fc.record({ chosen: fc.tuple(...choices), logSeed: fc.noBias(fc.integer()) })
  for (const { chosen, logSeed } of fc.sample(rounds, { numRuns: Math.ceil(logs / logsOfQuery), seed })) {
    const said = Object.assign({ kind, view: 'GraphCalls' }, ...chosen.map(([yaml]) => yaml))
    await compareOnLogsOf(said, Math.min(logsOfQuery, logs - tally.logs), logSeed, tally)
    progress(tally)
  }
  return tally
}

async function compareOnLogsOf(
  said: { readonly kind: string },
  numRuns: number,
  seed: number,
  tally: Tally,
): Promise<void> {
  const engines = comparison(said)
  const property = fc.asyncProperty(aLog, async (log) => {
    const result = await differences(engines, [sourceOf(log)])
    if (result.differences.length > 0) throw new Error(reported(said, log, result.differences))
    tally.logs++
    tally.keys += result.both
    tally.runs += result.runs
    if (result.both > 0) tally.alerting++
  })
  await fc.assert(property, { numRuns, seed })
}

/** The detection and the log as `found.test.ts` has them, to be kept there. */
function reported(said: object, log: readonly ViewRow[], found: readonly string[]): string {
  const rows = log.map((row) => `  ${JSON.stringify(row)},`)
  return [...found, `detection: ${JSON.stringify(said)},`, 'log: [', ...rows, ']'].join('\n')
}

export { KINDS }
