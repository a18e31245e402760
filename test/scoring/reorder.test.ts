import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reorder } from '../../src/scoring/reorder.js'
import { SeenEvents } from '../../src/scoring/seen-events.js'
import type { ViewRow } from '../../src/views/view.js'
import { graphCall, HOUR_MS, signIn } from '../support/rows.js'

const H = 498_000

const names = (rows: Iterable<ViewRow>) => Array.from(rows, ({ Id }) => Id)

describe('putting rows into order', () => {
  it('gives rows out by time, then table, then id, whatever the order they came in', () => {
    const inOrder = [
      signIn({ hour: H, minute: 5, id: 'z' }),
      signIn({ hour: H, minute: 6, id: 'B' }),
      signIn({ hour: H, minute: 6, id: 'a' }),
      graphCall({ hour: H, minute: 6, id: null }),
      graphCall({ hour: H, minute: 6, id: 'A' }),
      signIn({ hour: H + 1, id: 'c' }),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(inOrder, { minLength: inOrder.length }), (rows) => {
        const reorder = new Reorder()
        for (const row of rows) expect(reorder.add(row)).toBe(true)
        expect([...reorder.release(H + 2)]).toEqual(inOrder)
        expect(reorder.waiting).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('gives out the hours before the one that is named, and keeps the others', () => {
    const reorder = new Reorder()
    for (const hour of [H + 2, H, H + 1]) reorder.add(graphCall({ hour, id: `${hour - H}` }))
    expect(names(reorder.release(H + 1))).toEqual(['0'])
    expect([reorder.waiting, reorder.oldest()]).toEqual([2, H + 1])
    expect(names(reorder.saved()).sort()).toEqual(['1', '2'])
    expect(names(reorder.release(H + 1))).toEqual([])
    expect(names(reorder.release(H + 3))).toEqual(['1', '2'])
    expect([reorder.waiting, reorder.oldest()]).toEqual([0, undefined])
  })

  it.each([
    { minute: -1, waits: false, why: 'the last minute of a released hour' },
    { minute: 0, waits: true, why: 'the first minute of the hour after it' },
  ])('lets $why wait: $waits', ({ minute, waits }) => {
    const reorder = new Reorder()
    reorder.add(graphCall({ hour: H }))
    expect([...reorder.release(H + 1)]).toHaveLength(1)
    expect(reorder.add(graphCall({ hour: H + 1, minute }))).toBe(waits)
    expect(reorder.waiting).toBe(waits ? 1 : 0)
  })

  it('never opens a released hour again, though an older one is named later', () => {
    const reorder = new Reorder()
    expect([...reorder.release(H + 5)]).toEqual([])
    expect([...reorder.release(H)]).toEqual([])
    expect(reorder.add(graphCall({ hour: H + 4 }))).toBe(false)
  })

  it('keeps milliseconds apart', () => {
    const reorder = new Reorder()
    const late = { ...graphCall({ hour: H, id: 'a' }), EventTime: H * HOUR_MS + 2 }
    const early = { ...graphCall({ hour: H, id: 'b' }), EventTime: H * HOUR_MS + 1 }
    for (const row of [late, early]) reorder.add(row)
    expect(names(reorder.release(H + 1))).toEqual(['b', 'a'])
  })
})

describe('the events that were seen', () => {
  it.each([
    { what: 'the same event', table: 'A', id: 'x', hour: H, isNew: false },
    { what: 'an id in other letters', table: 'A', id: 'X', hour: H, isNew: true },
    { what: 'the same id in another table', table: 'B', id: 'x', hour: H, isNew: true },
    { what: 'the same id in another hour', table: 'A', id: 'x', hour: H + 1, isNew: true },
    { what: 'an event without an id', table: 'A', id: undefined, hour: H, isNew: true },
    { what: 'an id like a property of every object', table: 'A', id: '__proto__', hour: H, isNew: true },
  ])('$what is new: $isNew', ({ table, id, hour, isNew }) => {
    const seen = new SeenEvents()
    expect(seen.add('A', 'x', H)).toBe(true)
    expect(seen.add('A', undefined, H)).toBe(true)
    expect(seen.add(table, id, hour)).toBe(isNew)
  })

  it('are known until their hour is forgotten, and from then on taken for new', () => {
    const seen = new SeenEvents()
    for (const hour of [H, H + 1]) seen.add('A', 'x', hour)
    seen.forget(H + 1)
    expect([seen.add('A', 'x', H), seen.add('A', 'x', H), seen.add('A', 'x', H + 1)]).toEqual([
      true,
      true,
      false,
    ])
    expect([...seen.saved()]).toEqual([['A', H + 1, ['x']]])
  })

  it('are not remembered anew when an older hour is named', () => {
    const seen = new SeenEvents()
    seen.forget(H + 1)
    seen.forget(H)
    seen.add('A', 'x', H)
    expect([...seen.saved()]).toEqual([])
  })

  it('are told apart by the whole of their id, however long it is, and kept in little room', () => {
    const seen = new SeenEvents()
    const long = (end: string) => 'x'.repeat(100_000) + end
    expect([long('1'), long('2'), long('1')].map((id) => seen.add('A', id, H))).toEqual([true, true, false])
    for (const [, , ids] of seen.saved()) for (const id of ids) expect(id.length).toBeLessThan(100)
  })

  it('are as many as were added, less those that were forgotten, and never more than the bound', () => {
    const step = fc.record({ id: fc.nat(30), hour: fc.integer({ min: H, max: H + 5 }), forget: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 12 }), (steps, most) => {
        const seen = new SeenEvents(most)
        for (const { id, hour, forget } of steps) {
          seen.add(`table-${id % 2}`, `${id}`, hour)
          if (forget === 0) seen.forget(hour - 2)
          const kept = Array.from(seen.saved(), ([, , ids]) => ids.length)
          expect(seen.size).toBe(kept.reduce((sum, count) => sum + count, 0))
          expect(seen.size).toBeLessThanOrEqual(most)
        }
      }),
      { numRuns: 200 },
    )
  })
})
