import { describe, expect, it } from 'vitest'
import { compareOnRandomLogs, KINDS } from './random.js'

/** `npm run parity:fuzz` takes many more, other ones each time; here they are the same ones each time. */
const MANY = process.env.PARITY_LOGS
const LOGS = Number(MANY ?? 25)
const SEED = MANY === undefined ? 20_261_120 : undefined

describe.each(KINDS)('%s', (...kind) => {
  it('raises the same alert keys in both engines', async () => {
    const alerting = await compareOnRandomLogs(kind, LOGS, SEED)
    // Logs on which nothing ever alerts would prove nothing.
    expect(alerting).toBeGreaterThan(0)
  }, 3_600_000)
})
