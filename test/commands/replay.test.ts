import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Alert } from '../../src/alerts/alert.js'
import { alertsOf, cli, inTempFolder, linesOf } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { AGENT, graphCall, userSignIn } from '../support/records.js'

inTempFolder()
beforeEach(() => rmSync('results', { recursive: true, force: true }))

const OTHER = 'ffffffff-2222-4fff-8fff-222222222222'

function call(time: string, requestId: string, properties: object = {}): string {
  return `${JSON.stringify(graphCall({ timeGenerated: time, requestId, ...properties }))}\n`
}

/** Three alerts on the agent, and one on another. */
const LOG = [
  call('2026-10-19T03:10:00Z', 'a'),
  call('2026-10-20T03:10:00Z', 'b'),
  call('2026-10-20T03:20:00Z', 'c'),
  call('2026-10-20T04:00:00Z', 'd', { responseStatusCode: 403 }),
  call('2026-10-20T05:00:00Z', 'e', { servicePrincipalId: OTHER, C_Idtyp: 'app' }),
].join('')

writeFileSync('log.ndjson', LOG)
writeDetections('pack', {
  every: { kind: 'match', severity: 'low' },
  refused: { kind: 'match', severity: 'high', where: { ResponseStatusCode: 403 } },
})
const PACK = ['--detections', 'pack']
const RUN = ['replay', 'log.ndjson', ...PACK]

/** Detection and hour of alerts. */
function told(alerts: readonly Alert[]): string[] {
  return alerts.map(({ detection, hour }) => `${detection} ${hour.slice(0, 13)}`)
}

const ALL = [
  'every 2026-10-19T03',
  'every 2026-10-20T03',
  'every 2026-10-20T04',
  'refused 2026-10-20T04',
  'every 2026-10-20T05',
]

async function toldBy(...flags: string[]): Promise<string[]> {
  return told(await alertsOf(['log.ndjson', ...PACK, ...flags])).sort(byHour)
}

/** Two alerts of one instant are in the order of their ids, which says nothing. */
function byHour(a: string, b: string): number {
  return ALL.indexOf(a) - ALL.indexOf(b)
}

describe('agentwarden replay prints', () => {
  it('a table for people, and the summary beside it', async () => {
    const { code, stdout, stderr } = await cli(RUN)
    const rows = stdout.split('\n').filter((line) => /│ (every|refused) /.test(line))
    expect(stdout).toMatch(/Time \(UTC\) .* Agent .* Detection .* Severity .* What happened/)
    expect(rows).toHaveLength(5)
    expect(rows[0]).toMatch(/│ 2026-10-19 03:10 │ .{24} │ every +│ low +│ low 10 +│ The agent /)
    expect(stderr).toContain('Read 5 records of 2 agents and others in 0.0 s')
    expect(stderr).toMatch(/^Alerts: 5\n {2}every +4\n {2}refused +1$/m)
    expect(stderr).toContain('Agent rows: 5, of which 0 delivered twice (0.0 %), 0 put in order, 0 late')
    expect(code).toBe(0)
  })

  it.each([100, 130, 200])('a table as wide as the terminal: %i columns', async (columns) => {
    const { stdout } = await cli(RUN, { columns })
    const widths = new Set(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.length),
    )
    expect(widths.size).toBe(1)
    expect([...widths][0]).toBeLessThanOrEqual(columns)
    expect([...widths][0]).toBeGreaterThan(columns - 5)
  })

  it('a sentence where there is no alert', async () => {
    const { code, stdout } = await cli([...RUN, '--until', '2026-10-01'])
    expect(stdout).toBe('No alerts.\n')
    expect(code).toBe(0)
  })

  it('nothing but the alerts with --quiet', async () => {
    const loud = await cli(RUN)
    const quiet = await cli([...RUN, '--quiet'])
    expect(quiet).toEqual({ code: 0, stdout: loud.stdout, stderr: '' })
    expect(loud.stderr).not.toBe('')
  })

  it('alerts in order of time as NDJSON, of which stdout holds nothing else', async () => {
    const { stdout } = await cli([...RUN, '--format', 'ndjson'])
    const alerts = linesOf<Alert>(stdout)
    expect(told(alerts).sort(byHour)).toEqual(ALL)
    expect(alerts.map(({ time }) => time)).toEqual(alerts.map(({ time }) => time).sort())
    expect(stdout.endsWith('}\n')).toBe(true)
  })

  it('a bar on a terminal only, never with --quiet, and clears it away', async () => {
    const watched = await cli(RUN, { interactive: true })
    expect(watched.stderr).toContain('left ·')
    expect((await cli(RUN)).stderr).not.toContain('left ·')
    expect((await cli([...RUN, '--quiet'], { interactive: true })).stderr).toBe('')
  })

  it('names from logs without what could fool a terminal', async () => {
    const name = 'bot\u001b[31m\u202egnp.exe\u0007\nsecond line'
    const record = JSON.parse(call('2026-10-20T03:10:00Z', 'x', { servicePrincipalId: name }))
    writeFileSync('evil.ndjson', JSON.stringify(record))
    const { stdout, stderr } = await cli(['replay', 'evil.ndjson', ...PACK])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e\u0007]/)
    expect(stdout).toContain('│ every ')
  })

  it('times on one day with another, by the clock of UTC, whatever zone the record is written in', async () => {
    const stdin = [call('2026-10-20T01:30:00+03:00', 'x')]
    const [alert] = await alertsOf(['-', ...PACK], { stdin })
    expect(alert).toMatchObject({ time: '2026-10-19T22:30:00.000Z', hour: '2026-10-19T22:00:00Z' })
  })
})

