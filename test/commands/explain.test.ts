import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Step } from '../../src/scoring/explanation.js'
import { cli, inTempFolder, linesOf } from '../support/cli.js'
import { writeDetections, writeSensitivePack } from '../support/detection-files.js'
import { graphCall, servicePrincipalSignIn } from '../support/records.js'
import { ndjson, simulatedRecords } from '../support/simulated.js'

inTempFolder()
writeSensitivePack('pack')
writeFileSync('logs.ndjson', ndjson(simulatedRecords()))
await cli(['replay', 'logs.ndjson', '--detections', 'pack', '--out', 'alerts.ndjson', '--quiet'])
const alerts = linesOf<Alert>(readFileSync('alerts.ndjson', 'utf8'))

interface Explained {
  readonly steps: readonly Step[]
  readonly rows: readonly Record<string, unknown>[]
  readonly queries: readonly string[]
}

async function explained({ id }: Alert): Promise<Explained> {
  const { code, stdout, stderr } = await cli([
    'explain',
    id,
    '--alerts',
    'alerts.ndjson',
    'logs.ndjson',
    '--detections',
    'pack',
    '--json',
  ])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Explained
}

/** The first and the last alert of a detection. */
function someOf(detection: string): Alert[] {
  const own = alerts.filter((one) => one.detection === detection)
  expect(own.length).toBeGreaterThan(0)
  return own.length > 1 ? [own[0]!, own.at(-1)!] : own
}

describe('agentwarden explain', () => {
  it.each([
    ['busy', ['observed', 'threshold', 'median', 'mad', 'hours']],
    ['heavy', ['observed', 'threshold', 'median', 'mad', 'hours']],
    ['broad', ['observed', 'threshold', 'median', 'mad', 'hours']],
    ['fresh', ['observed', 'known', 'hours']],
    ['odd', ['observed', 'max', 'active_days', 'days']],
    ['rare', ['observed', 'threshold', 'median', 'days', 'cells']],
    ['quiet', ['observed', 'gap_days', 'silent_days', 'last']],
    ['unannounced', ['observed', 'known', 'hours']],
  ])('comes from the rows to the numbers of the engine: %s', async (detection, names) => {
    for (const alert of someOf(detection)) {
      const { steps } = await explained(alert)
      const found = new Map(steps.map(({ name, value }) => [name, value]))
      const told = (name: string) => (name === 'observed' ? alert.observed : alert.expected[name])
      for (const name of names) expect([name, found.get(name)]).toEqual([name, told(name)])
    }
  })

  it('shows the companions of each row', async () => {
    const [alert] = someOf('paired')
    const { rows, steps } = await explained(alert!)
    expect(rows[0]!.after).toContainEqual(expect.stringMatching(/ AuditLogs /))
    expect(steps).toMatchObject([{ name: 'rows' }])
  })
})

