import { describe, expect, it } from 'vitest'
import { Data, prepare } from '../../src/kql/evaluate/index.js'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { viewText } from '../../src/kql/view-text.js'
import { TableRows } from '../../src/parity/table-rows.js'
import { type Decoded, decodeMessage, timeBounds } from '../../src/records/decode.js'
import { simulate } from '../../src/simulate/index.js'
import {
  conditionalAccessChanged,
  principalAddedToGroup,
  principalEnabled,
  securityAlert,
  settingChanged,
} from '../../src/simulate/records/index.js'
import { views } from '../../src/views/index.js'
import { knowsTenant, type View, type ViewRow } from '../../src/views/view.js'
import { missing, realRecordLines } from '../support/shared-data.js'

const BOUNDS = timeBounds(Date.UTC(2100, 0))
const shared = language(logAnalyticsTables())

/** A query for all rows of a view, with all of its columns. */
function prepared(view: View) {
  const names = new Set([...view.columns.keys(), 'Id'])
  return prepare(
    `${viewText(view, names, false)}\n${view.name}(datetime(2000-01-01), datetime(2099-01-01))`,
    shared,
  )
}

const queries = new Map(Array.from(views.values(), (view) => [view, prepared(view)]))

type Values = Readonly<Record<string, unknown>>

/** A row as text, so that what is empty, null or not there is the same. */
function written(view: View, row: Values, time: number): string {
  const columns = [...view.columns.keys()].filter((name) => name !== 'TenantId' || knowsTenant(view))
  const filled = columns.map((name) => [name, row[name]]).filter(([, value]) => (value ?? '') !== '')
  return JSON.stringify([time, ...filled])
}

function streamRows(view: View, decoded: readonly Decoded[]): string[] {
  const rows = decoded.flatMap(({ table, record, eventTime }): ViewRow[] => {
    if (eventTime === undefined) return []
    const sources = view.sources.filter((source) => source.table === table)
    return sources.flatMap((source) => source.project(record, eventTime) ?? [])
  })
  return rows.map((row) => written(view, row, row.EventTime)).sort()
}

function kqlRows(view: View, decoded: readonly Decoded[]): string[] {
  const kept = new TableRows(
    undefined,
    view.sources.map(({ table }) => table.name),
  )
  for (const { table, record, eventTime } of decoded) kept.add(table, record, eventTime)
  const { columns, rows } = queries.get(view)!.run(new Data(kept.tables()), { now: Date.UTC(2026, 10, 20) })
  return rows
    .map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))
    .map((row) => written(view, row, Math.floor(Date.parse(String(row.EventTime)))))
    .sort()
}

function decodeAll(texts: readonly string[]): Decoded[] {
  return texts.flatMap((text) => decodeMessage(Buffer.from(text), BOUNDS).records)
}

/** Simulated records of every category, some hundreds of each. */
function simulated(): string[] {
  const counts = new Map<string, number>()
  const texts: string[] = []
  for (const { category, record } of simulate({ agents: 20, days: 5, seed: 4, attacks: 'all' }).records()) {
    const count = (counts.get(category) ?? 0) + 1
    counts.set(category, count)
    if (count <= 300) texts.push(JSON.stringify(record))
  }
  return texts
}

const AGENT = { id: 'A1', appId: 'b0000000-0000-4000-8000-000000000002', name: 'invoice-agent' }
const app = (clientApplications: object, risks: object = {}) => ({
  state: 'enabled',
  conditions: { clientApplications, ...risks },
})
const address = (...some: string[]) => some.map((Address) => ({ AddressType: 0, Address }))

/** What a simulation hardly has: changes of settings and policies. */
function settings(): string[] {
  const policy = { id: 'P1', name: 'Block agents' }
  const policies = [
    app({}),
    app({ includeServicePrincipals: ['All'], excludeServicePrincipals: ['x', 'y'] }),
    app({ includeAgentIdServicePrincipals: ['z'], excludeAgentIdServicePrincipals: ['x'] }),
    app({}, { agentIdRiskLevels: 'high' }),
    app({}, { servicePrincipalRiskLevels: ['high'] }),
    app({}, { servicePrincipalRiskLevels: [] }),
    { state: 'disabled' },
    'no policy',
    null,
  ]
  const values = [
    ['AppAddress', address('https://a'), address('https://c', 'https://b', 'https://a')],
    ['AppAddress', null, address('https://a', 'https://a')],
    ['AvailableToOtherTenants', [false], [true]],
    ['AvailableToOtherTenants', 'True', 'False'],
  ] as const
  return [
    ...policies.flatMap((one) => policies.map((other) => conditionalAccessChanged(policy, one, other))),
    ...values.map(([name, before, after]) => settingChanged(AGENT, name, before, after)),
    principalEnabled(AGENT),
    principalAddedToGroup(AGENT, { id: 'g', name: 'Finance' }),
  ].map((record) => JSON.stringify(record))
}

/** Alerts of our rules and of others, as Sentinel writes them, or would not. */
function alerts(): string[] {
  const hours = ['2026-10-05T07:00:00Z', '2026-10-05T09:00:00Z', 'soon', '']
  const known = { Detection: 'Unusual-Resource', AgentId: 'A1', AgentName: 'invoice-agent', AppId: 'B1' }
  const odd = [
    '',
    '[]',
    'text',
    '{"Custom Details":{"Detection":["x"],"AgentId":["A2"]}}',
    '{"Custom Details":"x"}',
  ]
  return [
    ...hours.map((Hour) => securityAlert({ severity: 'High', details: { ...known, Hour } })),
    securityAlert({ details: { Detection: 'x' } }),
    securityAlert({ details: { AgentId: 'A1' } }),
    ...odd.map((extendedProperties) => securityAlert({ properties: { extendedProperties } })),
  ].map((record) => JSON.stringify(record))
}

/** Fewer rows than that would prove nothing. */
const FEW: Readonly<Record<string, number>> = { RiskEvents: 3, AgentAlerts: 4 }

describe.each([...views.values()].map((view) => ({ name: view.name, view })))('$name', ({ view }) => {
  it('has the same rows in both engines, column by column, of simulated logs', () => {
    const decoded = decodeAll([...simulated(), ...settings(), ...alerts()])
    const expected = streamRows(view, decoded)
    expect(expected.length).toBeGreaterThan(FEW[view.name] ?? 50)
    expect(kqlRows(view, decoded)).toEqual(expected)
  })

  it.skipIf(missing('real-records', 'views of real records'))('and of real records', () => {
    const decoded = decodeAll(realRecordLines().flatMap(({ lines }) => lines))
    expect(decoded.length).toBeGreaterThan(10)
    expect(kqlRows(view, decoded)).toEqual(streamRows(view, decoded))
  })
})
