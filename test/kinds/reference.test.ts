import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detection } from '../support/detections.js'
import { keyOf, stream } from '../support/engine.js'
import { KINDS } from './choices.js'
import { aLog } from './logs.js'
import { reference } from './reference.js'

const RUNS = 250

describe.each(KINDS)('%s', (_name, kind, choices) => {
  it('alerts on exactly the keys that its definition names', () => {
    let alerting = 0
    fc.assert(
      fc.property(aLog, fc.tuple(...choices), (log, chosen) => {
        const yaml = Object.assign({ kind, view: 'GraphCalls' }, ...chosen.map(([said]) => said))
        const parameters = Object.assign({ view: 'GraphCalls' }, ...chosen.map(([, meant]) => meant))
        const expected = [...reference(kind, parameters, log)].sort()
        const { alerts } = stream([detection(yaml)], log)
        expect(alerts.map(keyOf).sort()).toEqual(expected)
        if (expected.length > 0) alerting++
      }),
      { numRuns: RUNS },
    )
    // Logs on which nothing ever alerts would prove nothing.
    expect(alerting).toBeGreaterThan(RUNS / 50)
  })
})