describe('what a person can check by hand', () => {
  // Calls an hour: 2, 4 and 6 on the first days, then 31. Median 4, distances 2 0 2, MAD 2.
  const call = (time: string, n: number) =>
    JSON.stringify(graphCall({ timeGenerated: time, requestId: `${time} ${n}` }))
  const hours: [string, number][] = [
    ['2026-10-12T08', 2],
    ['2026-10-13T08', 4],
    ['2026-10-14T08', 6],
    ['2026-10-20T08', 31],
  ]
  const log = hours.flatMap(([hour, count]) =>
    Array.from({ length: count }, (_, n) => call(`${hour}:${String(n).padStart(2, '0')}:00Z`, n)),
  )
  writeFileSync('small.ndjson', log.join('\n'))
  writeDetections('small', {
    many: { kind: 'spike', metric: 'count', floor: 10, k: 5, rel: 1, learn: '7d', min_hours: 3 },
  })
  const SMALL = ['small.ndjson', '--detections', 'small']

  it('every quantity, with how one comes to it, the rows, and KQL', async () => {
    await cli(['replay', ...SMALL, '--out', 'small-alerts.ndjson', '--quiet'])
    const [alert] = linesOf<Alert>(readFileSync('small-alerts.ndjson', 'utf8'))
    const run = ['explain', alert!.id.slice(0, 8), '--alerts', 'small-alerts.ndjson', ...SMALL]
    const { code, stdout } = await cli(run)
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ +/g, ' '))
    expect(lines).toEqual(
      expect.arrayContaining([
        'Rows of the hour (31)',
        'observed 31',
        'known_for 192',
        'active_hours 3',
        'totals of the active hours before, ascending: 2 4 6',
        'median 4',
        'the middle one of their distances from it: 0 2 2',
        'mad 2',
        'spread 4',
        'max(1.4826 * 2, rel 1 * 4)',
        'threshold 24',
        'max(floor 10, 4 + k 5 * 4); 31 is more',
        'MicrosoftGraphActivityLogs',
        '| where TimeGenerated between (datetime(2026-10-20T07:24:00.000Z) .. datetime(2026-10-22T08:30:00.000Z))',
      ]),
    )
    expect(stdout).toMatch(/\| where RequestId in~ \("2026-10-20T08:24:00Z 24", /)
    expect(code).toBe(0)
  })

  it.each([
    [
      'hours that are usual, a few that are not, and the rest since',
      {
        kind: 'off_hours',
        tolerance: 1,
        min_days: { weekday: 3, weekend: 1 },
        max_unusual: 0.2,
        rest: '8h',
        min_count: 2,
        learn: '7d',
        min_hours: 3,
      },
      // At work at 8 and 9 on six weekdays; at 20 and at 3 once each, which makes neither of them usual.
      [
        ...['12', '13', '14', '15', '16', '19'].flatMap((day) => [
          `2026-10-${day}T08:00`,
          `2026-10-${day}T09:00`,
        ]),
        '2026-10-14T20:00',
        '2026-10-15T03:00',
        '2026-10-20T02:10',
        '2026-10-20T02:20',
      ].map((time) => ({ timeGenerated: `${time}:00Z`, requestId: time })),
      { observed: '02:00', max: 1, active_days: 1, days: 6 },
      {
        rows: 2,
        known_for: 186,
        active_hours: 14,
        other_days: 0,
        unusual: 2,
        last_usual_hour: '2026-10-19T09:00:00Z',
      },
    ],
    [
      'a new value of some rows, and how steady the known ones are',
      {
        kind: 'new_value',
        field: 'IPAddress',
        of: { RequestMethod: 'GET' },
        steady: '72h',
        learn: '7d',
        min_hours: 3,
      },
      [
        ['2026-10-12T08:00', 'POST', '198.51.100.1'],
        ['2026-10-18T08:00', 'GET', '198.51.100.2'],
        ['2026-10-19T08:00', 'GET', '198.51.100.1'],
        ['2026-10-20T08:00', 'POST', '198.51.100.3'],
        ['2026-10-20T08:10', 'GET', '198.51.100.4'],
      ].map(([time, requestMethod, ipAddress]) => ({
        timeGenerated: `${time}:00Z`,
        requestId: time,
        requestMethod,
        ipAddress,
      })),
      { observed: '198.51.100.4', known: 2, hours: 3 },
      { known_for: 192, active_hours: 3, oldest: '2026-10-18T08:00:00Z' },
    ],
  ])('%s', async (_, own, calls, told, steps) => {
    const log = calls.map((one) => JSON.stringify(graphCall(one)))
    writeFileSync('one.ndjson', log.join('\n'))
    writeDetections('one', { only: own })
    const files = ['one.ndjson', '--detections', 'one']
    await cli(['replay', ...files, '--out', 'one-alerts.ndjson', '--quiet'])
    const raised = linesOf<Alert>(readFileSync('one-alerts.ndjson', 'utf8'))
    expect(raised.map(({ observed, expected }) => ({ observed, ...expected }))).toMatchObject([told])
    const { stdout } = await cli([
      'explain',
      raised[0]!.id,
      '--alerts',
      'one-alerts.ndjson',
      ...files,
      '--json',
    ])
    const found = (JSON.parse(stdout) as Explained).steps.map(({ name, value }) => [name, value])
    expect(Object.fromEntries(found)).toEqual({ ...told, ...steps })
  })

  it('but not where the logs are others: that ends with 1', async () => {
    writeFileSync('other.ndjson', JSON.stringify(servicePrincipalSignIn()))
    const [alert] = linesOf<Alert>(readFileSync('small-alerts.ndjson', 'utf8'))
    const { code, stderr } = await cli([
      'explain',
      alert!.id,
      '--alerts',
      'small-alerts.ndjson',
      'other.ndjson',
      '--detections',
      'small',
    ])
    expect(stderr).toContain('do not raise this alert')
    expect(code).toBe(1)
  })

  it('shows a bar on a terminal only, never with --quiet', async () => {
    const [alert] = linesOf<Alert>(readFileSync('small-alerts.ndjson', 'utf8'))
    const run = ['explain', alert!.id, '--alerts', 'small-alerts.ndjson', ...SMALL]
    expect((await cli(run, { interactive: true })).stderr).toContain('left ·')
    expect((await cli(run)).stderr).toBe('')
    expect((await cli([...run, '--quiet'], { interactive: true })).stderr).toBe('')
  })

  it('reads standard input too', async () => {
    const [alert] = linesOf<Alert>(readFileSync('small-alerts.ndjson', 'utf8'))
    const stdin = [readFileSync('small.ndjson')]
    const { code, stdout } = await cli(
      ['explain', alert!.id, '--alerts', 'small-alerts.ndjson', '-', '--detections', 'small'],
      { stdin },
    )
    expect(stdout).toContain('max(floor 10, 4 + k 5 * 4); 31 is more')
    expect(code).toBe(0)
  })

  it('tells of an input that broke off, and ends with 1', async () => {
    const [alert] = linesOf<Alert>(readFileSync('small-alerts.ndjson', 'utf8'))
    const whole = gzipSync(readFileSync('small.ndjson'))
    writeFileSync('half.ndjson.gz', whole.subarray(0, whole.length - 8))
    const { code, stderr } = await cli([
      'explain',
      alert!.id,
      '--alerts',
      'small-alerts.ndjson',
      'half.ndjson.gz',
      '--detections',
      'small',
    ])
    expect(stderr).toContain('error: half.ndjson.gz')
    expect(code).toBe(1)
  })

  it.each([
    ['an alert that is not there', ['ffffffffff', ...SMALL], 'there is no alert ffffffffff'],
    [
      'a detection that is not there',
      ['', 'small.ndjson', '--detections', 'pack'],
      'there is no detection many',
    ],
  ])('%s is refused with 2', async (_, [id, ...args], message) => {
    const [alert] = linesOf<Alert>(readFileSync('small-alerts.ndjson', 'utf8'))
    const { code, stderr } = await cli([
      'explain',
      id || alert!.id,
      '--alerts',
      'small-alerts.ndjson',
      ...args,
    ])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
