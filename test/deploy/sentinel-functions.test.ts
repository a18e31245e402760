import { describe, expect, it } from 'vitest'
import { functions } from '../../src/deployment/package.js'
import { Data, prepare } from '../../src/kql/evaluate/index.js'
import { views } from '../../src/views/index.js'
import { withFunctions, workspaceLanguage } from '../support/sentinel-queries.js'
import { huntingQueries } from '../support/solution.js'

/** What a query yields over rows, by table; as of noon on 20 November 2026. */
function yielded(
  query: string,
  rows: Readonly<Record<string, readonly object[]>>,
): Record<string, unknown>[] {
  const tables = workspaceLanguage.tables.filter(({ name }) => name in rows)
  const data = new Map(
    tables.map(({ name, columns }) => {
      const list = [...columns].map(([column, type]) => ({ name: column, type }))
      const values = rows[name]!.map((row) =>
        list.map((column) => (row as Record<string, unknown>)[column.name]),
      )
      return [name, { columns: list, rows: values }]
    }),
  )
  const result = prepare(withFunctions(query), workspaceLanguage).run(new Data(data), {
    now: '2026-11-20T12:00:00Z',
  })
  return result.rows.map((row) => Object.fromEntries(result.columns.map(({ name }, at) => [name, row[at]])))
}

describe.each(functions.map((one) => [one.name, one] as const))('the function %s', (name, { query }) => {
  it('is bound without a fault, and yields the columns of its view', () => {
    const { diagnostics, columns } = workspaceLanguage.analyse(withFunctions(`${name}(ago(1d), now())`))
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    const view = views.get(name.replace('Agentwarden', ''))!
    const own = Array.from(view.columns, ([column, type]) => [column, type === 'number' ? 'long' : 'string'])
    const wanted = [['EventTime', 'datetime'], ['Id', 'string'], ...own]
    expect(columns!.map((column) => [column.name, column.type]).sort()).toEqual(wanted.sort())
  })

  it('is ASCII', () => {
    expect(query).toMatch(/^[\t\n\x20-\x7E]*$/)
  })
})

describe('the functions', () => {
  it('are one for each view', () => {
    expect(functions.map(({ name }) => name)).toEqual([...views.keys()].map((name) => `Agentwarden${name}`))
  })

  it('take the last day when nobody says which', () => {
    const at = (CreatedDateTime: string) => ({
      ...SIGN_IN,
      TimeGenerated: CreatedDateTime,
      CreatedDateTime,
      Id: CreatedDateTime,
    })
    const rows = [at('2026-11-19T11:59:00Z'), at('2026-11-19T12:01:00Z')]
    const found = yielded('AgentwardenSignIns() | project Id', { AADServicePrincipalSignInLogs: rows })
    expect(found).toEqual([{ Id: '2026-11-19T12:01:00Z' }])
  })
})

const SIGN_IN = {
  AADTenantId: 'f2644611-19b7-4e6e-beb4-000da4a57909',
  ServicePrincipalId: '11111111-aaaa-4aaa-8aaa-111111111111',
  ServicePrincipalName: 'invoice-agent',
  AppId: '22222222-bbbb-4bbb-8bbb-222222222222',
  AppOwnerTenantId: 'f2644611-19b7-4e6e-beb4-000da4a57909',
  ResultType: '0',
  ResourceIdentity: 'mail',
  ResourceDisplayName: 'Mail',
  IPAddress: '198.51.100.7',
}

/** A sign-in on a day of November 2026, at nine. */
function signIn(day: number, more: object = {}) {
  const at = `2026-11-${String(day).padStart(2, '0')}T09:00:00Z`
  return { ...SIGN_IN, TimeGenerated: at, CreatedDateTime: at, Id: `${day} ${JSON.stringify(more)}`, ...more }
}

const queryOf = (file: string) => huntingQueries.find((one) => one.file === file)!.query

describe('hunting queries find', () => {
  it('the resource that an agent reached on one of eight days, not the one that it uses daily', () => {
    const daily = [10, 11, 12, 13, 14, 15, 16, 17].map((day) => signIn(day))
    const once = signIn(17, { ResourceIdentity: 'vault', ResourceDisplayName: 'Vault' })
    const found = yielded(queryOf('rarely-used-resources'), {
      AADServicePrincipalSignInLogs: [...daily, once],
    })
    expect(found).toMatchObject([{ ResourceDisplayName: 'Vault', Days: 1, ActiveDays: 8 }])
  })

  it('the agent of the last day that was not there before', () => {
    const other = {
      ServicePrincipalId: '33333333-cccc-4ccc-8ccc-333333333333',
      ServicePrincipalName: 'new-agent',
    }
    const rows = [signIn(15), signIn(20), signIn(20, other)]
    const found = yielded(queryOf('new-agents'), { AADServicePrincipalSignInLogs: rows })
    expect(found.map(({ AgentName }) => AgentName)).toEqual(['new-agent'])
  })

  it('who read most through Graph, beside the mean of twelve days before', () => {
    const call = (day: number, ResponseSizeBytes: number) => ({
      TimeGenerated: `2026-11-${day}T09:00:00Z`,
      AadTenantId: SIGN_IN.AADTenantId,
      ServicePrincipalId: SIGN_IN.ServicePrincipalId,
      RequestMethod: 'GET',
      RequestUri: 'https://graph.microsoft.com/v1.0/users/5d1f7a3e-9b1c-4c55-8a0d-0f1f8f2f6a11/messages',
      RequestId: `${day}`,
      ResponseStatusCode: 200,
      ResponseSizeBytes,
    })
    const rows = { MicrosoftGraphActivityLogs: [call(15, 1200), call(20, 5000)] }
    const found = yielded(queryOf('largest-graph-readers'), rows)
    expect(found).toMatchObject([
      { GraphResource: 'users/messages', Bytes: 5000, BytesADayBefore: 100, Calls: 1 },
    ])
  })

  it('the risk of an agent as it is now, the highest first', () => {
    const row = (AgentId: string, hour: number, RiskScore: number) => ({
      TimeGenerated: `2026-11-20T0${hour}:00:00Z`,
      AgentId,
      RiskScore,
    })
    const rows = {
      AgentwardenAgentRisk_CL: [row('a', 1, 90), row('a', 2, 20), row('b', 1, 40), row('c', 1, 0)],
    }
    const found = yielded(queryOf('agents-by-risk'), rows)
    expect(found.map(({ AgentId, RiskScore }) => [AgentId, RiskScore])).toEqual([
      ['b', 40],
      ['a', 20],
    ])
  })

  it('three tactics on one day, but not two, nor one alert that was sent twice', () => {
    const alert = (AgentId: string, AlertId: string, Tactics: string[], hour = 1) => ({
      TimeGenerated: `2026-11-20T0${hour}:00:00Z`,
      EventTime: '2026-11-20T00:30:00Z',
      AgentId,
      AlertId,
      Detection: AlertId,
      Tactics,
    })
    const many = [alert('a', '1', ['Persistence']), alert('a', '2', ['Collection', 'Discovery'])]
    const few = [
      alert('b', '3', ['Persistence']),
      alert('b', '4', ['Collection']),
      alert('b', '4', ['Collection'], 2),
    ]
    const found = yielded(queryOf('alerts-of-many-tactics'), { AgentwardenAlerts_CL: [...many, ...few] })
    expect(found.map(({ AgentId }) => AgentId)).toEqual(['a'])
  })
})
