import { describe, expect, it } from 'vitest'
import { isoTicks, isoTicksOffset, localInstant, usTime } from '../../src/simulate/time.js'

const berlin = { offset: 1, summer: 'eu' } as const
const chicago = { offset: -6, summer: 'us' } as const

describe('local time', () => {
  it.each([
    ['Berlin, the day before summer time ends', berlin, '2026-10-24', '2026-10-24T07:00:00.000Z'],
    ['Berlin, the day it ends', berlin, '2026-10-25', '2026-10-25T08:00:00.000Z'],
    ['Chicago, the day before summer time ends', chicago, '2026-10-31', '2026-10-31T14:00:00.000Z'],
    ['Chicago, the day it ends', chicago, '2026-11-01', '2026-11-01T15:00:00.000Z'],
    [
      'Pune, which has none',
      { offset: 5.5, summer: 'none' } as const,
      '2026-10-25',
      '2026-10-25T03:30:00.000Z',
    ],
  ])("nine o'clock in %s", (_name, zone, day, expected) => {
    expect(new Date(localInstant(zone, Date.parse(day), 9)).toISOString()).toBe(expected)
  })
})

describe('wire formats', () => {
  it.each([
    ['2026-10-05T00:05:09.000Z', '10/5/2026 12:05:09 AM'],
    ['2026-10-05T12:00:00.999Z', '10/5/2026 12:00:00 PM'],
    ['2026-12-31T23:59:59.999Z', '12/31/2026 11:59:59 PM'],
  ])('%s in the American form', (instant, expected) => {
    expect(usTime(Date.parse(instant))).toBe(expected)
  })

  it('seven digits of a second agree between the two ISO forms', () => {
    const time = Date.parse('2026-10-05T00:05:09.123Z')
    expect(isoTicks(time)).toMatch(/^2026-10-05T00:05:09\.123\d{4}Z$/)
    expect(isoTicksOffset(time)).toBe(isoTicks(time).replace('Z', '+00:00'))
  })
})
