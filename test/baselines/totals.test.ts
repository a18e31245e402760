import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntityTotals } from '../../src/baselines/entity-totals.js'
import { HourSets } from '../../src/baselines/hours.js'
import { HourlyTotals } from '../../src/baselines/totals.js'

const KEPT = 352
const NOW = 498_000

/** All totals of all hours, and which of them should be remembered. */
class Model {
  readonly totals = new Map<number, number>()
  newest = 0

  add(hour: number, amount: number): void {
    if (hour <= this.newest - KEPT) return
    this.totals.set(hour, (this.totals.get(hour) ?? 0) + amount)
    this.newest = Math.max(this.newest, hour)
  }

  between(from: number, to: number): [number, number][] {
    return [...this.totals]
      .filter(([hour]) => hour >= from && hour < to && hour > this.newest - KEPT)
      .sort(([a], [b]) => a - b)
  }
}

type Addition = readonly [hour: number, amount: number]

const anHour = fc.oneof(
  fc.integer({ min: NOW, max: NOW + 900 }),
  fc.constantFrom(NOW, NOW + 351, NOW + 352, NOW + 353, NOW + 703, NOW + 704),
)
const anAmount = fc.oneof(
  fc.constant(1),
  fc.nat(5),
  fc.constant(0),
  fc.constantFrom(2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 40),
)
const single = fc.tuple(anHour, anAmount).map((addition) => [addition])
/** Many hours in a row, so that a list becomes a ring, in order or not. */
const stretch = fc
  .record({
    from: anHour,
    length: fc.integer({ min: 100, max: 250 }),
    amount: anAmount,
    backwards: fc.boolean(),
  })
  .map(({ from, length, amount, backwards }) => {
    const additions: Addition[] = Array.from({ length }, (_, index) => [from + index, amount])
    return backwards ? additions.reverse() : additions
  })
const someAdditions = fc
  .array(fc.oneof({ weight: 5, arbitrary: single }, { weight: 1, arbitrary: stretch }), { maxLength: 25 })
  .map((parts): Addition[] => parts.flat())

function added(additions: readonly Addition[], totals: HourlyTotals): { totals: HourlyTotals; model: Model } {
  const model = new Model()
  for (const [hour, amount] of additions) {
    totals.add(hour, amount)
    model.add(hour, amount)
  }
  return { totals, model }
}

