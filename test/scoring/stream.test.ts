import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_STREAM, RowStream } from '../../src/replay/stream.js'
import { Scorer } from '../../src/scoring/scorer.js'
import type { ViewRow } from '../../src/views/view.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { stream } from '../support/engine.js'
import { graphCall, HOUR_MS, hourAt, signIn } from '../support/rows.js'

const H = hourAt('2026-11-20T03')

const refused = detection({ kind: 'match', where: { ResponseStatusCode: 403 } })
const busy = detection({ kind: 'spike', metric: 'count', floor: 2, k: 0, learn: '1h', min_hours: 1 })
const pack = [
  refused,
  busy,
  detection({
    id: 'heavy',
    kind: 'spike',
    metric: 'sum',
    column: 'ResponseSizeBytes',
    floor: 5,
    k: 1,
    learn: '1h',
    min_hours: 1,
  }),
  detection({ kind: 'new_value', field: 'GraphResource', learn: '1h', min_hours: 1 }),
  detection({ kind: 'off_hours', learn: '1h', min_hours: 1, min_days: { weekday: 1, weekend: 1 } }),
  detection({
    kind: 'rare_volume',
    metric: 'count',
    by: 'GraphResource',
    floor: 1,
    ratio: 1,
    learn: '1h',
    min_hours: 1,
  }),
  detection({ kind: 'quiet_return', gap: '24h' }),
]

