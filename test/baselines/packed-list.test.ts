import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY, FREE, inserted, retained, sizeOf } from '../../src/baselines/packed-list.js'

const content = (list: readonly number[]) => list.filter((value) => value !== FREE)

const insertion = fc.record({ insert: fc.nat(2 ** 40), at: fc.nat(1_000) })
const removal = fc.record({ keepEvery: fc.integer({ min: 1, max: 4 }), from: fc.nat(30) })

describe('a list that grows in small steps', () => {
  it('holds what a plain list does, with free places at its end only, and few of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 6, arbitrary: insertion }, removal), { maxLength: 120 }),
        (steps) => {
          let list = EMPTY
          let plain: number[] = []
          for (const step of steps) {
            if ('insert' in step) {
              const index = step.at % (plain.length + 1)
              list = inserted(list, index, step.insert)
              plain = plain.toSpliced(index, 0, step.insert)
            } else {
              const keep = (value: number) => value % step.keepEvery === 0 || value < step.from
              list = retained(list, keep)
              plain = plain.filter(keep)
            }
            expect(content(list)).toEqual(plain)
            expect(sizeOf(list)).toBe(plain.length)
            expect(list.length).toBeLessThanOrEqual(plain.length + Math.max(16, plain.length / 3))
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('leaves the empty list, which all share, empty', () => {
    inserted(EMPTY, 0, 7)
    retained(EMPTY, () => true)
    expect(EMPTY).toEqual([])
  })
})
