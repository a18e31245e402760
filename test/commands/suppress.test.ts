import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Alert } from '../../src/alerts/alert.js'
import { defaultConfig } from '../../src/config/load.js'
import { loadContent } from '../../src/daemon/assemble.js'
import { alertsOf, cli, inTempFolder, linesOf, NOW } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { AGENT, servicePrincipalSignIn } from '../support/records.js'

inTempFolder()

/** What would end a literal, a line or a statement, if it were not escaped. */
const HOSTILE = `Pay"roll' | \\ // ü`
const OTHER = 'ffffffff-2222-4fff-8fff-222222222222'

let made = 0

function signIn(time: string, properties: object = {}): string {
  const record = servicePrincipalSignIn(
    { id: `event-${++made}`, createdDateTime: time, ...properties },
    { time },
  )
  return `${JSON.stringify(record)}\n`
}

/** An agent that comes by day to one resource for eight days, and then at odd hours and to others. */
const LOG = [
  ...Array.from({ length: 9 }, (_, day) =>
    [8, 9, 10, 11].map((hour) =>
      signIn(`2026-10-${12 + day}T${String(hour).padStart(2, '0')}:10:00Z`, { resourceDisplayName: 'Mail' }),
    ),
  ).flat(),
  signIn('2026-10-20T12:10:00Z', { resourceDisplayName: HOSTILE }),
  signIn('2026-10-20T13:10:00Z', { resourceDisplayName: 'Wiki' }),
  signIn('2026-10-20T14:10:00Z', { resourceDisplayName: HOSTILE }),
  signIn('2026-10-21T03:10:00Z', { resourceDisplayName: 'Mail' }),
  signIn('2026-10-21T03:20:00Z', { resourceDisplayName: HOSTILE, servicePrincipalId: OTHER }),
].join('')

writeFileSync('log.ndjson', LOG)
const soon = { view: 'SignIns', learn: '7d', min_hours: 8 }
writeDetections('pack', {
  seen: { view: 'SignIns', kind: 'match', entity: ['ResourceDisplayName'], severity: 'low' },
  fresh: { ...soon, kind: 'new_value', field: 'ResourceDisplayName' },
  odd: { ...soon, kind: 'off_hours' },
  grave: { ...soon, kind: 'new_value', field: 'ResourceDisplayName', severity: 'high' },
})
const RUN = ['log.ndjson', '--detections', 'pack']
const EXCEPTIONS = ['--exceptions', 'exceptions.yaml']

await cli(['replay', ...RUN, '--out', 'alerts.ndjson', '--quiet'])
const alerts = linesOf<Alert>(readFileSync('alerts.ndjson', 'utf8'))

function alertOf(detection: string, part: Partial<Alert> = {}): Alert {
  const found = alerts.find(
    (one) => one.detection === detection && (!part.entity || isSame(one.entity, part.entity)),
  )
  if (!found) throw new Error(`no alert of ${detection}`)
  return found
}

const isSame = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b)
const hostile = alertOf('fresh', { entity: { ResourceDisplayName: HOSTILE } })

function suppress(id: string, ...flags: string[]) {
  const all = ['--alert', id, '--alerts', 'alerts.ndjson', '--why', 'known, CHG-1', '--until', '2027-01-31']
  return cli(['suppress', ...all, ...flags])
}

function except(...entries: object[]): void {
  writeFileSync('exceptions.yaml', stringify({ suppressions: entries }))
}

beforeEach(() => rmSync('exceptions.yaml', { force: true }))

