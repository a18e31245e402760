import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../src/package-root.js'
import { ALERTS, RISK, schemaOf } from '../../src/sinks/log-analytics/tables.js'

/** Names that Log Analytics keeps to itself: a custom table can't have such a column. */
const RESERVED = [
  'id',
  'BilledSize',
  'IsBillable',
  'InvalidTimeGenerated',
  'TenantId',
  'Title',
  'Type',
  'UniqueId',
  '_ItemId',
  '_ResourceGroup',
  '_ResourceId',
  '_SubscriptionId',
  '_TimeReceived',
]

describe.each([ALERTS, RISK])('the custom table $name', (table) => {
  it('is in deploy/tables as the sink fills it', () => {
    const file = readFileSync(packagePath('deploy', 'tables', `${table.name}.json`), 'utf8')
    expect(JSON.parse(file)).toEqual(schemaOf(table))
  })

  it('has a name and columns that Log Analytics takes', () => {
    expect(table.name).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,58}_CL$/)
    const names = table.columns.map(({ name }) => name)
    expect(names.filter((name) => !/^[A-Za-z][A-Za-z0-9_]{0,44}$/.test(name))).toEqual([])
    expect(names.filter((name) => RESERVED.includes(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
    expect(table.columns[0]).toMatchObject({ name: 'TimeGenerated', type: 'datetime' })
  })
})