/** The rows in the order in which they come if each is under way for some minutes, at most 6 hours. */
function delayed(rows: readonly ViewRow[], minutes: readonly number[]): ViewRow[] {
  return rows
    .map((row, index) => ({ row, at: row.EventTime + minutes[index % minutes.length]! * 60_000 }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row)
}

describe('the stream of rows', () => {
  it('counts a second delivery once, however often and late it comes', () => {
    const rows = [0, 1, 2].map((minute) => graphCall({ hour: H, minute }))
    const habit = graphCall({ hour: H - 2 })
    const once = stream([busy], [habit, ...rows])
    const again = stream([busy], [habit, ...rows, ...rows, habit, ...rows])
    expect(again.alerts).toEqual(once.alerts)
    expect(once.alerts).toMatchObject([{ observed: 3, count: 1 }])
    expect(again.stream.counters).toMatchObject({ rows: 11, duplicates: 7 })
    expect(stream([busy], [habit, ...rows.slice(0, 2), ...rows.slice(0, 2)]).alerts).toEqual([])
  })

  it('takes events of two tables, of two views or without an id for different ones', () => {
    const match = [
      detection({ kind: 'match' }),
      detection({ kind: 'match', id: 'sign-ins', view: 'SignIns' }),
    ]
    const one = graphCall({ hour: H, id: 'x' })
    const rows = [
      one,
      { ...one, Type: 'Other' },
      { ...one, View: 'SignIns' },
      signIn({ hour: H, id: 'x' }),
      { ...one, Id: undefined },
      { ...one, Id: undefined },
    ]
    const { alerts, stream: rowStream } = stream(match, rows)
    expect(rowStream.counters.duplicates).toBe(0)
    expect(new Map(alerts.map(({ detection, count }) => [detection, count]))).toEqual(
      new Map([
        ['test-match', 4],
        ['sign-ins', 2],
      ]),
    )
  })

  it('has one result, down to the last word, whatever the order within the wait', () => {
    fc.assert(
      fc.property(aLog, fc.array(fc.nat(360), { minLength: 1, maxLength: 50 }), (log, minutes) => {
        const rows = log.filter(({ Id }) => Id !== undefined)
        const inOrder = stream(pack, delayed(rows, [0]))
        const outOfOrder = stream(pack, delayed(rows, minutes))
        expect(outOfOrder.alerts).toEqual(inOrder.alerts)
        expect(outOfOrder.stream.counters.late).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  it('counts a late row into the hour in which it happened', () => {
    const rows = new RowStream(new Scorer([busy]))
    for (const row of [graphCall({ hour: H - 1 }), graphCall({ hour: H }), graphCall({ hour: H, minute: 9 })])
      rows.add(row)
    rows.add(graphCall({ hour: H + 8 }))
    expect(rows.advance((H + 8) * HOUR_MS)).toEqual([])
    rows.add(graphCall({ hour: H, minute: 59 }))
    expect(rows.counters).toMatchObject({ late: 1, reordered: 1 })
    expect(rows.finish()).toMatchObject([{ hour: '2026-11-20T03:00:00Z', observed: 3 }])
  })

  it('counts a late row into the baseline of the hours after it', () => {
    const usual = [graphCall({ hour: H - 30 }), graphCall({ hour: H - 2 })]
    const burst = [0, 1, 2].map((minute) => graphCall({ hour: H, minute }))
    const late = [1, 2, 3, 4, 5].map((minute) => graphCall({ hour: H - 2, minute }))
    const raised = (rows: readonly ViewRow[]) => {
      const rowStream = new RowStream(new Scorer([busy]))
      for (const row of usual) rowStream.add(row)
      rowStream.advance((H + 6) * HOUR_MS)
      for (const row of rows) rowStream.add(row)
      return rowStream.finish().filter(({ hour }) => hour === '2026-11-20T03:00:00Z')
    }
    // Calls an hour: 1 and 1, so 3 are many; with the late ones 1 and 6, of which the median is 3.5.
    expect(raised(burst)).toHaveLength(1)
    expect(raised([...late, ...burst])).toHaveLength(0)
  })

  it.each([24, 23])(
    'gives an alert out only once no row can change it: a row %i hours late still does',
    (late) => {
      const rows = new RowStream(new Scorer([refused]))
      rows.add(graphCall({ hour: H, ResponseStatusCode: 403 }))
      rows.add(graphCall({ hour: H + late }))
      const alerts = rows.advance((H + late + 7) * HOUR_MS)
      rows.add(graphCall({ hour: H, minute: 1, ResponseStatusCode: 403 }))
      alerts.push(...rows.finish())
      expect(alerts.map(({ count }) => count)).toEqual([2])
    },
  )

  it('gives an alert out once the newest row lies more than 24 hours after its hour', () => {
    const rows = new RowStream(new Scorer([refused]))
    rows.add(graphCall({ hour: H, ResponseStatusCode: 403 }))
    rows.add(graphCall({ hour: H + 25 }))
    expect(rows.advance((H + 31) * HOUR_MS)).toEqual([])
    expect(rows.advance((H + 32) * HOUR_MS)).toHaveLength(1)
    expect(rows.finish()).toEqual([])
  })

  it('lets a row wait for exactly the hours it is told to', () => {
    const rows = new RowStream(new Scorer([refused]), { ...DEFAULT_STREAM, reorderHours: 2, maxWaiting: 100 })
    rows.add(graphCall({ hour: H }))
    rows.advance((H + 3) * HOUR_MS - 1)
    expect(rows.reorder.waiting).toBe(1)
    rows.advance((H + 3) * HOUR_MS)
    expect([rows.reorder.waiting, rows.scorer.counters.rows]).toEqual([0, 1])
  })

  it('releases the oldest hour early when too many rows wait, and loses none of them', () => {
    const rows = new RowStream(new Scorer([busy]), { ...DEFAULT_STREAM, maxWaiting: 3 })
    for (const hour of [H - 1, H, H, H + 1]) rows.add(graphCall({ hour }))
    expect(rows.counters.overflows).toBe(1)
    expect([rows.reorder.waiting, rows.reorder.oldest()]).toEqual([3, H])
    rows.add(graphCall({ hour: H + 2 }))
    expect([rows.reorder.waiting, rows.reorder.oldest()]).toEqual([2, H + 1])
    rows.add(graphCall({ hour: H, minute: 30 }))
    expect(rows.counters).toMatchObject({ overflows: 2, late: 1 })
    expect(rows.finish()).toMatchObject([{ hour: '2026-11-20T03:00:00Z', observed: 3 }])
    expect(rows.scorer.counters.rows).toBe(6)
  })

  it('forgets which events it saw once they are too late to count', () => {
    const rows = new RowStream(new Scorer([refused]))
    rows.add(graphCall({ hour: H, id: 'first' }))
    rows.add(graphCall({ hour: H + 24, id: 'second' }))
    rows.advance((H + 31) * HOUR_MS)
    expect(Array.from(rows.seen.saved(), ([, hour]) => hour)).toEqual([H, H + 24])
    rows.add(graphCall({ hour: H + 25, id: 'third' }))
    rows.advance((H + 32) * HOUR_MS)
    expect(Array.from(rows.seen.saved(), ([, hour]) => hour)).toEqual([H + 24, H + 25])
  })

  it.each([
    { what: 'calls', said: {}, part: {} },
    { what: 'calls of a resource', said: { by: 'GraphResource' }, part: { GraphResource: 'mail' } },
    {
      what: 'refused calls, though the late one was not refused',
      said: { of: { ResponseStatusCode: 403 } },
      part: { ResponseStatusCode: 403 },
      late: { ResponseStatusCode: 200 },
    },
  ])('counts a late row into a baseline that was in use already: $what', ({ said, part, late = part }) => {
    const hourly = detection({
      kind: 'spike',
      metric: 'count',
      floor: 2,
      k: 0,
      learn: '1h',
      min_hours: 1,
      ...said,
    })
    const call = (hour: number, minute: number) => graphCall({ hour, minute, ...part })
    const raised = (lateRows: readonly ViewRow[]) => {
      const scorer = new Scorer([hourly])
      const before = [1, 2, 3, 4].map((minute) => call(H - 9, minute))
      for (const row of [...before, call(H, 1), call(H, 2), call(H, 3), ...lateRows, call(H, 4)])
        scorer.score(row)
      return scorer.book.close(Number.POSITIVE_INFINITY)
    }
    // Usual is 4 an hour, with the late row in an hour of its own the median of 4 and at most 1.
    expect(raised([])).toEqual([])
    expect(raised([graphCall({ hour: H - 3, ...late })])).toMatchObject([
      { observed: 4, expected: { hours: 2 } },
    ])
  })

  it('forgets the events of the oldest hour early when there are too many, and says so', () => {
    const rows = new RowStream(new Scorer([refused]), { ...DEFAULT_STREAM, maxSeen: 3 })
    const ids = ['a', 'b', 'c', 'd'].map((id, index) => graphCall({ hour: H + Math.floor(index / 2), id }))
    for (const row of ids) rows.add(row)
    expect([rows.seen.size, rows.seen.forgottenEarly]).toEqual([2, 2])
    for (const row of ids.slice(2)) rows.add(row)
    expect(rows.counters.duplicates).toBe(2)
  })
})
