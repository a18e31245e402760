import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadDetections } from '../../src/detections/load.js'
import type { AgentEntry } from '../../src/profiles/entry.js'
import type { Profile } from '../../src/profiles/profile.js'
import { StateStore } from '../../src/state/store.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { cli, inTempFolder } from '../support/cli.js'
import { daemon } from '../support/daemon.js'
import { writeDetections } from '../support/detection-files.js'
import { AGENT, graphCall, TENANT } from '../support/records.js'

inTempFolder()

const OTHER = 'ffffffff-2222-4fff-8fff-222222222222'
const YOUNG = { learn: '24h', min_hours: 2 }

writeDetections('pack', {
  refused: { kind: 'match', severity: 'high', where: { ResponseStatusCode: 403 } },
  'new-client': { kind: 'new_value', severity: 'medium', field: 'UserAgent', ...YOUNG },
  bytes: { kind: 'spike', metric: 'sum', column: 'ResponseSizeBytes', floor: 1_000, k: 20, ...YOUNG },
  night: { kind: 'off_hours', ...YOUNG },
})

function call(time: string, properties: object = {}): string {
  const said = {
    requestId: `${time}-${JSON.stringify(properties)}`,
    responseSizeBytes: 4_000,
    userAgent: 'python',
  }
  return JSON.stringify(graphCall({ timeGenerated: time, ...said, ...properties }))
}

/** Two Mondays and a Tuesday; the second agent was here once. */
const LOG = [
  call('2026-10-12T08:10:00Z'),
  call('2026-10-12T09:10:00Z'),
  call('2026-10-13T09:10:00Z', { responseSizeBytes: 6_000 }),
  call('2026-10-19T08:10:00Z'),
  call('2026-10-19T08:20:00Z', { responseStatusCode: 403, userAgent: 'curl' }),
  call('2026-10-19T08:30:00Z', { servicePrincipalId: OTHER, C_Idtyp: 'app' }),
]
writeFileSync('log.ndjson', LOG.join('\n'))
const PACK = ['--detections', 'pack', '--quiet']
const FILES = ['log.ndjson', ...PACK]

async function listed(...args: string[]): Promise<AgentEntry[]> {
  return JSON.parse((await cli(['agents', 'list', '--json', ...args])).stdout) as AgentEntry[]
}

async function shown(...args: string[]): Promise<Profile> {
  return JSON.parse((await cli(['agents', 'show', AGENT, '--json', ...args])).stdout) as Profile
}

describe('agentwarden agents list', () => {
  it('names the agents, those at the highest risk first', async () => {
    expect(await listed(...FILES)).toEqual([
      {
        agentId: AGENT,
        tenantId: TENANT,
        firstSeen: '2026-10-12T08:00:00Z',
        lastSeen: '2026-10-19T08:00:00Z',
        rows: 5,
        openAlerts: 2,
        risk: {
          tenantId: TENANT,
          agentId: AGENT,
          time: '2026-10-19T08:00:00Z',
          score: 75,
          level: 'high',
          reasons: [
            { detection: 'refused', points: 50 },
            { detection: 'new-client', points: 25 },
          ],
        },
      },
      expect.objectContaining({ agentId: OTHER, rows: 1, openAlerts: 0 }),
    ])
  })

  it('does so in words', async () => {
    const { code, stdout } = await cli(['agents', 'list', ...FILES])
    const [head, first, second] = stdout.split('\n')
    expect(code).toBe(0)
    expect(head).toMatch(/^risk +score +open alerts +rows +first seen +last seen +id +name$/)
    expect(first).toBe(`high       75            2           5  2026-10-12 08:00  2026-10-19 08:00  ${AGENT}`)
    expect(second).toMatch(/^none +0 +0 +1 /)
  })

  it('of a log without agents says that', async () => {
    writeFileSync('empty.ndjson', '')
    expect((await cli(['agents', 'list', 'empty.ndjson', ...PACK])).stdout).toBe('No agents.\n')
  })
})