describe('agentwarden suppress', () => {
  it('writes an exception for the detection, the agent and the entity of the alert', async () => {
    const { code, stdout, stderr } = await suppress(hostile.id)
    const entry = {
      detection: 'fresh',
      agent: AGENT,
      entity: { ResourceDisplayName: HOSTILE },
      until: '2027-01-31',
      reason: 'known, CHG-1',
    }
    expect(parse(readFileSync('exceptions.yaml', 'utf8'))).toEqual({ suppressions: [entry] })
    expect(parse(stdout)).toEqual([entry])
    expect([code, stderr]).toEqual([0, 'added to exceptions.yaml\n'])
  })

  it('prints the entry as JSON with --json', async () => {
    const { stdout } = await suppress(alertOf('odd').id, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      detection: 'odd',
      entity: { hourOfDay: 3, dayClass: 'weekday' },
    })
  })

  it('adds to a file and leaves what stands there, comments too', async () => {
    await suppress(alertOf('odd').id)
    const before = readFileSync('exceptions.yaml', 'utf8').replace(
      'suppressions:',
      '# Ask before you add.\nsuppressions:',
    )
    writeFileSync('exceptions.yaml', before)
    await suppress(hostile.id)
    const after = readFileSync('exceptions.yaml', 'utf8')
    expect(after.startsWith(before)).toBe(true)
    expect(parse(after).suppressions).toHaveLength(2)
  })

  it('gives an exception for the same a new end and reason', async () => {
    await suppress(hostile.id)
    const { stderr } = await suppress(hostile.id, '--until', '2027-03-01T12:00:00Z', '--why', 'longer')
    expect(stderr).toBe('changed in exceptions.yaml\n')
    expect(parse(readFileSync('exceptions.yaml', 'utf8')).suppressions).toMatchObject([
      { until: '2027-03-01T12:00:00Z', reason: 'longer' },
    ])
  })

  it('knows an alert by the first six characters of its id', async () => {
    expect((await suppress(hostile.id.slice(0, 6))).code).toBe(0)
  })

  it.each([
    ['an alert that is not there', 'ffffffffffff', [], 'there is no alert ffffffffffff in alerts.ndjson'],
    ['fewer than six characters', hostile.id.slice(0, 5), [], 'there is no alert'],
    ['an end that is no time', hostile.id, ['--until', 'tomorrow'], '--until reads like 2027-01-31'],
    ['an end in the past', hostile.id, ['--until', '2020-01-01'], '--until 2020-01-01 is over already'],
    ['no reason', hostile.id, ['--why', '  '], '--why is empty'],
    ['severity high', alertOf('grave').id, [], 'severity high is never held back'],
    ['a file of something else', hostile.id, ['--out', 'log.ndjson'], 'log.ndjson:2:1'],
    [
      'a file that holds no alerts',
      hostile.id,
      ['--alerts', 'log.ndjson'],
      'log.ndjson:1:1 no alert as replay --out',
    ],
  ])('refuses %s with 2', async (_, id, flags, message) => {
    const { code, stdout, stderr } = await suppress(id, ...flags)
    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([2, ''])
  })
})

