import { describe, expect, it } from 'vitest'
import {
  agentRiskEvent,
  azureRoleAssigned,
  conditionalAccessChanged,
  diagnosticSettingChanged,
  riskyServicePrincipal,
  securityAlert,
} from '../../src/simulate/records/index.js'
import { tableOf, tables } from '../../src/tables/index.js'
import { sourcesOf, views } from '../../src/views/index.js'
import {
  auditRecord,
  graphCall,
  managedIdentitySignIn,
  servicePrincipalSignIn,
  type TestRecord,
  userSignIn,
} from '../support/records.js'
import { viewRow } from '../support/views.js'

const rows = [
  ['SignIns', servicePrincipalSignIn()],
  ['SignIns', managedIdentitySignIn()],
  ['SignIns', userSignIn()],
  ['SignIns', { ...userSignIn(), category: 'SignInLogs' }],
  ['GraphCalls', graphCall()],
  ['AgentChanges', auditRecord()],
  ['DirectoryActions', auditRecord()],
  ['PolicyChanges', policyRecord()],
  ['RiskEvents', agentRiskEvent() as unknown as TestRecord],
  ['RiskEvents', riskyServicePrincipal() as unknown as TestRecord],
  ['AzureChanges', azureRoleAssigned('a', 'b') as unknown as TestRecord],
  ['AzureChanges', diagnosticSettingChanged('DELETE') as unknown as TestRecord],
  ['AgentAlerts', alertRecord()],
] as const

function alertRecord(): TestRecord {
  return securityAlert({ details: { Detection: 'x', AgentId: 'a' } }) as unknown as TestRecord
}

function policyRecord(): TestRecord {
  return conditionalAccessChanged({ id: 'p', name: 'Block agents' }, {}, {}) as unknown as TestRecord
}

/** What a row carries beside the columns that conditions can name. */
const BESIDE = ['View', 'Id', 'EventTime']

describe('a row of a view', () => {
  it.each(rows)('of %s has the columns that the view declares, in their types', (view, record) => {
    const { columns } = views.get(view)!
    const row = viewRow(view, record)!
    expect(
      Object.keys(row)
        .filter((key) => !BESIDE.includes(key))
        .sort(),
    ).toEqual([...columns.keys()].sort())
    for (const [name, type] of columns) {
      expect([type, 'undefined'], name).toContain(typeof row[name])
    }
  })
})

describe('the views that a table feeds', () => {
  it.each([
    ['ServicePrincipalSignInLogs', ['SignIns']],
    ['ManagedIdentitySignInLogs', ['SignIns']],
    ['NonInteractiveUserSignInLogs', ['SignIns']],
    ['SignInLogs', ['SignIns']],
    ['MicrosoftGraphActivityLogs', ['GraphCalls']],
    ['AuditLogs', ['AgentChanges', 'DirectoryActions', 'PolicyChanges']],
    ['AgentRiskEvents', ['RiskEvents']],
    ['RiskyServicePrincipals', ['RiskEvents']],
    ['SecurityAlert', ['AgentAlerts']],
    ['MicrosoftServicePrincipalSignInLogs', []],
    ['ProvisioningLogs', []],
  ])('%s: %j', (category, names) => {
    const record = rows.map(([, candidate]) => candidate).find((candidate) => candidate.category === category)
    const sources = sourcesOf(tableOf(category)!)
    expect(sources).toHaveLength(names.length)
    // A change of an agent is none of a policy.
    const made = record ? names.filter((name) => name !== 'PolicyChanges') : []
    expect(sources.flatMap(({ project }) => (record && project(record, 0)?.View) ?? [])).toEqual(made)
  })

  it('are views of tables that are understood', () => {
    for (const { sources } of views.values()) {
      for (const { table } of sources) expect(tables).toContain(table)
    }
  })
})