describe('--out', () => {
  it('writes the alerts to a file in a new folder, beside the table', async () => {
    const { stdout } = await cli([...RUN, '--out', 'results/new/alerts.ndjson'])
    expect(told(linesOf(readFileSync('results/new/alerts.ndjson', 'utf8'))).sort(byHour)).toEqual(ALL)
    expect(stdout).toContain('│ every ')
  })

  it.each(['ndjson', 'ocsf'])(
    'writes them to the file instead of stdout with --format %s',
    async (format) => {
      const { stdout: printed } = await cli([...RUN, '--format', format])
      const { stdout } = await cli([...RUN, '--format', format, '--out', 'results/alerts'])
      expect(readFileSync('results/alerts', 'utf8')).toBe(printed)
      expect(stdout).toBe('')
    },
  )

  it('writes an empty file where there is no alert, in place of an old one', async () => {
    mkdirSync('results')
    writeFileSync('results/alerts', 'old')
    await cli([...RUN, '--until', '2026-10-01', '--out', 'results/alerts'])
    expect(readFileSync('results/alerts', 'utf8')).toBe('')
  })

  it.runIf(existsSync('/dev/full'))('ends with exit code 1 on a full disk', async () => {
    const { code, stderr } = await cli([...RUN, '--out', '/dev/full'])
    expect(stderr).toMatch(/^error: ENOSPC/)
    expect(code).toBe(1)
  })

  it('ends with exit code 1 where it cannot be written', async () => {
    mkdirSync('results/alerts', { recursive: true })
    const { code, stderr } = await cli([...RUN, '--out', 'results/alerts'])
    expect(stderr).toMatch(/^error: EISDIR.*results\/alerts/)
    expect(code).toBe(1)
  })

  it.each([
    ['--out', ['log.ndjson', '--out', './log.ndjson']],
    ['--dead-letters', ['log.ndjson', '--dead-letters', 'pack/../log.ndjson']],
    ['--out', ['.', '--out', 'log.ndjson']],
  ])('that would overwrite a log is refused: %s', async (flag, args) => {
    const { code, stderr } = await cli(['replay', ...args, ...PACK])
    expect(stderr).toBe(`error: ${flag} ${args.at(-1)} is one of the inputs: write it elsewhere\n`)
    expect(code).toBe(2)
    expect(readFileSync('log.ndjson', 'utf8')).toBe(LOG)
  })
})

