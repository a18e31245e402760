import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Blocks } from '../../src/baselines/blocks.js'

const STRIDE = 3

describe('blocks in one array', () => {
  it('never overlap, keep what is in them as the array grows, and are given out again', () => {
    const allocation = fc.record({ power: fc.nat(9) })
    const release = fc.record({ release: fc.nat(100) })
    fc.assert(
      fc.property(fc.array(fc.oneof(allocation, release), { maxLength: 80 }), (steps) => {
        const blocks = new Blocks(STRIDE)
        const held: { start: number; power: number; mark: number }[] = []
        for (const [mark, step] of steps.entries()) {
          if ('power' in step) {
            const start = blocks.allocate(step.power)
            blocks.words.fill(mark, start, start + (STRIDE << step.power))
            held.push({ start, power: step.power, mark })
          } else {
            const [given] = held.splice(step.release % (held.length + 1), 1)
            if (given) blocks.release(given.start, given.power)
          }
          for (const { start, power, mark } of held) {
            const content = blocks.words.slice(start, start + (STRIDE << power))
            expect(content).toHaveLength(STRIDE << power)
            expect(content.every((word) => word === mark)).toBe(true)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('that were given back are used before the array grows', () => {
    const blocks = new Blocks(STRIDE)
    const start = blocks.allocate(2)
    blocks.release(start, 2)
    expect([blocks.allocate(1) === start, blocks.allocate(2) === start]).toEqual([false, true])
  })
})
