import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/agents/load.js'
import { ProblemsError } from '../../src/config/yaml.js'
import type { ViewRow } from '../../src/views/view.js'

const folder = mkdtempSync(path.join(tmpdir(), 'agentwarden-inventory-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

async function problemsOf(name: string, text: string): Promise<string[]> {
  const error = await loadInventory(write(name, text)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemsError)
  return (error as ProblemsError).problems.map(({ line, message }) => `${line}: ${message}`)
}

const row = { AgentId: 'bot-1', Type: 'AuditLogs', AppId: undefined } as unknown as ViewRow

const YAML = `
agents:
  - id: BOT-1
    app_id: APP-1
    name: Invoice agent
    owner: ada@contoso.com
    tier: critical
    hours: { from: "08:30", to: "24:00", zone: Europe/Berlin, days: [monday, friday] }
    networks: [203.0.113.0/24, "2001:db8::/32"]
  - id: bot-2
    status: retired
`

const CSV = `\ufeffid,app_id,name,owner,status,networks
BOT-1,APP-1,"Agent, invoices",ada@contoso.com,active,203.0.113.0/24; 2001:db8::/32

bot-2,,,,retired,
`

describe('an inventory', () => {
  it('in YAML', async () => {
    const inventory = await loadInventory(write('agents.yaml', YAML))
    expect(inventory.size).toBe(2)
    expect(inventory.entryOf(row)).toEqual({
      id: 'BOT-1',
      app_id: 'APP-1',
      name: 'Invoice agent',
      owner: 'ada@contoso.com',
      tier: 'critical',
      status: 'active',
      hours: { from: '08:30', to: '24:00', zone: 'Europe/Berlin', days: ['monday', 'friday'] },
      networks: ['203.0.113.0/24', '2001:db8::/32'],
    })
  })

  it('in CSV, as spreadsheets write it', async () => {
    const inventory = await loadInventory(write('agents.CSV', CSV))
    expect(inventory.size).toBe(2)
    expect(inventory.entryOf(row)).toEqual({
      id: 'BOT-1',
      app_id: 'APP-1',
      name: 'Agent, invoices',
      owner: 'ada@contoso.com',
      status: 'active',
      networks: ['203.0.113.0/24', '2001:db8::/32'],
    })
    expect(inventory.entryOf({ ...row, AgentId: 'bot-2' })).toEqual({ id: 'bot-2', status: 'retired' })
  })

  it.each([
    ['an id that is listed twice', '  - id: bot-2', '  - id: bot-1', '10: bot-1 is listed twice'],
    ['an hour that no day has', '08:30', '25:00', '8: from: a time of day reads like 08:30'],
    ['a time after midnight', '24:00', '24:30', '8: to: a time of day reads like 08:30'],
    [
      'a time zone that does not exist',
      'Europe/Berlin',
      'Europe/Atlantis',
      '8: zone: not a time zone; they read like Europe/Berlin',
    ],
    ['a network that is none', '203.0.113.0/24', '203.0.113.0/99', '9: 0: not an address range'],
    ['a misspelt key', 'owner:', 'onwer:', '6: unknown key onwer'],
  ])('in YAML is refused for %s', async (_, good, bad, problem) => {
    expect(await problemsOf('bad.yaml', YAML.replace(good, bad))).toEqual([problem])
  })

  it.each([
    ['an id that is listed twice, after a blank line', 'bot-2', 'bot-1', '4: bot-1 is listed twice'],
    ['a network that is none', '203.0.113.0/24', 'office', '2: networks.0: not an address range'],
    ['a misspelt column', 'name,owner', 'name,onwer', '2: unknown column onwer'],
  ])('in CSV is refused for %s', async (_, good, bad, problem) => {
    expect(await problemsOf('bad.csv', CSV.replace(good, bad))).toEqual([problem])
  })

  it('says all that is wrong at once', async () => {
    const text = CSV.replace('203.0.113.0/24', 'office').replace('retired', 'gone')
    expect(await problemsOf('bad.csv', text)).toHaveLength(2)
  })
})
