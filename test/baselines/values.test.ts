import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeenValues, ValueSets } from '../../src/baselines/values.js'

const NOW = 498_000
const WINDOW = 312

interface Shown {
  readonly id: number
  readonly hour: number
}

/** Values as the scorer lets them through: none lies more than 24 hours behind the newest of any before. */
const someShown = fc
  .array(
    fc.record({
      id: fc.nat(3),
      ahead: fc.constantFrom(0, 0, 0, 1, 2, 7, 24, 30, 31, 32, 33, 250, 311, 312, 313),
      late: fc.oneof(fc.constant(0), fc.nat(24)),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let newest = NOW
    return steps.map(({ id, ahead, late }): Shown => {
      newest += ahead
      return { id, hour: newest - late }
    })
  })

function seenInWindow(shown: readonly Shown[], id: number, hour: number): boolean {
  return shown.some((one) => one.id === id && one.hour >= hour - WINDOW && one.hour < hour)
}

function lastShown(shown: readonly Shown[], id: number, hour: number): number {
  return Math.max(...shown.filter((one) => one.id === id && one.hour < hour).map((one) => one.hour))
}

describe('the values that an agent showed', () => {
  it('are known for exactly the window of every hour up to 24 behind the newest', () => {
    fc.assert(
      fc.property(someShown, (shown) => {
        const values = new SeenValues()
        let judged = NOW
        for (const [index, { id, hour }] of shown.entries()) {
          values.add(id, hour, 100)
          judged = Math.max(judged, hour)
          const sofar = shown.slice(0, index + 1).filter((one) => one.id === id)
          const late = [0, 1, 2, 20, 21, 23, 24].map((back) => judged - back)
          const expected = late.filter((one) => seenInWindow(sofar, id, one))
          expect(late.filter((one) => values.seenBefore(id, one))).toEqual(expected)
        }
        const newest = Math.max(...shown.map(({ hour }) => hour), NOW)
        for (let hour = newest - 24; hour <= newest + 320; hour += hour < newest + 3 ? 1 : 11) {
          const expected = [0, 1, 2, 3].filter((id) => seenInWindow(shown, id, hour))
          expect([0, 1, 2, 3].filter((id) => values.seenBefore(id, hour))).toEqual(expected)
          expect(values.before(hour).sort()).toEqual(expected)
          const lasts = expected.map((id) => lastShown(shown, id, hour))
          expect(values.oldest(hour)).toBe(Math.min(hour, ...lasts))
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    { ago: 0, seen: false },
    { ago: 1, seen: true },
    { ago: 312, seen: true },
    { ago: 313, seen: false },
  ])('a value shown $ago hours ago was seen before: $seen', ({ ago, seen }) => {
    const values = new SeenValues()
    values.add(7, NOW - ago, 10)
    expect(values.seenBefore(7, NOW)).toBe(seen)
  })

  it('a value shown late was not seen before its own hour, but after it', () => {
    const values = new SeenValues()
    values.add(7, NOW, 10)
    values.add(7, NOW - 20, 10)
    expect([NOW - 20, NOW - 19, NOW].map((hour) => values.seenBefore(7, hour))).toEqual([false, true, true])
  })

  it.each([1, 20, 24])('a row %i hours late does not hide that its value was shown before it', (late) => {
    const values = new SeenValues()
    for (const hour of [NOW - 200, NOW, NOW - late]) values.add(7, hour, 10)
    expect(values.seenBefore(7, NOW - late)).toBe(true)
  })

  it('a value never shown was not seen before, nor is it a neighbour of those that were', () => {
    const values = new SeenValues()
    for (const id of [8, 2, 6, 4]) values.add(id, NOW, 10)
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].filter((id) => values.seenBefore(id, NOW + 1))).toEqual([2, 4, 6, 8])
    expect([...values.ids()]).toEqual([2, 4, 6, 8])
  })

  it('refuse a new one beyond the limit and keep noting the known ones', () => {
    const values = new SeenValues()
    expect([1, 2, 3, 1].map((id) => values.add(id, NOW, 2))).toEqual([true, true, false, true])
    expect(values.size).toBe(2)
    expect(values.seenBefore(3, NOW + 1)).toBe(false)
  })

  it('make room once an old one lies outside every window that may still be judged', () => {
    const values = new SeenValues()
    values.add(1, NOW, 2)
    values.add(2, NOW + 10, 2)
    expect(values.add(3, NOW + 351, 2)).toBe(false)
    expect(values.add(3, NOW + 352, 2)).toBe(true)
    expect([...values.ids()]).toEqual([2, 3])
    expect(values.seenBefore(2, NOW + 322)).toBe(true)
  })

  it('of many agents share one array and do not disturb one another', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(40), fc.nat(500)), { maxLength: 120 }), (shown) => {
        const sets = new ValueSets()
        const sharing = Array.from({ length: 5 }, () => new SeenValues(sets))
        const alone = Array.from({ length: 5 }, () => new SeenValues())
        for (const [agent, id, hour] of shown) {
          for (const values of [sharing, alone]) values[agent]!.add(id, NOW + hour, 8)
          if (id === 0) {
            for (const values of [sharing, alone]) values[agent]!.release()
          }
        }
        expect(sharing.map((values) => [...values.saved()])).toEqual(
          alone.map((values) => [...values.saved()]),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('are the same after they were saved and taken up again', () => {
    fc.assert(
      fc.property(someShown, someShown, (before, after) => {
        const whole = new SeenValues()
        for (const { id, hour } of before) whole.add(id, hour, 100)
        const restored = new SeenValues()
        for (const saved of [...whole.saved()].reverse()) restored.restore(...saved)
        for (const values of [whole, restored]) for (const { id, hour } of after) values.add(id, hour, 100)
        expect([...restored.saved()]).toEqual([...whole.saved()])
      }),
      { numRuns: 100 },
    )
  })
})