describe('--since and --until', () => {
  it.each([
    ['reports all from a day on', ['--since', '2026-10-20'], ALL.slice(1)],
    ['reports from an instant on, itself included', ['--since', '2026-10-20T03:10:00Z'], ALL.slice(1)],
    ['reports what first happened from an instant on', ['--since', '2026-10-20T03:10:00.001Z'], ALL.slice(2)],
    ['leaves out all from a day on', ['--until', '2026-10-20'], ALL.slice(0, 1)],
    [
      'leaves out all from an instant on, itself included',
      ['--until', '2026-10-20T04:00:00Z'],
      ALL.slice(0, 2),
    ],
    [
      'reports a stretch of time',
      ['--since', '2026-10-20', '--until', '2026-10-20T05:00:00Z'],
      ALL.slice(1, 4),
    ],
    ['reports nothing of the future', ['--since', '2027-01-01'], []],
  ])('%s', async (_, flags, expected) => {
    expect(await toldBy(...flags)).toEqual(expected)
  })

  it('learns from what is not reported', async () => {
    writeDetections('learning', {
      fresh: { kind: 'new_value', field: 'RequestMethod', learn: '24h', min_hours: 1 },
    })
    const stdin = [LOG, call('2026-10-20T06:00:00Z', 'new', { requestMethod: 'DELETE' })]
    const alerts = await alertsOf(['-', '--detections', 'learning', '--since', '2026-10-20T06:00:00Z'], {
      stdin,
    })
    expect(alerts.map(({ observed }) => observed)).toEqual(['DELETE'])
  })

  it('does not count what is left out, and says how much that was', async () => {
    const { stderr } = await cli([...RUN, '--until', '2026-10-20T03:15:00Z'])
    expect(stderr).toContain('  3 rows lie outside of the wanted time')
    expect(stderr).toContain('Agent rows: 2,')
  })
})

describe('--fail-on', () => {
  it.each([
    ['informational', [], 1],
    ['low', [], 1],
    ['high', [], 1],
    ['high', ['--until', '2026-10-20T04:00:00Z'], 0],
    ['medium', ['--until', '2026-10-20T04:00:00Z'], 0],
    ['low', ['--until', '2026-10-20T04:00:00Z'], 1],
    ['low', ['--since', '2027-01-01'], 0],
  ])('%s %j ends with %i: what is not reported does not count', async (severity, flags, code) => {
    expect((await cli([...RUN, ...flags, '--fail-on', severity])).code).toBe(code)
  })

  it('changes nothing of what is printed', async () => {
    expect((await cli([...RUN, '--fail-on', 'high'])).stdout).toBe((await cli(RUN)).stdout)
  })
})

describe('--identities and --agents', () => {
  const people = (id: string, agentType: string) =>
    `${JSON.stringify(
      userSignIn({
        id,
        createdDateTime: '2026-10-20T06:00:00Z',
        agent: { agentType, agentSubjectType: 'notAgentic' },
      }),
    )}\n`
  const MARKED = '12121212-abab-4aba-8aba-121212121212'
  const marked = call('2026-10-20T07:00:00Z', 'marked', { servicePrincipalId: MARKED })
  writeDetections('both', {
    calls: { kind: 'match' },
    signs: { kind: 'match', view: 'SignIns' },
  })
  writeFileSync('population.ndjson', LOG + people('p', 'notAgentic') + people('q', 'agentIdentity') + marked)
  writeFileSync('agents.yaml', stringify({ agents: [{ id: OTHER.toUpperCase(), owner: 'ada' }] }))
  writeFileSync('agents.csv', `id,owner\n${OTHER},ada\n`)
  writeFileSync('none.csv', 'id,owner\n')

  /** The agents of which alerts tell: by the end of their ids. */
  async function agents(...flags: string[]): Promise<string[]> {
    const alerts = await alertsOf(['population.ndjson', '--detections', 'both', ...flags])
    return [...new Set(alerts.map(({ detection, agentId }) => `${detection} ${agentId.slice(0, 4)}`))].sort()
  }

  const WORKLOADS = ['calls 1212', 'calls 2222', 'calls ffff']
  const AGENTIC = ['signs 3333']

  it.each([
    ['all workloads and what Entra marks, without an inventory', [], [...WORKLOADS, ...AGENTIC]],
    ['the same with --identities workloads', ['--identities', 'workloads'], [...WORKLOADS, ...AGENTIC]],
    ['only what Entra marks', ['--identities', 'agentic'], AGENTIC],
    ['also those listed in YAML', ['--agents', 'agents.yaml'], ['calls ffff', ...AGENTIC]],
    ['also those listed in CSV', ['--agents', 'agents.csv'], ['calls ffff', ...AGENTIC]],
    ['nobody else where none is listed', ['--agents', 'none.csv'], AGENTIC],
    [
      'only what Entra marks, whoever is listed',
      ['--agents', 'agents.csv', '--identities', 'agentic'],
      AGENTIC,
    ],
    [
      'all workloads, with an inventory',
      ['--agents', 'agents.csv', '--identities', 'workloads'],
      [...WORKLOADS, ...AGENTIC],
    ],
  ])('look at %s', async (_, flags, expected) => {
    expect(await agents(...flags)).toEqual(expected)
  })

  it('let conditions name what the inventory says', async () => {
    writeDetections('owned', {
      owned: { kind: 'match', where: { 'agent.owner': 'ADA' }, alert: 'of {agent.owner}' },
    })
    const args = ['log.ndjson', '--detections', 'owned', '--identities', 'workloads']
    const alerts = await alertsOf([...args, '--agents', 'agents.yaml'])
    expect(alerts.map(({ agentId, reason }) => [agentId, reason])).toEqual([[OTHER, 'of ada']])
    expect(await alertsOf(args)).toEqual([])
  })
})

