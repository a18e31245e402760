import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spikeThreshold, usual } from '../../src/baselines/statistics.js'

/** Median straight from its definition. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

describe('what is usual of a series', () => {
  it.each([
    { values: [5], median: 5, mad: 0, why: 'one value is its own median' },
    { values: [3, 1], median: 2, mad: 1, why: 'mean of both; each lies 1 away' },
    { values: [10, 2, 5], median: 5, mad: 3, why: 'deviations 5, 3, 0' },
    { values: [1, 2, 3, 4], median: 2.5, mad: 1, why: 'deviations 1.5, 0.5, 0.5, 1.5' },
    // https://en.wikipedia.org/wiki/Median_absolute_deviation, its example
    { values: [1, 1, 2, 2, 4, 6, 9], median: 2, mad: 1, why: 'deviations 1, 1, 0, 0, 2, 4, 7' },
    { values: [7, 7, 7, 7, 700], median: 7, mad: 0, why: 'a constant series but for one outlier' },
    { values: [0, 0, 0, 1], median: 0, mad: 0, why: 'mostly 0' },
  ])('of $values the median is $median and the MAD $mad: $why', ({ values, median, mad }) => {
    expect(usual(values)).toEqual({ median, mad, of: values.length })
  })

  it('is what sorting says, in any order of the values, which stay as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 32), { minLength: 1, maxLength: 400 }), (values) => {
        const before = [...values]
        const median = middle(values)
        const mad = middle(values.map((value) => Math.abs(value - median)))
        expect(usual(values)).toEqual({ median, mad, of: values.length })
        expect(values).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })

  it('a constant series of any size has no spread, and a finite threshold above it', () => {
    const sizes = fc.oneof(fc.nat(), fc.double({ min: 1e9, max: 1e15, noNaN: true }))
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 312 }), (value, length) => {
        const constant = usual(Array.from({ length }, () => value))
        expect(constant).toEqual({ median: value, mad: 0, of: length })
        const threshold = spikeThreshold(constant, { floor: 0, k: 3, rel: 0.1 })
        expect(threshold).toBeGreaterThanOrEqual(value)
        expect(threshold).toBeLessThan(Number.POSITIVE_INFINITY)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the threshold of a spike', () => {
  it.each([
    { median: 100, mad: 10, floor: 50, k: 3, rel: 0.1, expected: 144.478, why: '100 + 3 * 14.826' },
    { median: 100, mad: 0, floor: 50, k: 3, rel: 0.1, expected: 130, why: 'no spread: 100 + 3 * 0.1 * 100' },
    { median: 100, mad: 10, floor: 50, k: 3, rel: 0.2, expected: 160, why: '0.2 * 100 exceeds 14.826' },
    { median: 100, mad: 10, floor: 200, k: 3, rel: 0.1, expected: 200, why: 'never below the floor' },
    { median: 100, mad: 10, floor: 0, k: 0, rel: 0.1, expected: 100, why: 'k of 0 leaves the median' },
    { median: 0, mad: 0, floor: 0, k: 3, rel: 0.1, expected: 0, why: 'nothing was ever there' },
  ])('is $expected for $why', ({ median, mad, floor, k, rel, expected }) => {
    expect(spikeThreshold({ median, mad, of: 9 }, { floor, k, rel })).toBeCloseTo(expected, 9)
  })
})
