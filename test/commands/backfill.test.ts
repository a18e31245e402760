import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connect } from '../../src/commands/workspace.js'
import { HOUR_MS } from '../../src/records/time.js'
import { connect, fill, recordsOf } from '../backfill/support.js'
import { cli, inTempFolder, linesOf } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import {
  type LogAnalytics,
  logAnalyticsServers,
  partial,
  refusal,
  WORKSPACE,
} from '../support/log-analytics.js'

inTempFolder()
const newServer = logAnalyticsServers()
const DAYS = 2
/** A Friday: the agents rest at weekends. */
const TO = Date.UTC(2026, 9, 16, 15)
const FROM = TO - DAYS * 24 * HOUR_MS
let server: LogAnalytics

beforeAll(async () => {
  server = await newServer()
  await fill(server, recordsOf({ from: FROM - 24 * HOUR_MS, to: TO + 3 * HOUR_MS }))
  const quiet = { learn: '24h', min_hours: 2 }
  writeDetections('pack', {
    fresh: { kind: 'new_value', field: 'Operation', ...quiet },
    rare: { kind: 'rare_volume', metric: 'count', by: 'GraphResource', floor: 1, ratio: 1, ...quiet },
  })
})

beforeEach(() => {
  rmSync('state', { recursive: true, force: true })
  Object.assign(server, { asked: [], next: [], mostRows: 500_000, fault: () => undefined })
})

const toServer: Connect = () => connect(server)

function backfill(...args: string[]) {
  const flags = [
    '--workspace',
    WORKSPACE,
    '--detections',
    'pack',
    '--days',
    String(DAYS),
    '--until',
    '2026-10-16T15:00Z',
  ]
  return cli(['backfill', ...flags, ...args], { connect: toServer })
}

async function exported(): Promise<string> {
  const { stdout } = await cli(['state', 'export'])
  return stdout
}

interface SavedRecord {
  readonly key: string
  readonly value: { readonly id: string }
}

async function agentsOf(): Promise<SavedRecord[]> {
  return linesOf<SavedRecord>(await exported()).filter(({ key }) => key.startsWith('agent/'))
}

/** How many queries were sent, but for the one that checks whether there is a workspace. */
const asked = () => server.asked.filter(({ query }) => !query.startsWith('print')).length

