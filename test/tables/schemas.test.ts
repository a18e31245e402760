import { describe, expect, it } from 'vitest'
import { ADDED_BY_LOG_ANALYTICS } from '../../src/tables/define.js'
import { tableOf, tables } from '../../src/tables/index.js'
import { missing, schemaOf } from '../support/shared-data.js'

/** Categories and tables as Microsoft names them. */
const CATEGORIES: [category: string, table: string][] = [
  ['SignInLogs', 'SigninLogs'],
  ['NonInteractiveUserSignInLogs', 'AADNonInteractiveUserSignInLogs'],
  ['ServicePrincipalSignInLogs', 'AADServicePrincipalSignInLogs'],
  ['ManagedIdentitySignInLogs', 'AADManagedIdentitySignInLogs'],
  ['MicrosoftServicePrincipalSignInLogs', 'MicrosoftServicePrincipalSignInLogs'],
  ['AuditLogs', 'AuditLogs'],
  ['MicrosoftGraphActivityLogs', 'MicrosoftGraphActivityLogs'],
  ['AzureADGraphActivityLogs', 'AADGraphActivityLogs'],
  ['ProvisioningLogs', 'AADProvisioningLogs'],
  ['UserRiskEvents', 'AADUserRiskEvents'],
  ['RiskyUsers', 'AADRiskyUsers'],
  ['ServicePrincipalRiskEvents', 'AADServicePrincipalRiskEvents'],
  ['RiskyServicePrincipals', 'AADRiskyServicePrincipals'],
  ['AgentRiskEvents', 'AADAgentRiskEvents'],
  ['RiskyAgents', 'AADRiskyAgents'],
  ['SecurityAlert', 'SecurityAlert'],
  ['Administrative', 'AzureActivity'],
]

describe('the table of a category', () => {
  it.each(CATEGORIES)('%s is %s, in any case', (category, table) => {
    for (const name of [category, category.toLowerCase(), category.toUpperCase()]) {
      expect(tableOf(name)?.name).toBe(table)
    }
  })

  it('is given for every table that there is', () => {
    expect(tables.map(({ name }) => name).sort()).toEqual(CATEGORIES.map(([, table]) => table).sort())
  })

  it.each(['ADFSSignInLogs', 'AgentSignInLogs', '', 'constructor'])('is none for %j', (category) => {
    expect(tableOf(category)).toBeUndefined()
  })
})

describe.each(tables)('$name', (table) => {
  it('has the columns that tell its events apart and place them in time', () => {
    expect(table.columns.get(table.eventTime)?.type).toBe('datetime')
    for (const name of table.id) expect(table.columns.has(name), name).toBe(true)
    expect(table.id).not.toContain('TimeGenerated')
  })
})

describe.skipIf(missing('schemas', 'tables against the schemas of Log Analytics'))(
  'against Log Analytics',
  () => {
    const documented = tables.filter(({ name }) => schemaOf(name))

    it('at least the tables of agents are documented', () => {
      expect(documented.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'SigninLogs',
          'AuditLogs',
          'AADAgentRiskEvents',
          'MicrosoftGraphActivityLogs',
        ]),
      )
    })

    it.each(documented)('$name has the columns and types of the schema', ({ name, columns }) => {
      const schema = schemaOf(name)!
      const unmapped = Object.keys(schema).filter((column) => !columns.has(column))
      expect(unmapped.filter((column) => !ADDED_BY_LOG_ANALYTICS.includes(column))).toEqual([])
      for (const [column, { type }] of columns) expect([column, type]).toEqual([column, schema[column]])
    })
  },
)
