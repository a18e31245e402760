import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Alert, atLeast, compareAlerts } from '../../src/alerts/alert.js'

const alert = (time: string, id: string) => ({ time, id }) as Alert

describe('the order of alerts', () => {
  it('is by time, then by id, whatever order they were in', () => {
    const ordered = [
      alert('2026-11-20T03:12:44.120Z', 'b'),
      alert('2026-11-20T03:12:44.121Z', 'a'),
      alert('2026-11-20T03:12:44.121Z', 'b'),
      alert('2026-11-21T00:00:00.000Z', 'a'),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(ordered, { minLength: 4 }), (alerts) => {
        expect(alerts.sort(compareAlerts)).toEqual(ordered)
      }),
      { numRuns: 50 },
    )
  })

  it('takes an alert for equal to itself', () => {
    expect(
      compareAlerts(alert('2026-11-20T03:00:00.000Z', 'a'), alert('2026-11-20T03:00:00.000Z', 'a')),
    ).toBe(0)
  })
})

describe('a severity', () => {
  it.each([
    { severity: 'high', least: 'medium', enough: true },
    { severity: 'medium', least: 'medium', enough: true },
    { severity: 'low', least: 'medium', enough: false },
    { severity: 'informational', least: 'low', enough: false },
    { severity: 'high', least: 'informational', enough: true },
  ] as const)('of $severity is at least $least: $enough', ({ severity, least, enough }) => {
    expect(atLeast(severity, least)).toBe(enough)
  })
})
