import { describe, expect, it } from 'vitest'
import { loadDetections } from '../../src/detections/load.js'
import { compileDetection } from '../../src/kql/compile.js'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { detection } from '../support/detections.js'

const pack = await loadDetections()
const { analyse } = language(logAnalyticsTables())

describe.each(pack.map((one) => [one.id, one] as const))('the query of %s', (_id, one) => {
  const { query, columns, entity } = compileDetection(one)

  it.each([
    ['by default', {}],
    ['for the agents of the inventory', { population: 'inventory' as const }],
    ['for agents that Entra marks', { population: 'agentic' as const }],
    ['for workloads and the inventory', { inventory: true }],
  ])('binds without a complaint %s', (_name, options) => {
    const { diagnostics } = analyse(compileDetection(one, options).query)
    expect(diagnostics.map(({ line, message }) => `${line}: ${message}`)).toEqual([])
  })

  it('yields the columns that it says', () => {
    expect(analyse(query).columns?.map(({ name }) => name)).toEqual([...columns.keys()])
    expect([...columns.keys()]).toEqual(
      expect.arrayContaining(['TenantId', 'AgentId', 'Hour', 'Observed', 'Reason', ...entity]),
    )
  })

  it('is ASCII, says what it is, and fits into a rule', () => {
    expect(query).toMatch(/^[\x20-\x7e\n]*$/)
    expect(query.split('\n')[0]).toBe(`// ${one.id} ${one.version}: ${one.title}`)
    expect(query.length).toBeLessThanOrEqual(10_000)
  })

  it('has one evaluation time, names the kind of each join, and survives the lack of a table', () => {
    expect(query.match(/\bnow\(\)/g)).toHaveLength(1)
    expect(query).not.toMatch(/\bago\(/)
    for (const [join] of query.matchAll(/\| (join|lookup) .{0,12}/g)) expect(join).toMatch(/kind=/)
    expect(query).toContain('union isfuzzy=true')
  })

  it('reads the inventory only where it is asked to', () => {
    const isNamed = JSON.stringify(one.where ?? {}).includes('"agent.')
    expect(query.includes('_GetWatchlist')).toBe(isNamed)
    expect(compileDetection(one, { inventory: true }).query).toContain('_GetWatchlist("AgentInventory")')
  })
})

it('reads the inventory where a condition names it', () => {
  const { query } = compileDetection(detection({ kind: 'match', where: { 'agent.status': 'retired' } }))
  expect(query).toContain('_GetWatchlist("AgentInventory")')
  expect(query).toContain('where Agent_status =~ "retired"')
  expect(analyse(query).diagnostics).toEqual([])
})

it('keeps a value a value', () => {
  const { query } = compileDetection(detection({ kind: 'match', where: { Operation: '" | take 1 //' } }))
  expect(query).toContain('Operation =~ "\\" | take 1 //"')
  expect(analyse(query).diagnostics).toEqual([])
})

it('refuses a detection that says KQL can not express it', () => {
  expect(() =>
    compileDetection(detection({ kind: 'match', kql: { unsupported: 'needs a stream' } })),
  ).toThrow('needs a stream')
})
