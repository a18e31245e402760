import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayClassOf, dayOf, distinctDays, hourOfDay } from '../../src/baselines/calendar.js'
import { enoughHistory } from '../../src/baselines/history.js'
import { HourSets } from '../../src/baselines/hours.js'

/** Hour number of `2026-11-20T03`. */
const hourAt = (text: string) => Date.parse(`${text}:00:00Z`) / 3_600_000

describe('the calendar', () => {
  it('begins on 1970-01-01, a Thursday', () => {
    expect([dayOf(0), hourOfDay(0), dayClassOf(0)]).toEqual([0, 0, 'weekday'])
    expect(dayClassOf(23)).toBe('weekday')
    // Friday, Saturday, Sunday, Monday
    expect([24, 48, 72, 96].map(dayClassOf)).toEqual(['weekday', 'weekend', 'weekend', 'weekday'])
  })

  it.each([
    ['2026-11-20T23', 'weekday', 'Friday, the last hour'],
    ['2026-11-21T00', 'weekend', 'Saturday, the first hour'],
    ['2026-11-22T23', 'weekend', 'Sunday, the last hour'],
    ['2026-11-23T00', 'weekday', 'Monday, the first hour'],
    ['2028-02-29T12', 'weekday', 'a Tuesday that only leap years have'],
    ['2027-01-02T12', 'weekend', 'the first Saturday of a year'],
  ])('%s is a %s: %s', (text, dayClass) => {
    expect(dayClassOf(hourAt(text))).toBe(dayClass)
  })

  it('agrees with the dates of JavaScript for any hour', () => {
    fc.assert(
      fc.property(fc.nat(hourAt('2100-01-01T00')), (hour) => {
        const date = new Date(hour * 3_600_000)
        const weekend = [0, 6].includes(date.getUTCDay())
        expect(hourOfDay(hour)).toBe(date.getUTCHours())
        expect(dayClassOf(hour)).toBe(weekend ? 'weekend' : 'weekday')
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    { hours: [], days: 0 },
    { hours: ['2026-11-20T00', '2026-11-20T23'], days: 1 },
    { hours: ['2026-11-20T23', '2026-11-21T00'], days: 2 },
    { hours: ['2026-11-20T23', '2026-11-21T00', '2026-11-20T01'], days: 2 },
  ])('$hours lie on $days days', ({ hours, days }) => {
    expect(distinctDays(hours.map(hourAt))).toBe(days)
  })
})

describe('enough history', () => {
  const H = hourAt('2026-11-20T03')
  const week = [168, 100, 90, 80, 70, 60, 50, 40]
  const needed = { learn: 168, min_hours: 8 }

  it.each([
    { why: 'active 8 hours, the first 168 back', ago: week, enough: true },
    { why: 'the first lies only 167 back', ago: [167, ...week.slice(1)], enough: false },
    { why: 'active in only 7 hours', ago: week.slice(0, 7), enough: false },
    { why: 'never active', ago: [], enough: false },
    { why: 'the eighth hour is the one that is judged', ago: [...week.slice(0, 7), 0], enough: false },
    {
      why: 'the eighth hour lies after the one that is judged',
      ago: [...week.slice(0, 7), -1],
      enough: false,
    },
    { why: 'the eighth hour is the first of the window', ago: [...week.slice(0, 7), 312], enough: true },
    { why: 'the eighth hour lies one before the window', ago: [...week.slice(0, 7), 313], enough: false },
    { why: 'all but the one before the window is young', ago: [313, ...week.slice(1), 30], enough: false },
  ])('is $enough: $why', ({ ago, enough }) => {
    const sets = new HourSets()
    const slot = sets.allocate()
    for (const hours of ago) sets.add(slot, H - hours)
    expect(enoughHistory(sets, slot, H, needed)).toBe(enough)
  })

  it('can ask for the whole window, and for a single hour', () => {
    const sets = new HourSets()
    const slot = sets.allocate()
    sets.add(slot, H - 312)
    expect(enoughHistory(sets, slot, H, { learn: 312, min_hours: 1 })).toBe(true)
    expect(enoughHistory(sets, slot, H + 1, { learn: 1, min_hours: 1 })).toBe(false)
  })
})
