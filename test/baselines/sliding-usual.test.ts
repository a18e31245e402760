import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SlidingUsual } from '../../src/baselines/sliding-usual.js'
import { usual } from '../../src/baselines/statistics.js'

it('knows nothing of no values', () => {
  expect(new SlidingUsual().usual()).toBeUndefined()
})

it('says of the values that are in what sorting them says, to the last digit', () => {
  const value = fc.oneof(fc.nat(5), fc.nat(2 ** 40), fc.double({ min: 0, max: 1e9, noNaN: true }))
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (all, width) => {
        const sliding = new SlidingUsual()
        for (const [index, added] of all.entries()) {
          sliding.add(added)
          if (index >= width) sliding.remove(all[index - width]!)
          expect(sliding.usual()).toEqual(usual(all.slice(Math.max(0, index + 1 - width), index + 1)))
        }
      },
    ),
  )
})
