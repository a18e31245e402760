import { describe, expect, it } from 'vitest'
import { AgentSelector, Inventory, type InventoryEntry, POPULATIONS } from '../../src/agents/inventory.js'
import type { ViewRow } from '../../src/views/view.js'

const BOT = '22222222-bbbb-4bbb-8bbb-222222222222'
const BOT_APP = '33333333-cccc-4ccc-8ccc-333333333333'
const APPLICATION = 'abababab-1212-4121-8121-abababababab'

const entry: InventoryEntry = {
  id: BOT.toUpperCase(),
  app_id: BOT_APP.toUpperCase(),
  name: 'Invoice agent',
  owner: 'ada@contoso.com',
  tier: 'critical',
  status: 'active',
  networks: ['203.0.113.0/24'],
}

const base: ViewRow = {
  View: 'SignIns',
  Type: 'AADServicePrincipalSignInLogs',
  Id: 'event-1',
  EventTime: 0,
  TenantId: 'tenant-1',
  AgentId: 'somebody',
  AgentName: undefined,
  AppId: undefined,
  Agentic: 0,
  Workload: 0,
}

const rows: Record<string, ViewRow> = {
  marked: { ...base, Agentic: 1 },
  listed: { ...base, AgentId: BOT },
  workload: { ...base, Workload: 1 },
  nobody: base,
}

describe('whose rows are an agent’s', () => {
  it.each([
    ['agentic', ['marked']],
    ['inventory', ['marked', 'listed']],
    ['workloads', ['marked', 'listed', 'workload']],
  ] as const)('%s: %j', (population, expected) => {
    const selector = new AgentSelector(population, new Inventory([entry]))
    const selected = Object.keys(rows).filter((name) => selector.select(rows[name]!) !== undefined)
    expect(selected).toEqual(expected)
  })

  it.each([
    ['agentic', ['marked']],
    ['inventory', ['marked']],
    ['workloads', ['marked', 'workload']],
  ] as const)('%s, with an empty inventory: %j', (population, expected) => {
    const selector = new AgentSelector(population, new Inventory([]))
    const selected = Object.keys(rows).filter((name) => selector.select(rows[name]!) !== undefined)
    expect(selected).toEqual(expected)
  })

  it('is said in one of three ways', () => {
    expect(POPULATIONS).toEqual(['agentic', 'inventory', 'workloads'])
  })
})

describe('the inventory’s word on an agent', () => {
  const selector = new AgentSelector('inventory', new Inventory([entry]))

  it('stands in the row as agent.<field>, beside what the row had', () => {
    expect(selector.select(rows.listed!)).toEqual({
      ...rows.listed,
      'agent.id': BOT.toUpperCase(),
      'agent.app_id': BOT_APP.toUpperCase(),
      'agent.name': 'Invoice agent',
      'agent.owner': 'ada@contoso.com',
      'agent.sponsor': undefined,
      'agent.tier': 'critical',
      'agent.hours': undefined,
      'agent.networks': '203.0.113.0/24',
      'agent.resources': undefined,
      'agent.status': 'active',
      'agent.listed': 'yes',
    })
  })

  it('is that an agent is not listed, and no more', () => {
    expect(selector.select(rows.marked!)).toEqual({ ...rows.marked, 'agent.listed': 'no' })
  })

  it('is nothing where no inventory is kept', () => {
    const selector = new AgentSelector('workloads', new Inventory([]))
    expect(selector.select(rows.marked!)).toBe(rows.marked)
  })

  it('also goes with an agent that Entra marks, if it is listed', () => {
    const row = { ...base, AgentId: BOT, Agentic: 1 } as const
    expect(new AgentSelector('agentic', new Inventory([entry])).select(row)!['agent.owner']).toBe(
      'ada@contoso.com',
    )
  })

  it.each<[why: string, row: Partial<ViewRow>, listed: boolean]>([
    ['its object id', { AgentId: BOT }, true],
    [
      'its application id, where the audit log names the application',
      { Type: 'AuditLogs', AgentId: APPLICATION, AppId: BOT_APP },
      true,
    ],
    [
      'no application id elsewhere: others sign in with the same application',
      { AgentId: APPLICATION, AppId: BOT_APP },
      false,
    ],
    ['neither', { Type: 'AuditLogs', AgentId: APPLICATION, AppId: APPLICATION }, false],
    ['no application id at all', { Type: 'AuditLogs', AgentId: APPLICATION }, false],
  ])('is found by %s', (_, columns, listed) => {
    expect(selector.select({ ...base, ...columns } as ViewRow) !== undefined).toBe(listed)
  })

  it.each(['__proto__', 'constructor'])('is not found under %s', (id) => {
    expect(selector.select({ ...base, AgentId: id })).toBeUndefined()
  })

  it('is counted by agent', () => {
    expect(new Inventory([entry, { ...entry, id: BOT }, { id: 'other', status: 'retired' }]).size).toBe(2)
  })
})
