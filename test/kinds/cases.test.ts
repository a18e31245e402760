import { describe, expect, it } from 'vitest'
import type { ViewRow } from '../../src/views/view.js'
import { detection } from '../support/detections.js'
import { stream } from '../support/engine.js'
import { graphCall, hourAt, type RowPart } from '../support/rows.js'

/** A Friday; the window reaches back to Saturday the 7th, 03:00. */
const H = hourAt('2026-11-20T03')

type Part = Omit<RowPart, 'hour'>

const rowsAt = (hours: readonly number[], part: Part = {}) =>
  hours.map((hour) => graphCall({ ...part, hour }))
const ago = (...hours: readonly number[]) => hours.map((one) => H - one)
const now = (part: Part = {}) => graphCall({ ...part, hour: H, minute: 12 })
const times = (count: number, part: Part = {}) => Array.from({ length: count }, () => now(part))

interface Case {
  readonly why: string
  readonly rows: readonly ViewRow[]
  readonly said?: Readonly<Record<string, unknown>>
  /** The entities of the alerts of hour H. */
  readonly alerts: readonly Record<string, string | number>[]
}

/** Runs the cases of one kind; only the alerts of hour H count. */
function cases(kind: string, said: Readonly<Record<string, unknown>>, all: readonly Case[]): void {
  const named = all.map((one) => ({ ...one, expected: JSON.stringify(one.alerts) }))
  it.each(named)('$why: $expected', ({ rows, said: own = {}, alerts }) => {
    const inOrder = [...rows].sort((a, b) => a.EventTime - b.EventTime)
    const { alerts: raised } = stream([detection({ kind, ...said, ...own })], inOrder)
    const ofHour = raised.filter(({ hour }) => hour === '2026-11-20T03:00:00Z')
    expect(ofHour.map(({ entity }) => JSON.stringify(entity)).sort()).toEqual(
      alerts.map((entity) => JSON.stringify(entity)).sort(),
    )
  })
}

describe('match', () => {
  cases('match', { where: { ResponseStatusCode: 403 } }, [
    { why: 'a row that satisfies the condition', rows: [now({ ResponseStatusCode: 403 })], alerts: [{}] },
    { why: 'one with another value', rows: [now({ ResponseStatusCode: 200 })], alerts: [] },
    { why: 'one without a value', rows: [now()], alerts: [] },
    { why: 'several such rows of an hour', rows: times(3, { ResponseStatusCode: 403 }), alerts: [{}] },
    {
      why: 'rows that the entity tells apart, a missing value being the empty text',
      rows: ['mail', 'Mail', undefined].map((GraphResource) =>
        now({ ResponseStatusCode: 403, GraphResource }),
      ),
      said: { entity: ['GraphResource'] },
      alerts: [{ GraphResource: 'mail' }, { GraphResource: 'Mail' }, { GraphResource: '' }],
    },
  ])
})