describe('an alert', () => {
  it('says what was seen, what was expected and from how much history', async () => {
    const [alert] = await alertsOf(['log.ndjson', ...PACK, '--since', '2026-10-20'])
    expect(alert).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      detection: 'every',
      title: 'A detection under test',
      severity: 'low',
      tenantId: '11111111-aaaa-4aaa-8aaa-111111111111',
      agentId: AGENT,
      appId: '33333333-cccc-4ccc-8ccc-333333333333',
      time: '2026-10-20T03:10:00.000Z',
      hour: '2026-10-20T03:00:00Z',
      entity: {},
      observed: 1,
      expected: { max: 0, basis: 'every such event is reported' },
      reason: `The agent ${AGENT} showed 1, every such event is reported`,
      count: 2,
      evidence: [
        { table: 'MicrosoftGraphActivityLogs', id: 'b', time: '2026-10-20T03:10:00.000Z' },
        { table: 'MicrosoftGraphActivityLogs', id: 'c', time: '2026-10-20T03:20:00.000Z' },
      ],
      mitre: { tactics: ['InitialAccess'], techniques: ['T1078.004'] },
      // 10 points, and an eighth of what was left of the same alert of the day before: (144 - 24) / 144.
      risk: { score: 11, level: 'low', reasons: [{ detection: 'every', points: 11 }] },
    })
  })

  // Severities: https://schema.ocsf.io/1.3.0/classes/detection_finding
  it.each([
    ['informational', 1, { risk_score: 1, risk_level_id: 0, risk_level: 'Info' }],
    ['low', 2, { risk_score: 10, risk_level_id: 1, risk_level: 'Low' }],
    ['medium', 3, { risk_score: 25, risk_level_id: 1, risk_level: 'Low' }],
    ['high', 4, { risk_score: 50, risk_level_id: 2, risk_level: 'Medium' }],
  ])('of severity %s is an OCSF Detection Finding of severity %i', async (severity, id, risk) => {
    writeDetections('one', {
      one: { kind: 'match', severity, attack: { DefenseEvasion: ['T1078'], InitialAccess: ['T1078.004'] } },
    })
    const args = ['replay', 'log.ndjson', '--detections', 'one', '--format', 'ocsf', '--until', '2026-10-20']
    const [finding, ...others] = linesOf<Record<string, unknown>>((await cli(args)).stdout)
    const [alert] = await alertsOf(['log.ndjson', '--detections', 'one', '--until', '2026-10-20'])
    const time = Date.UTC(2026, 9, 19, 3, 10)
    expect(others).toEqual([])
    expect(finding).toEqual({
      activity_id: 1,
      category_uid: 2,
      class_uid: 2004,
      type_uid: 200401,
      severity_id: id,
      status_id: 1,
      time,
      message: alert!.reason,
      count: 1,
      metadata: {
        version: '1.3.0',
        uid: alert!.id,
        tenant_uid: alert!.tenantId,
        product: { name: 'agentwarden', vendor_name: 'agentwarden' },
      },
      finding_info: {
        uid: alert!.id,
        title: 'A detection under test',
        desc: alert!.reason,
        created_time: time,
        first_seen_time: time,
        analytic: { uid: 'one', name: 'A detection under test', type_id: 1, type: 'Rule' },
        attacks: [
          { technique: { uid: 'T1078' }, tactics: [{ name: 'Defense Evasion' }, { name: 'Initial Access' }] },
          {
            technique: { uid: 'T1078' },
            sub_technique: { uid: 'T1078.004' },
            tactics: [{ name: 'Defense Evasion' }, { name: 'Initial Access' }],
          },
        ],
      },
      resources: [{ uid: AGENT, name: AGENT, type: 'AI agent identity' }],
      evidences: [{ data: { table: 'MicrosoftGraphActivityLogs', id: 'a', time: alert!.time } }],
      ...risk,
      risk_details: `one ${risk.risk_score}`,
      unmapped: { hour: alert!.hour, entity: {}, observed: 1, expected: alert!.expected },
    })
  })
})
