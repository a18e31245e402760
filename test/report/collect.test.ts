import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Detection } from '../../src/detections/detection.js'
import { Replay } from '../../src/replay/replay.js'
import { buildReport, type ReportData } from '../../src/report/build.js'
import { DEFAULT_REPORT_LIMITS, ReportCollector, type ReportLimits } from '../../src/report/collect.js'
import type { ViewRow } from '../../src/views/view.js'
import { detection } from '../support/detections.js'
import { HOUR_MS, hourAt, signIn } from '../support/rows.js'

const H = hourAt('2026-10-01T00')
const SAID = { version: '1.2.3', made: Date.parse('2026-11-01T00:00:00Z') }

const SPIKE = detection({
  id: 'many',
  kind: 'spike',
  view: 'SignIns',
  metric: 'count',
  floor: 2,
  k: 3,
  rel: 0.5,
  learn: '2d',
  min_hours: 4,
})
const NEW = detection({
  id: 'new',
  kind: 'new_value',
  view: 'SignIns',
  field: 'Location',
  learn: '2d',
  min_hours: 4,
})
const EVERY = detection({ id: 'every', kind: 'match', view: 'SignIns', where: { Location: 'XX' } })

/** The report on some rows, and the alerts that it is about. */
async function reportOn(
  rows: readonly ViewRow[],
  detections: readonly Detection[],
  limits: Partial<ReportLimits> = {},
): Promise<ReportData> {
  const run: Replay = new Replay(
    { detections, now: rows.at(-1)!.EventTime },
    { alerts: (alerts) => collector.add(alerts), deadLetter: () => {} },
  )
  const collector = new ReportCollector(run.stream.scorer, { ...DEFAULT_REPORT_LIMITS, ...limits })
  for (const row of rows) run.stream.add(row)
  await run.finish()
  collector.look()
  return buildReport(collector, detections, SAID)
}

