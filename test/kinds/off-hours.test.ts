import { describe, expect, it } from 'vitest'
import { detection } from '../support/detections.js'
import { stream } from '../support/engine.js'
import { graphCall, hourAt } from '../support/rows.js'
import { ago, cases, now, rowsAt } from './cases.js'

describe('off_hours', () => {
  // Monday 9th to Friday 13th, Monday 16th to Thursday 19th of November 2026
  const weekdays = [9, 10, 11, 12, 13, 16, 17, 18, 19].map((day) => `2026-11-${String(day).padStart(2, '0')}`)
  const at = (days: readonly string[], clock: string) => rowsAt(days.map((day) => hourAt(`${day}T${clock}`)))
  const office = [...at(weekdays, '09'), ...at(weekdays, '10')]
  const night = { hourOfDay: 3, dayClass: 'weekday' }

  cases('off_hours', {}, [
    { why: 'an agent of 09 and 10 at 03', rows: [...office, now()], alerts: [night] },
    { why: 'one of 04 at 03', rows: [...at(weekdays, '04'), ...office, now()], alerts: [] },
    { why: 'one of 05 at 03', rows: [...at(weekdays, '05'), ...office, now()], alerts: [night] },
    { why: 'one of 02 at 03', rows: [...at(weekdays, '02'), ...office, now()], alerts: [] },
    { why: 'one of 01 at 03', rows: [...at(weekdays, '01'), ...office, now()], alerts: [night] },
    {
      why: 'a single night among its days',
      rows: [...at(['2026-11-10'], '02'), ...office, now()],
      alerts: [],
    },
    {
      why: 'a single night, when one is tolerated',
      rows: [...at(['2026-11-10'], '02'), ...office, now()],
      said: { tolerance: 1 },
      alerts: [night],
    },
    {
      why: 'two hours of one night, when one night is tolerated',
      rows: [...at(['2026-11-10'], '02'), ...at(['2026-11-10'], '04'), ...office, now()],
      said: { tolerance: 1 },
      alerts: [night],
    },
    {
      why: 'two nights, when one is tolerated',
      rows: [...at(['2026-11-10', '2026-11-11'], '02'), ...office, now()],
      said: { tolerance: 1 },
      alerts: [],
    },
    {
      why: 'nights of a weekend only',
      rows: [...at(['2026-11-14', '2026-11-15'], '03'), ...office, now()],
      alerts: [night],
    },
    {
      why: 'four active weekdays',
      rows: [...at(weekdays.slice(0, 4), '09'), ...at(weekdays.slice(0, 4), '10'), now()],
      alerts: [],
    },
    {
      why: 'five active weekdays',
      rows: [...at(weekdays.slice(0, 5), '09'), ...at(weekdays.slice(0, 5), '10'), now()],
      alerts: [night],
    },
    {
      why: 'an agent of weekends on a weekday',
      rows: ['09', '10', '11', '12']
        .flatMap((clock) => at(['2026-11-08', '2026-11-07', '2026-11-14'], clock))
        .concat(now()),
      alerts: [night],
    },
    {
      why: 'an agent of one weekend day on a weekday',
      rows: ['09', '10', '11', '12', '13', '14', '15', '16']
        .flatMap((clock) => at(['2026-11-07'], clock))
        .concat(now()),
      alerts: [],
    },
    {
      why: 'an agent of weekends and one weekday',
      rows: ['09', '10', '11', '12']
        .flatMap((clock) => at(['2026-11-08', '2026-11-07', '2026-11-10'], clock))
        .concat(now()),
      alerts: [],
    },
    {
      why: 'the same night in the first hour of the window, another Saturday',
      rows: [...rowsAt(ago(312)), ...office, now()],
      alerts: [night],
    },
  ])

  it.each([
    { worked: '23', alerts: 0, why: 'midnight follows 23' },
    { worked: '22', alerts: 1, why: 'midnight does not follow 22' },
    { worked: '01', alerts: 0, why: 'midnight precedes 01' },
    { worked: '02', alerts: 1, why: 'midnight does not precede 02' },
  ])('around midnight, $why', ({ worked, alerts }) => {
    const rows = [...at(weekdays, worked), graphCall({ hour: hourAt('2026-11-20T00') })]
    expect(stream([detection({ kind: 'off_hours', min_hours: 8 })], rows).alerts).toHaveLength(alerts)
  })
})