describe('agentwarden agents show', () => {
  it('prints what is normal for an agent, its alerts and its risk', async () => {
    const { stdout } = await cli(['agents', 'show', AGENT, ...FILES])
    expect(stdout).toContain(`  id ${AGENT}, tenant ${TENANT}\n`)
    expect(stdout).toContain('  seen from 2026-10-12 08:00 to 2026-10-19 08:00 UTC in 5 rows\n')
    expect(stdout).toContain('  risk high, score 75: refused 50, new-client 25\n')
    expect(stdout).toContain('  Mon  ········█▒··············\n  Tue  ·········▒··············\n')
    expect(stdout).toContain('  UserAgent (GraphCalls): curl, python\n')
    expect(stdout).toContain(
      '  ResponseSizeBytes: median 5.0 kB, MAD 1.0 kB over 4 hours; alerts above 34.7 kB (bytes)\n',
    )
    expect(stdout).toMatch(/Open alerts\n {2}2026-10-19 08:20 {2}(high|medium) {2}/)
  })

  it('gives the same as JSON', async () => {
    const { hours, values, volumes, alerts } = await shown(...FILES)
    expect([hours[0]![8], hours[0]![9], hours[1]![9], hours[6]![8]]).toEqual([2, 1, 1, 0])
    expect(values).toEqual([
      {
        view: 'GraphCalls',
        columns: ['UserAgent'],
        values: [
          { value: 'curl', lastSeen: '2026-10-19T08:00:00Z' },
          { value: 'python', lastSeen: '2026-10-19T08:00:00Z' },
        ],
      },
    ])
    // 4, 4, 6 and 8 kB: the middle two are 4 and 6, and the distances from 5 are 1, 1, 1 and 3.
    expect(volumes).toEqual([
      {
        detection: 'bytes',
        unit: 'ResponseSizeBytes',
        hours: 4,
        median: 5_000,
        mad: 1_000,
        limit: 5_000 + 20 * 1.4826 * 1_000,
      },
    ])
    expect(alerts.map(({ detection, risk }) => [detection, risk?.score]).sort()).toEqual([
      ['new-client', 75],
      ['refused', 75],
    ])
  })

  it('leaves the limit open for an agent of which too little is known', async () => {
    const { stdout } = await cli(['agents', 'show', OTHER.toUpperCase(), ...FILES])
    expect(stdout).toContain('over 1 hours; too little is known to alert (bytes)')
    expect(stdout).toContain('Open alerts\n  none\n')
  })
})

describe('a state', () => {
  beforeAll(async () => {
    const broker = new Broker()
    broker.send(
      'hub/0',
      LOG.map((body) => ({ body, enqueued: Date.UTC(2026, 9, 19, 9) })),
    )
    const detections = await loadDetections('pack')
    const run = daemon('daemon', { sources: [new BrokerSource(broker, { name: 'entra' })], detections })
    await run.engine.start()
    await run.settled()
    await run.engine.stop()
    await cli(['replay', ...FILES, '--state', 'replayed'])
  })

  it.each([
    ['of a daemon', 'daemon'],
    ['of a replay', 'replayed'],
  ])('%s says the same as the logs', async (_, state) => {
    expect(await listed('--state', state, ...PACK)).toEqual(await listed(...FILES))
    expect(await shown('--state', state, ...PACK)).toEqual(await shown(...FILES))
  })

  it('that a daemon uses can not be read, which is said', async () => {
    const store = new StateStore('daemon')
    await store.open()
    const { code, stderr } = await cli(['agents', 'list', '--state', 'daemon', ...PACK])
    await store.close()
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/another process uses the state .*: stop the daemon first/),
    ])
  })
})

describe('agentwarden agents refuses', () => {
  it.each([
    ['neither logs nor a state', ['list'], 'name log files, or a state with --state'],
    ['both of them', ['list', ...FILES, '--state', 'x'], 'name log files, or a state with --state'],
    ['a state that there is not', ['list', '--state', 'nowhere', ...PACK], 'there is no state in nowhere'],
    [
      'an agent that there is not',
      ['show', 'nobody', ...FILES],
      "there is no agent nobody: 'agentwarden agents list' names all 2",
    ],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await cli(['agents', ...args])
    expect([code, stderr]).toEqual([2, `error: ${message}\n`])
    expect(existsSync('nowhere')).toBe(false)
  })

  it('a name that several agents have', async () => {
    mkdirSync('named', { recursive: true })
    const named = (id: string) =>
      JSON.stringify({
        ...graphCall({
          timeGenerated: '2026-10-19T08:10:00Z',
          requestId: id,
          servicePrincipalId: id,
          C_Idtyp: 'app',
        }),
      })
    writeFileSync('named/log.ndjson', [AGENT, OTHER].map(named).join('\n'))
    writeFileSync(
      'named/agents.yaml',
      JSON.stringify({ agents: [AGENT, OTHER].map((id) => ({ id, name: 'invoice bot' })) }),
    )
    const { code, stderr } = await cli([
      'agents',
      'show',
      'invoice bot',
      'named/log.ndjson',
      '--agents',
      'named/agents.yaml',
      ...PACK,
    ])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /there are several agents invoice bot: [0-9a-f-]+ of tenant|there is no agent invoice bot/,
    )
  })
})
