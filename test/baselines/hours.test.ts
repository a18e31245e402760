import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HourSets } from '../../src/baselines/hours.js'

/** What the ring remembers, by the contract: 352 hours that end at the newest. */
const KEPT = 352
const NOW = 498_000

/** A set that never forgets, and says what of it should be remembered. */
class Model {
  readonly hours = new Set<number>()
  newest = 0

  add(hour: number): void {
    this.hours.add(hour)
    this.newest = Math.max(this.newest, hour)
  }

  between(from: number, to: number): number[] {
    return [...this.hours]
      .filter((hour) => hour >= from && hour < to && hour > this.newest - KEPT)
      .sort((a, b) => a - b)
  }
}

const anHour = fc.oneof(
  fc.integer({ min: NOW - 800, max: NOW + 800 }),
  fc.constantFrom(NOW, NOW - 351, NOW - 352, NOW - 353, NOW + 351, NOW + 352, NOW + 353),
)
const aRange = fc.tuple(anHour, fc.integer({ min: 0, max: 400 })).map(([from, length]) => ({
  from,
  to: from + length,
}))

/** All that is remembered. */
function all(sets: HourSets, slot: number): number[] {
  const newest = sets.newest(slot)
  return sets.list(slot, Math.max(0, newest - 400), newest + 1)
}

function expectSame(sets: HourSets, slot: number, model: Model, from: number, to: number): void {
  const expected = model.between(from, to)
  expect(sets.list(slot, from, to)).toEqual(expected)
  expect(sets.count(slot, from, to)).toBe(expected.length)
  expect(sets.first(slot, from, to)).toBe(expected[0])
  expect(sets.last(slot, from, to)).toBe(expected.at(-1))
  for (let hour = from; hour < to; hour += 7) expect(sets.has(slot, hour)).toBe(expected.includes(hour))
}

describe('a set of hours', () => {
  it('answers like a set of all hours ever added, within the 352 that end at the newest', () => {
    fc.assert(
      fc.property(fc.array(anHour, { maxLength: 60 }), aRange, (hours, { from, to }) => {
        const sets = new HourSets()
        const slot = sets.allocate()
        const model = new Model()
        for (const hour of hours) {
          sets.add(slot, hour)
          model.add(hour)
        }
        expectSame(sets, slot, model, from, to)
        expect(all(sets, slot)).toEqual(model.between(0, Number.POSITIVE_INFINITY))
        expect(sets.newest(slot)).toBe(model.newest)
      }),
      { numRuns: 300 },
    )
  })

  it('comes back as it was saved, among others, and goes on from there', () => {
    fc.assert(
      fc.property(fc.array(anHour, { maxLength: 60 }), anHour, (hours, next) => {
        const [sets, others] = [new HourSets(), new HourSets()]
        const slot = sets.allocate()
        for (const hour of hours) sets.add(slot, hour)
        others.add(others.allocate(), NOW)
        const restored = others.restore(sets.saved(slot))
        expect(others.saved(restored)).toBe(sets.saved(slot))
        sets.add(slot, next)
        others.add(restored, next)
        expect(all(others, restored)).toEqual(all(sets, slot))
        expect(others.newest(restored)).toBe(sets.newest(slot))
      }),
    )
  })

  it('is undisturbed by any number of other sets, given out and given back', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ set: fc.nat(7), hour: anHour }) },
      { weight: 1, arbitrary: fc.record({ set: fc.nat(7), hour: fc.constant(undefined) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const sets = new HourSets()
        const held = Array.from({ length: 8 }, () => ({ slot: sets.allocate(), model: new Model() }))
        for (const { set, hour } of steps) {
          const one = held[set]!
          if (hour === undefined) {
            sets.release(one.slot)
            held[set] = { slot: sets.allocate(), model: new Model() }
          } else {
            sets.add(one.slot, hour)
            one.model.add(hour)
          }
        }
        for (const { slot, model } of held) {
          expect(all(sets, slot)).toEqual(model.between(0, Number.POSITIVE_INFINITY))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps its hours while thousands of further sets are given out', () => {
    const sets = new HourSets()
    const slots = Array.from({ length: 5_000 }, () => sets.allocate())
    for (const [index, slot] of slots.entries()) sets.add(slot, NOW + (index % 300))
    expect(new Set(slots).size).toBe(5_000)
    for (const [index, slot] of slots.entries()) expect(all(sets, slot)).toEqual([NOW + (index % 300)])
  })

  it('is empty when given out, though the one before was not', () => {
    const sets = new HourSets()
    const first = sets.allocate()
    for (let hour = NOW; hour < NOW + 352; hour++) sets.add(first, hour)
    sets.release(first)
    const second = sets.allocate()
    expect(second).toBe(first)
    expect(all(sets, second)).toEqual([])
    expect(sets.has(second, NOW + 351)).toBe(false)
  })

  it('remembers no hour while it is empty, whatever its neighbours remember', () => {
    const sets = new HourSets()
    const neighbour = sets.allocate()
    for (let hour = NOW; hour < NOW + 352; hour++) sets.add(neighbour, hour)
    expect(all(sets, sets.allocate())).toEqual([])
  })

  it.each([
    { behind: 351, kept: true },
    { behind: 352, kept: false },
  ])('an hour $behind behind the newest is remembered: $kept', ({ behind, kept }) => {
    const sets = new HourSets()
    const before = sets.allocate()
    sets.add(before, NOW - behind)
    sets.add(before, NOW)
    const late = sets.allocate()
    sets.add(late, NOW)
    sets.add(late, NOW - behind)
    for (const slot of [before, late]) expect(sets.has(slot, NOW - behind)).toBe(kept)
  })
})