describe('new_value', () => {
  const habit = ago(168, 150, 130, 110, 90, 70, 50, 30)
  const known = rowsAt(habit, { GraphResource: 'mail' })
  const news = { GraphResource: 'files' }

  cases('new_value', { field: 'GraphResource' }, [
    { why: 'a value never shown before', rows: [...known, now(news)], alerts: [news] },
    { why: 'the known value', rows: [...known, now({ GraphResource: 'mail' })], alerts: [] },
    { why: 'no value', rows: [...known, now()], alerts: [] },
    { why: 'an empty value', rows: [...known, now({ GraphResource: '' })], alerts: [] },
    {
      why: 'the known value in other letters',
      rows: [...known, now({ GraphResource: 'MAIL' })],
      alerts: [{ GraphResource: 'MAIL' }],
    },
    {
      why: 'a value that `of` leaves out',
      rows: [...known, now(news)],
      said: { of: { GraphResource: 'calendar' } },
      alerts: [],
    },
    {
      why: 'the value that `of` asks for, after a history of values that it leaves out',
      rows: [...known, now(news)],
      said: { of: { GraphResource: 'files' } },
      alerts: [news],
    },
    {
      why: 'a value shown in the first hour of the window',
      rows: [...rowsAt(ago(312), news), ...known, now(news)],
      alerts: [],
    },
    {
      why: 'a value shown one hour before the window',
      rows: [...rowsAt(ago(313), news), ...known, now(news)],
      alerts: [news],
    },
    { why: 'a value shown only in the same hour', rows: [...known, now(news), now(news)], alerts: [news] },
    {
      why: 'the first hour 167 back',
      rows: [...rowsAt([H - 167, ...habit.slice(1)], { GraphResource: 'mail' }), now(news)],
      alerts: [],
    },
    { why: 'only seven hours with a value', rows: [...known.slice(0, 7), now(news)], alerts: [] },
    {
      why: 'an eighth hour, but without a value',
      rows: [...known.slice(0, 7), ...rowsAt(ago(30)), now(news)],
      alerts: [],
    },
    {
      why: 'the value shown before by another agent only',
      rows: [...rowsAt(ago(60), { ...news, agent: 'agent-2' }), ...known, now(news)],
      alerts: [news],
    },
    {
      why: 'the value shown before in rows that `where` leaves out',
      rows: [
        ...rowsAt(habit, { GraphResource: 'mail', ResponseStatusCode: 200 }),
        ...rowsAt(ago(60), { ...news, ResponseStatusCode: 403 }),
        now({ ...news, ResponseStatusCode: 200 }),
      ],
      said: { where: { ResponseStatusCode: 200 } },
      alerts: [news],
    },
    {
      why: 'two values that differ only after 256 characters',
      rows: [
        ...known,
        now({ GraphResource: `${'x'.repeat(256)}1` }),
        now({ GraphResource: `${'x'.repeat(256)}2` }),
      ],
      alerts: [{ GraphResource: 'x'.repeat(256) }],
    },
  ])
})

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