describe('agentwarden backfill', () => {
  it('leaves a state that the daemon can start on, and says from when on it is to read', async () => {
    const { code, stdout, stderr } = await backfill()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^Agents: \d+, from 2026-10-14T15:00Z to 2026-10-16T15:00Z\nQueries: \d+, of which 0/,
    )
    expect(stdout).toContain('Let the daemon read from 2026-10-16T15:00Z on')
    const overview = JSON.parse((await cli(['state', 'inspect', '--json'])).stdout) as { newestEvent: string }
    expect(overview.newestEvent).toMatch(/^2026-10-16T1[0-4]/)
    expect((await cli(['state', 'inspect'])).stdout).toContain('Backfilled up to: 2026-10-16T15:00:00Z')
    expect(existsSync('state/backfill')).toBe(false)
  })

  it('goes on where it was broken off, and leaves the same', async () => {
    await backfill()
    const [whole, queries] = [await exported(), asked()]
    rmSync('state', { recursive: true })
    server.asked.length = 0
    server.fault = ({ query }) =>
      query.includes('2026-10-15T00:00') && query.startsWith('// hours')
        ? refusal(403, 'Gone', 'role removed')
        : undefined
    const broken = await backfill()
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('role removed') })
    expect(existsSync('state/current')).toBe(false)
    const kept = readdirSync('state/backfill').length
    expect(kept).toBeGreaterThan(0)
    Object.assign(server, { asked: [], fault: () => undefined })
    const { stdout } = await backfill()
    expect(stdout).toContain(`of which ${kept} were answered before`)
    expect(asked()).toBe(queries - kept)
    expect(await exported()).toBe(whole)
  })

  it('asks for smaller parts of what is too much, and leaves the same', async () => {
    await backfill()
    const [whole, queries] = [await exported(), asked()]
    rmSync('state', { recursive: true })
    Object.assign(server, { asked: [], mostRows: 20 })
    expect((await backfill()).code).toBe(0)
    expect(asked()).toBeGreaterThan(queries)
    expect(await exported()).toBe(whole)
  })

  it('ends with a clear error when even an hour is too much, and writes no state', async () => {
    server.fault = ({ query }) =>
      query.startsWith('print') ? undefined : partial('the set limit of 500000 records')
    const { code, stderr } = await backfill()
    expect(code).toBe(1)
    expect(stderr).toMatch(/answered only in part.*even the hour from 2026-10-1\dT\d\d:00Z is too much/)
    expect(existsSync('state/current')).toBe(false)
  })

  it('does not touch a state in which there is something', async () => {
    await backfill()
    const before = await exported()
    const again = await backfill()
    expect(again.code).toBe(2)
    expect(again.stderr).toMatch(/^error: the state in state holds data up to 2026-10-16T1.*makes a new one/)
    expect(await exported()).toBe(before)
  })

  it('asks nothing further when it may not read the workspace', async () => {
    server.fault = () => refusal(403, 'InsufficientAccessError', 'no access')
    const { code, stderr } = await backfill()
    expect({ code, asked: server.asked.length }).toEqual({ code: 1, asked: 1 })
    expect(stderr).toContain('give the identity the role Log Analytics Reader')
  })

  it('writes no state when there is nobody, and says what the workspace lacks', async () => {
    const { tables } = server
    server.tables = new Map([...tables].filter(([name]) => name !== 'MicrosoftGraphActivityLogs'))
    const { code, stderr } = await backfill()
    server.tables = tables
    expect(code).toBe(1)
    expect(stderr).toContain('error: the workspace has no row of an agent from 2026-10-14T15:00Z to')
    expect(stderr).toContain("Failed to resolve table expression named 'MicrosoftGraphActivityLogs'")
    expect(existsSync('state/current')).toBe(false)
  })

  it('shows its queries and asks nothing', async () => {
    const { code, stdout } = await backfill('--show-queries')
    expect({ code, asked: server.asked.length }).toEqual({ code: 0, asked: 0 })
    expect(stdout).toContain('// values of Operation in GraphCalls')
    expect(stdout).toContain(
      'GraphCalls(datetime(2026-10-16T00:00:00.000Z), datetime(2026-10-16T15:00:00.000Z))',
    )
  })

  it('takes whose behaviour counts from the inventory', async () => {
    await backfill()
    const [one] = await agentsOf()
    rmSync('state', { recursive: true })
    writeFileSync('agents.yaml', `agents:\n  - id: ${one!.value.id}\n    name: "it's \\"one\\" \\\\ agent"\n`)
    await backfill('--agents', 'agents.yaml')
    expect(await agentsOf()).toEqual([one])
  })
})

describe('wrong usage of agentwarden backfill', () => {
  it.each<[string, string[], string]>([
    ['no identity', ['--workspace', WORKSPACE], 'who asks? --auth takes managed-identity, workload-identity'],
    [
      'a name for an id',
      ['--workspace', 'logs', '--auth', 'azure-cli'],
      "takes the workspace's id, a GUID, got logs",
    ],
    [
      'an endpoint without encryption',
      ['--workspace', WORKSPACE, '--auth', 'azure-cli', '--endpoint', 'http://127.0.0.1'],
      'must be an address that begins with https://',
    ],
    ['part of an hour', ['--workspace', WORKSPACE, '--until', '2026-10-18T15:30Z'], 'must be a full hour'],
    ['too many days', ['--workspace', WORKSPACE, '--days', '15'], 'must be from 1 to 14'],
    [
      'an unknown identity',
      ['--workspace', WORKSPACE, '--auth', 'default'],
      'Allowed choices are managed-identity',
    ],
  ])('%s', async (_what, args, message) => {
    mkdirSync('empty', { recursive: true })
    const { code, stderr } = await cli(['backfill', '--detections', 'pack', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
