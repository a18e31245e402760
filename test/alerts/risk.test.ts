import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../src/alerts/alert.js'
import { levelOf, riskOf, riskText, UNITS_PER_POINT, unitsOf, weightOf } from '../../src/alerts/risk.js'

/** How much of an alert counts, from 1 down to 0. */
const share = (age: number) => weightOf(age) / weightOf(0)
/** What alerts of one detection contribute, in points. */
const points = (severity: Severity, ages: readonly number[]) =>
  unitsOf(ages.map((age) => ({ severity, age }))) / UNITS_PER_POINT

describe('an alert counts', () => {
  it.each([
    [0, 1],
    [36, 0.75],
    [72, 0.5],
    [108, 0.375],
    [144, 0.25],
    [216, 0.125],
    [288, 0.0625],
    [311, (144 - 23) / 144 / 16],
    [312, 0],
    [1_000, 0],
    [-1, 0],
  ])('after %i hours %d of its points', (age, expected) => {
    expect(share(age)).toBe(expected)
  })

  it('never more than before, and in whole units', () => {
    for (let age = 1; age < 400; age++) {
      expect(weightOf(age)).toBeLessThanOrEqual(weightOf(age - 1))
      expect(Number.isInteger(weightOf(age))).toBe(true)
    }
  })
})

describe('alerts of one detection contribute', () => {
  it.each([
    ['the points of a new one', 'high', [0], 50],
    ['an eighth for one that came before it', 'high', [0, 0], 56.25],
    ['half of them all after three days', 'medium', [72], 12.5],
    ['with a new one after three days: all of it and an eighth of the half', 'medium', [0, 72], 26.5625],
    ['twice the points at most', 'low', Array<number>(30).fill(0), 20],
    ['nothing where there are none', 'high', [], 0],
  ] as const)('%s', (_, severity, ages, expected) => {
    expect(points(severity, ages)).toBe(expected)
  })
})

it('of which a mild one after a severe one takes nothing away', () => {
  const severe = { severity: 'high', age: 1 } as const
  const both = unitsOf([{ severity: 'low', age: 0 }, severe])
  expect(both / UNITS_PER_POINT).toBeCloseTo(50 * (143 / 144) + 10 / 8, 9)
})

describe('the level of a score', () => {
  it.each([
    ['none', 0],
    ['none', 4.99],
    ['low', 5],
    ['low', 29.99],
    ['medium', 30],
    ['medium', 69.99],
    ['high', 70],
    ['high', 1_000],
  ])('is %s from %d points on', (level, score) => {
    expect(levelOf(score * UNITS_PER_POINT)).toBe(level)
  })

  it('is high for no single medium detection, however often it alerts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(311)), (ages) => {
        expect(levelOf(points('medium', ages) * UNITS_PER_POINT)).not.toBe('high')
      }),
    )
  })
})

describe('a risk', () => {
  it('says the whole points, the level, and the five detections that contribute most', () => {
    const contributions = [10, 25, 50, 1, 10, 25].map((score, index) => ({
      detection: `detection-${index}`,
      units: score * UNITS_PER_POINT,
    }))
    expect(riskOf(contributions)).toEqual({
      score: 121,
      level: 'high',
      reasons: [
        { detection: 'detection-2', points: 50 },
        { detection: 'detection-1', points: 25 },
        { detection: 'detection-5', points: 25 },
        { detection: 'detection-0', points: 10 },
        { detection: 'detection-4', points: 10 },
      ],
    })
  })

  it('is rounded down, so that the score never shows a level that is not reached', () => {
    const risk = riskOf([{ detection: 'one', units: 69.99 * UNITS_PER_POINT }])
    expect([risk.score, risk.level, risk.reasons[0]!.points]).toEqual([69, 'medium', 70])
    expect(riskText(risk)).toBe('medium 69')
  })

  it.each([undefined, riskOf([]), riskOf([{ detection: 'one', units: UNITS_PER_POINT }])])(
    'is not worth a word below the lowest level',
    (risk) => {
      expect(riskText(risk)).toBe('')
    },
  )
})