/** So many sign-ins in an hour. */
function hourOf(hour: number, count: number, part: Partial<Parameters<typeof signIn>[0]> = {}): ViewRow[] {
  return Array.from({ length: count }, (_, minute) => signIn({ hour, minute, ...part }))
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/** A series as the page reads it. */
function unpacked({ agents }: ReportData, agent = 0, series = 0) {
  const { hours, totals, limits } = agents[agent]!.series[series]!
  const each = Array.from({ length: limits.length / 2 }, (_, pair) =>
    new Array<number>(limits[2 * pair + 1]!).fill(limits[2 * pair]!),
  )
  return { hours: hours.map((_, index) => sum(hours.slice(0, index + 1))), totals, limits: each.flat() }
}

describe('the hours of an agent', () => {
  it('are all those of the logs, though the scorer remembers 14 days', async () => {
    const active = Array.from({ length: 60 }, (_, day) => H + 24 * day + (day % 5))
    const rows = active.flatMap((hour, index) => hourOf(hour, 1 + (index % 2)))
    const { hours, totals } = unpacked(await reportOn(rows, [SPIKE]))
    expect(hours).toEqual(active)
    expect(totals).toEqual(active.map((_, index) => 1 + (index % 2)))
  })

  it('hold rows that came late, each in its own hour', async () => {
    const days = Array.from({ length: 10 }, (_, day) => hourOf(H + 24 * day, 1)).flat()
    const late = hourOf(H + 24 * 9 - 20, 2)
    const { hours, totals } = unpacked(await reportOn([...days, ...late], [SPIKE]))
    expect(hours.at(-2)).toBe(H + 24 * 9 - 20)
    expect(totals.slice(-2)).toEqual([2, 1])
  })

  it('are kept of an agent that fell silent and was forgotten', async () => {
    const once = hourOf(H, 3, { agent: 'gone' })
    const others = Array.from({ length: 40 }, (_, day) => hourOf(H + 24 * day, 1)).flat()
    const report = await reportOn([...once, ...others], [SPIKE])
    const gone = report.index.agents.findIndex(([, id]) => id === 'gone')
    expect(unpacked(report, gone)).toMatchObject({ hours: [H], totals: [3] })
  })
})

describe('the limits', () => {
  it('are there from the hour on in which enough is known', async () => {
    // Median 1, MAD 0: max(2, 1 + 3 * 0.5 * 1) = 2.5
    const rows = Array.from({ length: 80 }, (_, hour) => hourOf(H + hour, 1)).flat()
    const { limits } = unpacked(await reportOn(rows, [SPIKE]))
    expect(limits.slice(0, 48)).toEqual(new Array(48).fill(-1))
    expect(limits.slice(48)).toEqual(new Array(32).fill(2.5))
  })

  it('are those by which the kind judged', async () => {
    const counts = Array.from({ length: 900 }, (_, hour) => ((hour * 7919) % 13 === 0 ? 30 : (hour * 31) % 9))
    const rows = counts.flatMap((count, hour) => hourOf(H + hour, count))
    const report = await reportOn(rows, [SPIKE])
    const { hours, limits } = unpacked(report)
    const judged = report.alerts.map(({ hour, expected }) => [
      hour,
      Number(Number(expected.threshold).toPrecision(5)),
    ])
    const shown = report.alerts.map(({ hour }) => [hour, limits[hours.indexOf(Date.parse(hour) / HOUR_MS)]])
    expect(judged.length).toBeGreaterThan(20)
    expect(shown).toEqual(judged)
  })

  it('say how near the agent came', async () => {
    const rows = Array.from({ length: 80 }, (_, hour) => hourOf(H + hour, hour === 70 ? 2 : 1)).flat()
    const { index } = await reportOn(rows, [SPIKE])
    expect(index.detections[0]).toMatchObject({ unit: 'rows of SignIns', near: [[0, 2, 2.5, H + 70]] })
  })
})

describe('the values of an agent', () => {
  it('come with the hours in which they were seen first and last', async () => {
    const places: [hour: number, place: string][] = [
      [0, 'NL'],
      [30, 'DE'],
      [33, 'NL'],
      [500, 'DE'],
      [900, 'NL'],
    ]
    const rows = places.flatMap(([hour, Location]) => hourOf(H + hour, 1, { Location }))
    const { index, agents } = await reportOn(rows, [NEW])
    expect(index.sets).toEqual([{ view: 'SignIns', columns: ['Location'] }])
    expect(agents[0]!.values).toEqual([
      [
        0,
        [
          ['NL', H, H + 900, 0],
          ['DE', H + 30, H + 500, 0],
        ],
      ],
    ])
  })
})

describe('what is beyond a bound', () => {
  const rows = Array.from({ length: 6 }, (_, index) => [
    ...hourOf(H + 24 * index, 1, { agent: `agent-${index}`, Location: 'XX' }),
    ...hourOf(H + 24 * index + 1, 1, { agent: `agent-${index}`, Location: 'NL' }),
  ]).flat()

  it.each<[what: string, limits: Partial<ReportLimits>, said: RegExp]>([
    ['alerts', { maxAlerts: 2 }, /^4 alerts are beyond/],
    ['agents', { maxAgents: 2 }, /^4 agents are beyond/],
    ['series', { maxPoints: 4 }, /^4 series /],
    ['values', { maxValues: 4 }, /^\d+ sightings of values/],
  ])('is counted: %s', async (_what, limits, said) => {
    const { index } = await reportOn(rows, [SPIKE, NEW, EVERY], limits)
    expect(index.missing).toEqual([expect.stringMatching(said)])
  })

  it('is nothing within the bounds', async () => {
    const { index } = await reportOn(rows, [SPIKE, NEW, EVERY])
    expect(index.missing).toEqual([])
    expect(index.alerts).toHaveLength(6)
  })
})

it('an alert that is reported again counts once, as it was reported last', () => {
  const run = new Replay(
    { detections: [EVERY], now: H * HOUR_MS },
    { alerts: () => {}, deadLetter: () => {} },
  )
  const collector = new ReportCollector(run.stream.scorer)
  const alert = { id: 'a', count: 1 } as Alert
  collector.add([alert, { ...alert, count: 2 }])
  expect([...collector.alerts.values()]).toEqual([{ id: 'a', count: 2 }])
})