describe('spike', () => {
  const habit = ago(168, 150, 130, 110, 90, 70, 50, 30)
  const burst = (count: number) => times(count, { ResponseSizeBytes: 100, GraphResource: 'mail' })
  const steady = rowsAt(habit, { ResponseSizeBytes: 100, GraphResource: 'mail' })
  const spike = { metric: 'count', floor: 2, k: 3, rel: 0.5 }

  // Each hour has one call: median 1, MAD 0, threshold max(2, 1 + 3 * max(0, 0.5)) = 2.5.
  cases('spike', spike, [
    { why: '3 calls above a threshold of 2.5', rows: [...steady, ...burst(3)], alerts: [{}] },
    { why: '2 calls', rows: [...steady, ...burst(2)], alerts: [] },
    { why: '3 calls on a floor of 3', rows: [...steady, ...burst(3)], said: { floor: 3 }, alerts: [] },
    { why: '4 calls on a floor of 3', rows: [...steady, ...burst(4)], said: { floor: 3 }, alerts: [{}] },
    {
      why: '4 calls, the threshold being 1 + 6 * 0.5',
      rows: [...steady, ...burst(4)],
      said: { k: 6 },
      alerts: [],
    },
    { why: 'history of seven hours', rows: [...steady.slice(0, 7), ...burst(3)], alerts: [] },
    { why: 'history of 167 hours', rows: [...rowsAt(ago(167)), ...steady.slice(1), ...burst(3)], alerts: [] },
  ])

  // Hours of 1, 1, 1, 1, 3, 3, 3, 3 calls: median 2, MAD 1, threshold 2 + 3 * 1.4826 = 6.4478.
  const uneven = [...steady, ...rowsAt(habit.slice(4)), ...rowsAt(habit.slice(4))]
  cases('spike', { ...spike, rel: 0 }, [
    { why: '7 calls above a threshold of 6.4', rows: [...uneven, ...burst(7)], alerts: [{}] },
    { why: '6 calls', rows: [...uneven, ...burst(6)], alerts: [] },
  ])

  // Each hour pulls 100 bytes: threshold max(0, 100 + 3 * 50) = 250.
  const pulled = { metric: 'sum', column: 'ResponseSizeBytes', floor: 0 }
  cases('spike', { ...spike, ...pulled }, [
    { why: '300 bytes above a threshold of 250', rows: [...steady, ...burst(3)], alerts: [{}] },
    { why: '250 bytes', rows: [...steady, ...burst(2), now({ ResponseSizeBytes: 50 })], alerts: [] },
    { why: '251 bytes', rows: [...steady, ...burst(2), now({ ResponseSizeBytes: 51 })], alerts: [{}] },
    {
      why: 'sizes that are missing count as nothing',
      rows: [...steady, ...burst(2), ...times(9)],
      alerts: [],
    },
    // Hours of 100 and of 0 bytes, eight each: median 50, MAD 50, threshold 50 + 3 * 74.13 = 272.39.
    {
      why: 'hours without a size are hours of 0 bytes',
      rows: [
        ...steady,
        ...rowsAt(habit.map((hour) => hour + 1)),
        ...burst(2),
        now({ ResponseSizeBytes: 73 }),
      ],
      alerts: [{}],
    },
    {
      why: 'one byte less is no alert',
      rows: [
        ...steady,
        ...rowsAt(habit.map((hour) => hour + 1)),
        ...burst(2),
        now({ ResponseSizeBytes: 72 }),
      ],
      alerts: [],
    },
  ])

  const resources = (...names: (string | undefined)[]) => names.map((GraphResource) => now({ GraphResource }))
  cases('spike', { ...spike, metric: 'distinct', column: 'GraphResource' }, [
    { why: 'three resources', rows: [...steady, ...resources('a', 'b', 'c')], alerts: [{}] },
    { why: 'two resources, one of them twice', rows: [...steady, ...resources('a', 'b', 'b')], alerts: [] },
    {
      why: 'two resources and rows without one',
      rows: [...steady, ...resources('a', 'b', '', undefined)],
      alerts: [],
    },
    { why: 'two resources in three spellings', rows: [...steady, ...resources('a', 'b', 'B')], alerts: [{}] },
  ])

  // Failures: none in the eight active hours, so median 0, MAD 0 and the threshold is the floor.
  const failures = { of: { ResponseStatusCode: 403 } }
  cases('spike', { ...spike, ...failures }, [
    {
      why: 'three failures, where there were none',
      rows: [...steady, ...times(3, { ResponseStatusCode: 403 })],
      alerts: [{}],
    },
    {
      why: 'three calls of which two fail',
      rows: [...steady, now(), ...times(2, { ResponseStatusCode: 403 })],
      alerts: [],
    },
  ])

  const by = { by: 'GraphResource' }
  cases('spike', { ...spike, ...by }, [
    {
      why: 'three calls of one resource',
      rows: [...steady, ...burst(3)],
      alerts: [{ GraphResource: 'mail' }],
    },
    {
      why: 'a resource of which nothing is known',
      rows: [...steady, ...times(9, { GraphResource: 'files' })],
      alerts: [],
    },
    { why: 'calls without a resource', rows: [...steady, ...times(9)], alerts: [] },
    {
      why: 'three calls in two spellings',
      rows: [...steady, ...burst(2), now({ GraphResource: 'MAIL' })],
      alerts: [],
    },
    {
      why: 'a resource known from one hour of an agent that is known well',
      rows: [
        ...steady,
        ...rowsAt(ago(312), { GraphResource: 'files' }),
        ...times(3, { GraphResource: 'files' }),
      ],
      alerts: [{ GraphResource: 'files' }],
    },
    {
      why: 'a resource known from one hour before the window',
      rows: [
        ...steady,
        ...rowsAt(ago(313), { GraphResource: 'files' }),
        ...times(3, { GraphResource: 'files' }),
      ],
      alerts: [],
    },
  ])
})

