import { describe, expect, it } from 'vitest'
import { compareOnRandomLogs, KINDS } from './random.js'

/** `npm run parity:fuzz` takes many more. */
const LOGS = Number(process.env.PARITY_LOGS ?? 20)

describe.each(KINDS)('%s', (...kind) => {
  it('raises the same alert keys in both engines', async () => {
    const alerting = await compareOnRandomLogs(kind, LOGS)
    // Logs on which nothing ever alerts would prove nothing.
    expect(alerting).toBeGreaterThan(0)
  }, 3_600_000)
})