describe.each<[string, () => HourlyTotals]>([
  ['as a list', () => new HourlyTotals()],
  ['as a set while all are 1', () => new HourlyTotals(new HourSets())],
])('hourly totals %s', (_, made) => {
  it('are those of a plain map of all hours, within the 352 that end at the newest', () => {
    fc.assert(
      fc.property(someAdditions, anHour, fc.nat(400), (additions, from, length) => {
        const { totals, model } = added(additions, made())
        expect(totals.entries(0, Number.POSITIVE_INFINITY)).toEqual(
          model.between(0, Number.POSITIVE_INFINITY),
        )
        expect(totals.entries(from, from + length)).toEqual(model.between(from, from + length))
        expect(totals.newest).toBe(model.newest)
        const expected = new Map(model.between(0, Number.POSITIVE_INFINITY))
        for (let hour = NOW - 5; hour < NOW + 1_200; hour++) {
          if (totals.at(hour) !== (expected.get(hour) ?? 0)) expect([hour, totals.at(hour)]).toBe('equal')
        }
      }),
      { numRuns: 300 },
    )
  })

  it('come back as they were saved', () => {
    fc.assert(
      fc.property(someAdditions, (additions) => {
        const { totals } = added(additions, made())
        const restored = made()
        restored.restore(JSON.parse(JSON.stringify(totals.saved())))
        expect(restored.entries(0, Number.POSITIVE_INFINITY)).toEqual(
          totals.entries(0, Number.POSITIVE_INFINITY),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('are saved as the hours since the one before, each with its total', () => {
    const totals = made()
    for (const [hour, amount] of [
      [NOW + 3, 7],
      [NOW, 2],
      [NOW + 27, 0],
    ] as const)
      totals.add(hour, amount)
    expect(totals.saved()).toEqual([NOW, 2, 3, 7, 24, 0])
  })

  it('come back from each addition as they then stand', () => {
    fc.assert(
      fc.property(someAdditions, (additions) => {
        const totals = made()
        const model = new Model()
        for (const [hour, amount] of additions) {
          const kept = hour > model.newest - KEPT
          model.add(hour, amount)
          const result = totals.add(hour, amount)
          if (kept && result !== model.totals.get(hour)) expect(result).toBe(model.totals.get(hour))
        }
      }),
      { numRuns: 200 },
    )
  })

  it.each([167, 168, 169, 170])(
    'are the same before and after %i active hours make a ring of the list',
    (hours) => {
      const totals = made()
      for (let index = 0; index < hours; index++) totals.add(NOW + index, index)
      totals.add(NOW + 3, 10)
      const expected = Array.from({ length: hours }, (_, index) => [NOW + index, index === 3 ? 13 : index])
      expect(totals.entries(NOW, NOW + hours)).toEqual(expected)
    },
  )

  it.each([1, 169, 352])('hold sums above 2^32 exactly, with %i active hours', (hours) => {
    const totals = made()
    for (let hour = NOW; hour < NOW + hours; hour++) totals.add(hour, 1)
    totals.add(NOW, 2 ** 32 - 2)
    expect(totals.at(NOW)).toBe(2 ** 32 - 1)
    totals.add(NOW, 1)
    expect(totals.at(NOW)).toBe(2 ** 32)
    totals.add(NOW, 2 ** 43)
    expect(totals.at(NOW)).toBe(2 ** 43 + 2 ** 32)
    expect(totals.entries(NOW, NOW + hours)).toHaveLength(hours)
  })

  it.each([1, 200])(
    'tell an hour with a total of 0 from an hour without any, with %i active hours',
    (hours) => {
      const totals = made()
      for (let index = 0; index < hours; index++) totals.add(NOW + index, 0)
      expect(totals.entries(NOW - 1, NOW + hours + 1)).toEqual(
        Array.from({ length: hours }, (_, index) => [NOW + index, 0]),
      )
    },
  )

  it.each([1, 200])('take late additions into their own hour, with %i active hours', (hours) => {
    const totals = made()
    for (let index = 0; index < hours; index++) totals.add(NOW + 100 + index, 1)
    totals.add(NOW + 99, 7)
    totals.add(NOW + 99, 1)
    expect(totals.entries(NOW, NOW + 101)).toEqual([
      [NOW + 99, 8],
      [NOW + 100, 1],
    ])
  })

  it.each([1, 200])('forget all when the next hour lies 352 or more ahead, with %i active hours', (hours) => {
    const totals = made()
    for (let index = 0; index < hours; index++) totals.add(NOW + index, 5)
    totals.add(NOW + hours - 1 + 352, 1)
    expect(totals.entries(0, Number.POSITIVE_INFINITY)).toEqual([[NOW + hours - 1 + 352, 1]])
    totals.add(NOW, 9)
    expect(totals.at(NOW)).toBe(0)
  })
})

describe('totals by entity', () => {
  const step = fc.record({
    id: fc.nat(4),
    hour: fc.integer({ min: NOW, max: NOW + 400 }),
    amount: fc.nat(3),
  })

  it('are those of a plain map for each entity', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const totals = new EntityTotals()
        const models = new Map<number, Model>()
        for (const { id, hour, amount } of steps) {
          expect(totals.add(id, hour, amount, 10)).toBe(true)
          if (!models.has(id)) models.set(id, new Model())
          models.get(id)!.add(hour, amount)
        }
        const found = [...totals.all()].map(([id, series]) => [
          id,
          series.entries(0, Number.POSITIVE_INFINITY),
        ])
        const expected = [...models].map(([id, model]) => [id, model.between(0, Number.POSITIVE_INFINITY)])
        expect(new Map(found as [number, unknown][])).toEqual(new Map(expected as [number, unknown][]))
      }),
      { numRuns: 200 },
    )
  })

  it('refuse an entity beyond the limit and still count the known ones', () => {
    const totals = new EntityTotals()
    expect([1, 2, 3].map((id) => totals.add(id, NOW, 5, 2))).toEqual([true, true, false])
    expect(totals.of(3)).toBeUndefined()
    expect(totals.add(1, NOW, 5, 2)).toBe(true)
    expect(totals.of(1)!.at(NOW)).toBe(10)
    expect([...totals.all()].map(([id]) => id)).toEqual([1, 2])
  })

  it('make room for a new entity once an old one was silent for longer than is remembered', () => {
    const totals = new EntityTotals()
    totals.add(1, NOW, 5, 2)
    totals.add(2, NOW + 100, 5, 2)
    expect(totals.add(3, NOW + 351, 5, 2)).toBe(false)
    expect(totals.add(3, NOW + 352, 5, 2)).toBe(true)
    expect([...totals.all()].map(([id]) => id)).toEqual([2, 3])
    expect(totals.of(2)!.at(NOW + 100)).toBe(5)
  })
})
