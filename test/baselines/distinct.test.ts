import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HourlyDistinct } from '../../src/baselines/distinct.js'

const NOW = 498_000
const ALL = [0, Number.POSITIVE_INFINITY] as const

/** Rows as the scorer lets them through: none lies more than 24 hours behind the newest before it. */
const someRows = fc
  .array(fc.record({ value: fc.nat(5), ahead: fc.constantFrom(0, 0, 1, 2, 24, 25, 40), late: fc.nat(24) }), {
    maxLength: 80,
  })
  .map((steps) => {
    let newest = NOW
    return steps.map(({ value, ahead, late }) => {
      newest += ahead
      return { value, hour: ahead > 0 ? newest : newest - late }
    })
  })

describe('distinct values by hour', () => {
  it('are counted as a set of values for each hour would, though rows come up to 24 hours late', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const distinct = new HourlyDistinct()
        const model = new Map<number, Set<number>>()
        for (const { value, hour } of rows) {
          expect(distinct.add(value, hour, 1_000)).toBe(true)
          model.set(hour, (model.get(hour) ?? new Set()).add(value))
        }
        const newest = Math.max(NOW - 24, ...model.keys())
        const expected = [...model]
          .filter(([hour]) => newest - hour < 352)
          .map(([hour, values]) => [hour, values.size])
          .sort(([a], [b]) => a! - b!)
        expect(distinct.totals.entries(...ALL)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it.each([0, 1, 23, 24])('a second row of the same value, %i hours late, is not counted again', (late) => {
    const distinct = new HourlyDistinct()
    distinct.add(7, NOW, 10)
    if (late > 0) distinct.add(8, NOW + late, 10)
    expect(distinct.add(7, NOW, 10)).toBe(true)
    expect(distinct.totals.at(NOW)).toBe(1)
    distinct.add(9, NOW, 10)
    expect(distinct.totals.at(NOW)).toBe(2)
  })

  it('the same value counts in each hour that shows it', () => {
    const distinct = new HourlyDistinct()
    for (const hour of [NOW, NOW + 1, NOW + 2]) distinct.add(7, hour, 10)
    expect(distinct.totals.entries(...ALL)).toEqual([
      [NOW, 1],
      [NOW + 1, 1],
      [NOW + 2, 1],
    ])
  })

  it('refuses values of an hour beyond the limit and still knows the others', () => {
    const distinct = new HourlyDistinct()
    expect([1, 2, 3].map((value) => distinct.add(value, NOW, 2))).toEqual([true, true, false])
    expect(distinct.add(1, NOW, 2)).toBe(true)
    expect(distinct.totals.at(NOW)).toBe(2)
  })

  it('counts each hour up to the limit, however many values the hours before it showed', () => {
    const distinct = new HourlyDistinct()
    for (let hour = NOW; hour < NOW + 30; hour++) {
      for (let value = 0; value < 3; value++) expect(distinct.add(hour * 10 + value, hour, 3)).toBe(true)
    }
    expect(distinct.totals.entries(...ALL).map(([, total]) => total)).toEqual(Array(30).fill(3))
  })

  it('lets go of the values of hours that no row can reach any more', () => {
    const distinct = new HourlyDistinct()
    distinct.add(1, NOW, 10)
    distinct.add(2, NOW + 24, 10)
    expect([...distinct.ids()]).toEqual([1, 2])
    distinct.add(3, NOW + 25, 10)
    expect([...distinct.recent()]).toEqual([
      [2, NOW + 24],
      [3, NOW + 25],
    ])
    expect(distinct.totals.at(NOW)).toBe(1)
  })
})