describe('exceptions', () => {
  const until = new Date(NOW + 86_400_000).toISOString()
  const known = { until, reason: 'known' }
  const told = async () => (await alertsOf([...RUN, ...EXCEPTIONS])).map(({ id }) => id)

  it.each([
    ['an entity', { detection: 'fresh', agent: AGENT, entity: { ResourceDisplayName: HOSTILE } }, 1],
    ['an entity of a match', { detection: 'seen', entity: { resourcedisplayname: HOSTILE } }, 3],
    ['an entity that is a number', { detection: 'odd', agent: AGENT, entity: { hourOfDay: 3 } }, 1],
    ['an agent', { agent: OTHER.toUpperCase() }, 1],
    ['a detection', { detection: 'fresh' }, 2],
    ['another entity', { detection: 'fresh', entity: { ResourceDisplayName: 'Payroll' } }, 0],
    ['an entity that the detection has not', { agent: AGENT, entity: { Country: 'DE' } }, 0],
    ['severity high', { detection: 'grave' }, 0],
    ['hours that are over', { detection: 'fresh', until: '2026-10-20T14:00:00Z' }, 2],
    ['hours that are over, but not the last', { detection: 'fresh', until: '2026-10-20T13:59:59Z' }, 1],
  ])('of %s hold back what they name', async (_, entry, count) => {
    except({ ...known, ...entry })
    const { stdout, stderr } = await cli(['replay', ...RUN, ...EXCEPTIONS, '--format', 'ndjson'])
    expect(linesOf<Alert>(stdout)).toHaveLength(alerts.length - count)
    if (count > 0) expect(stderr).toContain(`Alerts held back by exceptions: ${count}\n`)
  })

  it('hold back the same in both engines', async () => {
    except(
      { ...known, detection: 'fresh', until: '2026-10-20T13:00:00Z' },
      {
        ...known,
        detection: 'fresh',
        entity: { ResourceDisplayName: 'Wiki' },
        until: '2026-10-20T13:59:59Z',
      },
      { ...known, detection: 'seen', entity: { resourcedisplayname: HOSTILE } },
      { ...known, detection: 'odd', agent: AGENT.toUpperCase(), entity: { hourOfDay: 3 } },
      { ...known, agent: OTHER, entity: { Country: 'DE' } },
      { ...known, detection: 'grave' },
    )
    const { code, stdout } = await cli(['parity', ...RUN, ...EXCEPTIONS, '--json'])
    const both = (JSON.parse(stdout) as { both: number }[]).reduce((sum, one) => sum + one.both, 0)
    expect([code, both]).toEqual([0, alerts.length - 1 - 3 - 1])
  })

  it('stand in the rules, but for those that have ended', async () => {
    except(
      { detection: 'fresh', agent: AGENT, ...known },
      { detection: 'fresh', until: '2026-10-01', reason: 'x' },
    )
    const build = ['rules', 'build', '--detections', 'pack', '--out', 'kql', ...EXCEPTIONS]
    expect((await cli(build)).code).toBe(0)
    const query = readFileSync('kql/queries/fresh.kql', 'utf8')
    expect(query).toContain(`| where not(AgentId =~ "${AGENT}" and Hour + 1h <= datetime(${until}))\n`)
    expect(query.match(/where not\(/g)).toHaveLength(1)
    expect(readFileSync('kql/queries/odd.kql', 'utf8')).not.toContain('where not(')
    expect((await cli(['rules', 'check', 'kql'])).stderr).toContain('0 errors')
  })

  it('that are too many for a rule are refused', async () => {
    except(
      ...Array.from({ length: 200 }, (_, agent) => ({
        detection: 'fresh',
        agent: `agent-${agent}`,
        ...known,
      })),
    )
    const { code, stderr } = await cli([
      'rules',
      'build',
      '--detections',
      'pack',
      '--out',
      'many',
      ...EXCEPTIONS,
    ])
    expect(stderr).toMatch(/^error: fresh: the query has \d+ characters, a rule may have 10000/)
    expect(code).toBe(2)
  })

  it.each([
    [
      'has ended',
      { detection: 'fresh', until: '2026-10-01' },
      'ended at 2026-10-01T00:00:00.000Z: remove it, or',
    ],
    ['names no detection', { detection: 'gone' }, 'there is no detection gone'],
    ['names a detection of severity high', { detection: 'grave' }, 'grave is of severity high'],
  ])('warn, with the place, where one %s', async (_, entry, message) => {
    except({ detection: 'odd', ...known }, { ...known, ...entry })
    const { code, stderr } = await cli(['replay', ...RUN, ...EXCEPTIONS, '--quiet'])
    expect(stderr).toMatch(/^exceptions\.yaml:5:5 warning: /)
    expect(stderr).toContain(message)
    expect(code).toBe(0)
  })

  it.each(['replay', 'parity'])('that are wrong are refused in %s', async (command) => {
    except({ detection: 'odd', until })
    expect(await cli([command, ...RUN, ...EXCEPTIONS])).toMatchObject({
      code: 2,
      stderr: 'exceptions.yaml:2:5 reason is missing\n',
    })
  })

  it('are what the daemon suppresses too, beside those of its configuration', async () => {
    await suppress(hostile.id)
    const suppressions = [{ detection: 'odd', until: NOW, reason: 'known' }]
    const config = { ...(await defaultConfig(['.'])), detections: 'pack', suppressions }
    const content = await loadContent({ ...config, exceptions: 'exceptions.yaml' })
    expect(content.suppressions).toMatchObject([
      { detection: 'odd' },
      { detection: 'fresh', agent: AGENT, until: Date.parse('2027-01-31'), reason: 'known, CHG-1' },
    ])
  })

  it('that are written are read', async () => {
    await suppress(hostile.id)
    expect(await told()).not.toContain(hostile.id)
  })
})
