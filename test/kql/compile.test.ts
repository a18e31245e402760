import { describe, expect, it } from 'vitest'
import { POPULATIONS } from '../../src/agents/inventory.js'
import { loadDetections } from '../../src/detections/load.js'
import { compileDetection } from '../../src/kql/compile.js'
import { type Analysed, language, logAnalyticsTables } from '../../src/kql/language.js'
import { columnsOf } from '../../src/where/condition.js'
import { detection } from '../support/detections.js'

const pack = await loadDetections()
const { analyse } = language(logAnalyticsTables())

describe.each(pack.map((one) => [one.id, one] as const))('the query of %s', (_id, one) => {
  const { query, columns, entity } = compileDetection(one)

  it('binds without a complaint, and yields the columns that it says', () => {
    const analysed = analyse(query)
    expect(complaints(analysed)).toEqual([])
    expect(analysed.columns?.map(({ name }) => name)).toEqual([...columns.keys()])
    expect([...columns.keys()]).toEqual(
      expect.arrayContaining(['TenantId', 'AgentId', 'Hour', 'Observed', 'Reason', ...entity]),
    )
  })

  it('binds without a complaint for workloads and the inventory', () => {
    expect(complaints(analyse(compileDetection(one, { inventory: true }).query))).toEqual([])
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

  it('reads the inventory only where it is asked to or a condition names it', () => {
    const names = one.where ? columnsOf(one.where).some((column) => column.startsWith('agent.')) : false
    expect(query.includes('_GetWatchlist')).toBe(names)
    expect(compileDetection(one, { inventory: true }).query).toContain('_GetWatchlist("AgentInventory")')
  })
})

// Other populations change one line of a query, which depends on its view alone.
describe.each([...new Map(pack.map((one) => [one.view.name, one]))])('the queries of %s', (_view, one) => {
  it.each(POPULATIONS)('bind without a complaint for the population %s', (population) => {
    expect(complaints(analyse(compileDetection(one, { population }).query))).toEqual([])
  })
})

function complaints({ diagnostics }: Analysed): string[] {
  return diagnostics.map(({ line, message }) => `${line}: ${message}`)
}

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
