import { describe, expect, it } from 'vitest'
import { compareOnRandomLogs, KINDS } from './random.js'

const LOGS = 40

describe.each(KINDS)('%s', (...kind) => {
  it('raises the same alert keys in both engines', async () => {
    const alerting = await compareOnRandomLogs(kind, LOGS)
    // Logs on which nothing ever alerts would prove nothing.
    expect(alerting).toBeGreaterThan(0)
  }, 60_000)
})
