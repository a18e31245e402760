import { expect, it } from 'vitest'
import { type Arrival, messages, servicePrincipalSignIn, simulate } from '../../src/simulate/index.js'

const simulation = simulate({ agents: 20, days: 2, seed: 3, attacks: 'none' })
const all = [...messages(simulation)]

it('carry every record once', () => {
  const carried = all.flatMap(({ text }) => JSON.parse(text).records as unknown[])
  const lines = (records: unknown[]) => records.map((record) => JSON.stringify(record)).sort()
  expect(lines(carried)).toEqual(lines([...simulation.records()].map(({ record }) => record)))
})

it('hold one category each, on one line of at most 230 KB', () => {
  for (const { category, text } of all) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(230_000)
    expect(text).not.toContain('\n')
    expect(new Set(JSON.parse(text).records.map((r: { category: string }) => r.category))).toEqual(
      new Set([category]),
    )
  }
})

it('are filed by category and day of arrival', () => {
  const days = new Set(
    all.map(({ file }) => file).filter((file) => file.startsWith('ServicePrincipalSignInLogs/')),
  )
  expect([...days].slice(0, 2)).toEqual([
    'ServicePrincipalSignInLogs/2026-10-05.ndjson',
    'ServicePrincipalSignInLogs/2026-10-06.ndjson',
  ])
})

const at = (arrival: number): Arrival => ({ category: 'C', arrival, record: servicePrincipalSignIn() })
const sizes = (records: Arrival[]) =>
  [...messages({ records: () => records })].map(({ text }) => JSON.parse(text).records.length)

it('end after five minutes of arrival', () => {
  expect(sizes([at(0), at(299_999), at(300_000)])).toEqual([2, 1])
})

it('end before they grow beyond 230 KB', () => {
  const line = JSON.stringify(servicePrincipalSignIn()).length + 1
  const fitting = Math.floor(230_000 / line)
  expect(sizes(Array.from({ length: fitting + 1 }, () => at(0)))).toEqual([fitting, 1])
})