describe('rare_volume', () => {
  // A day each: every hour pulls 100 bytes of mail, so the median cell is 100 and the threshold 500.
  const habit = ago(168, 144, 120, 96, 72, 48, 25, 24)
  const mail = rowsAt(habit, { GraphResource: 'mail', ResponseSizeBytes: 100 })
  const pulled = (GraphResource: string, ResponseSizeBytes: number) =>
    now({ GraphResource, ResponseSizeBytes })
  const files = (...hours: readonly number[]) =>
    rowsAt(ago(...hours), { GraphResource: 'files', ResponseSizeBytes: 100 })
  const alert = { GraphResource: 'files' }
  const volume = { metric: 'sum', column: 'ResponseSizeBytes', by: 'GraphResource', floor: 200, ratio: 5 }

  cases('rare_volume', volume, [
    { why: '501 bytes of a resource never used', rows: [...mail, pulled('files', 501)], alerts: [alert] },
    { why: '500 bytes', rows: [...mail, pulled('files', 500)], alerts: [] },
    {
      why: '501 bytes on a floor of 501',
      rows: [...mail, pulled('files', 501)],
      said: { floor: 501 },
      alerts: [],
    },
    {
      why: '501 bytes in two calls',
      rows: [...mail, pulled('files', 500), pulled('files', 1)],
      alerts: [alert],
    },
    {
      why: '501 bytes over two resources',
      rows: [...mail, pulled('files', 500), pulled('sites', 1)],
      alerts: [],
    },
    { why: '501 bytes of the usual resource', rows: [...mail, pulled('mail', 501)], alerts: [] },
    { why: '501 bytes of no resource', rows: [...mail, now({ ResponseSizeBytes: 501 })], alerts: [] },
    {
      why: 'a resource used on two days',
      rows: [...mail, ...files(48, 24), pulled('files', 501)],
      alerts: [alert],
    },
    {
      why: 'one used in three hours of two days',
      rows: [...mail, ...files(48, 25, 24), pulled('files', 501)],
      alerts: [alert],
    },
    {
      why: 'one used on three days',
      rows: [...mail, ...files(72, 48, 24), pulled('files', 501)],
      alerts: [],
    },
    {
      why: 'one used on three days, one of them before the window',
      rows: [...files(313), ...mail, ...files(48, 24), pulled('files', 501)],
      alerts: [alert],
    },
    { why: 'history of seven hours', rows: [...mail.slice(0, 7), pulled('files', 501)], alerts: [] },
    // Cells 100 x 8 and 1000 x 2: still a median of 100. With 100 x 8 and 1000 x 8 it is 550, the threshold 2750.
    {
      why: '2751 bytes where the other resources are larger',
      rows: [
        ...mail,
        ...rowsAt(habit, { GraphResource: 'sites', ResponseSizeBytes: 1_000 }),
        pulled('files', 2_751),
      ],
      alerts: [alert],
    },
    {
      why: '2750 bytes where the other resources are larger',
      rows: [
        ...mail,
        ...rowsAt(habit, { GraphResource: 'sites', ResponseSizeBytes: 1_000 }),
        pulled('files', 2_750),
      ],
      alerts: [],
    },
  ])
})

describe('quiet_return', () => {
  cases('quiet_return', {}, [
    { why: 'activity after 168 silent hours', rows: [...rowsAt(ago(168)), now()], alerts: [{}] },
    { why: 'activity after 167 hours', rows: [...rowsAt(ago(167)), now()], alerts: [] },
    { why: 'activity after 312 hours', rows: [...rowsAt(ago(312)), now()], alerts: [{}] },
    { why: 'activity after 313 hours, outside the window', rows: [...rowsAt(ago(313)), now()], alerts: [] },
    { why: 'the first activity ever', rows: [now(), now()], alerts: [] },
    {
      why: 'one active hour before the silence, where two are asked for',
      rows: [...rowsAt(ago(168)), now()],
      said: { min_hours: 2 },
      alerts: [],
    },
    {
      why: 'two active hours before the silence, where two are asked for',
      rows: [...rowsAt(ago(169, 168)), now()],
      said: { min_hours: 2 },
      alerts: [{}],
    },
    {
      why: 'activity in between that `where` leaves out',
      rows: [
        ...rowsAt(ago(168), { ResponseStatusCode: 200 }),
        ...rowsAt(ago(20), { ResponseStatusCode: 403 }),
        now({ ResponseStatusCode: 200 }),
      ],
      said: { where: { ResponseStatusCode: 200 } },
      alerts: [{}],
    },
    {
      why: 'another agent that was active in between',
      rows: [...rowsAt(ago(168)), ...rowsAt(ago(20), { agent: 'agent-2' }), now()],
      alerts: [{}],
    },
  ])
})
