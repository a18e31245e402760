import { describe, expect, it } from 'vitest'
import { sampled } from '../../src/parity/sampling.js'
import { graphCall, hourAt } from '../support/rows.js'
import { comparison } from './compare.js'
import { sourceOf } from './wire.js'

const hours = Array.from({ length: 100 }, (_, hour) => hour)

describe('a sample of hours', () => {
  it('has every hour with an alert and the hours around it, as far as there are rows in them', () => {
    expect(sampled(hours, [0, 50, 51], { others: 0, seed: 1 })).toEqual([0, 1, 49, 50, 51, 52])
  })

  it('has so many others beside', () => {
    const some = sampled(hours, [50], { others: 10, seed: 1 })
    expect(some).toHaveLength(13)
    expect(some).toEqual([...new Set(some)].sort((a, b) => a - b))
  })

  it('is the same for a seed and another for another', () => {
    const of = (seed: number) => sampled(hours, [], { others: 10, seed })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  it('is all there is where less is there', () => {
    expect(sampled(hours, [], { others: 1_000, seed: 1 })).toEqual(hours)
  })
})

describe('a comparison of a sample', () => {
  const H = hourAt('2026-11-20T03')
  const spike = { kind: 'spike', metric: 'count', floor: 0, k: 0, rel: 0, learn: '1h', min_hours: 1 }
  const quiet = Array.from({ length: 40 }, (_, index) => graphCall({ hour: H + index }))
  const log = [...quiet, graphCall({ hour: H + 40, minute: 1 }), graphCall({ hour: H + 40, minute: 2 })]
  const engines = comparison(spike)
  const now = Date.UTC(2026, 11, 31)

  it('judges the hour that alerts and says how many hours it left out', async () => {
    const [result] = await engines.on([sourceOf(log)], { now, sampling: { others: 5, seed: 1 } })
    expect(result).toMatchObject({ both: 1, streamOnly: [], kqlOnly: [], runs: 7, runsInAll: 41 })
  })
})
