import { describe, expect, it } from 'vitest'
import { Random } from '../../src/simulate/random.js'

const draws = <T>(count: number, draw: (random: Random) => T, ...keys: (string | number)[]): T[] => {
  const random = new Random(...keys)
  return Array.from({ length: count }, () => draw(random))
}
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

describe('a stream', () => {
  it('is named by its keys', () => {
    const words = (...keys: (string | number)[]) => draws(5, (r) => r.word(), ...keys)
    expect(words(1, 'agent', 2)).toEqual(words(1, 'agent', 2))
    expect(words(1, 'agent', 2)).not.toEqual(words(1, 'agent', 3))
    expect(words(1, 'agent', 2)).not.toEqual(words(2, 'agent', 2))
  })

  // Four standard errors of 20,000 draws.
  it.each([
    ['next', (r: Random) => r.next(), 0.5, 0.009],
    ['normal', (r: Random) => r.normal(3, 2), 3, 0.06],
    ['exponential', (r: Random) => r.exponential(5), 5, 0.15],
    ['poisson', (r: Random) => r.poisson(4), 4, 0.06],
    ['median of logNormal', (r: Random) => (r.logNormal(10, 1) > 10 ? 1 : 0), 0.5, 0.015],
    ['pareto above twice its least', (r: Random) => (r.pareto(1, 1) > 2 ? 1 : 0), 0.5, 0.015],
  ])('%s has its mean', (_name, draw, expected, tolerance) => {
    expect(Math.abs(mean(draws(20_000, draw, 'mean')) - expected)).toBeLessThan(tolerance)
  })

  it('draws version 4 GUIDs, all different', () => {
    const guids = draws(5000, (r) => r.guid(), 'guid')
    expect(new Set(guids).size).toBe(5000)
    expect(
      guids.filter((g) => !/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(g)),
    ).toEqual([])
  })

  it('draws by weight', () => {
    const heads = draws(
      20_000,
      (r) =>
        r.weighted([
          ['head', 3],
          ['tail', 1],
        ]),
      'coin',
    ).filter((side) => side === 'head')
    expect(heads.length / 20_000).toBeCloseTo(0.75, 1)
  })

  it('samples without repeating, all when asked for more than there are', () => {
    expect(new Random('sample').sample([1, 2, 3], 5).sort()).toEqual([1, 2, 3])
  })
})
