import { afterAll, describe, expect, it } from 'vitest'
import { compareOnRandomLogs, type Extent, KINDS, type Tally } from './random.js'

/** `npm run parity:fuzz` takes many more, other ones each time; here they are the same ones each time. */
const MANY = process.env.PARITY_LOGS
const SEED = process.env.PARITY_SEED ?? Date.now() % 2 ** 31
const EXTENT: Extent =
  MANY === undefined
    ? { logs: 48, logsOfQuery: 6, seed: 20_261_125 }
    : { logs: Number(MANY), logsOfQuery: 20, seed: Number(SEED) }
const PROGRESS_EVERY = 2_000

const tallies: Tally[] = []

describe.each(KINDS)('%s', (...kind) => {
  it('raises the same alert keys in both engines', async () => {
    const tally = await compareOnRandomLogs(kind, EXTENT, (soFar) => {
      if (soFar.logs === EXTENT.logs || soFar.logs % PROGRESS_EVERY === 0) report(kind[0], soFar)
    })
    tallies.push(tally)
    // Logs on which nothing ever alerts would prove nothing.
    expect(tally.alerting).toBeGreaterThan(0)
  })
})

afterAll(() => {
  const sum = (of: keyof Tally) => tallies.reduce((total, tally) => total + tally[of], 0)
  const [logs, alerting, keys, runs] = [sum('logs'), sum('alerting'), sum('keys'), sum('runs')]
  report(`${tallies.length} of ${KINDS.length} without a difference`, { logs, alerting, keys, runs })
})

function report(what: string, { logs, alerting, keys, runs }: Tally): void {
  if (MANY === undefined) return
  const alerts = `alerts on ${alerting} of them, ${keys} alert keys equal`
  console.log(`${what}: ${logs} logs, ${alerts}, ${runs} runs of queries (seed ${EXTENT.seed})`)
}
