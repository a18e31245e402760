import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEVERITIES, type Severity } from '../../src/alerts/alert.js'
import { sumOf, UNITS_PER_POINT } from '../../src/alerts/risk.js'
import type { Suppression } from '../../src/alerts/suppression.js'
import { AlertHours, type SavedAlertHours } from '../../src/scoring/alert-hours.js'
import { DEFAULT_LIMITS, Scorer } from '../../src/scoring/scorer.js'
import type { ViewRow } from '../../src/views/view.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { graphCall, hourAt } from '../support/rows.js'

const H = hourAt('2026-11-20T03')

interface AlertHour {
  readonly detection: string
  readonly severity: Severity
  readonly hour: number
}

const POINTS = { informational: 1, low: 10, medium: 25, high: 50 }

/** The score straight from its definition, in points. */
function definition(alerts: readonly AlertHour[], at: number): number {
  const share = (age: number) => (age >= 312 ? 0 : (1 - (age % 72) / 144) / 2 ** Math.floor(age / 72))
  const detections = new Set(alerts.map((one) => one.detection))
  return [...detections].reduce((sum, name) => {
    const known = alerts.filter(({ detection, hour }) => detection === name && hour <= at)
    const values = [...new Set(known.map(({ hour }) => hour))].map((hour) => {
      const points = known.filter((one) => one.hour === hour).map(({ severity }) => POINTS[severity])
      return Math.max(...points) * share(at - hour)
    })
    const [most = 0, ...others] = values.sort((a, b) => b - a).slice(0, 9)
    return sum + most + others.reduce((a, b) => a + b, 0) / 8
  }, 0)
}

function remembered(alerts: readonly AlertHour[]): AlertHours {
  const hours = new AlertHours()
  for (const { detection, severity, hour } of alerts) hours.add(detection, severity, hour)
  return hours
}

const score = (hours: AlertHours, at: number) => sumOf(hours.at(at)) / UNITS_PER_POINT

const anAlert: fc.Arbitrary<AlertHour> = fc.record({
  detection: fc.constantFrom('a', 'b', 'c'),
  severity: fc.constantFrom(...SEVERITIES),
  hour: fc.oneof(fc.integer({ min: H - 400, max: H }), fc.integer({ min: H - 30, max: H })),
})
const alerts = fc.array(anAlert, { maxLength: 60 })
/** Hours at which is asked: of the last day. */
const moment = fc.integer({ min: H - 24, max: H })

describe('the score of an agent', () => {
  it('is what its definition says, at any hour of the last day', () => {
    fc.assert(
      fc.property(alerts, moment, (all, at) => {
        expect(score(remembered(all), at)).toBeCloseTo(definition(all, at), 9)
      }),
    )
  })

  it('is the same in whatever order the alerts come, and as often as they come', () => {
    fc.assert(
      fc.property(alerts, fc.infiniteStream(fc.nat()), moment, (all, keys, at) => {
        const keyed = [...all, ...all.slice(0, 5)].map((one) => ({ one, key: keys.next().value }))
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one)
        expect(score(remembered(shuffled), at)).toBe(score(remembered(all), at))
        expect(remembered(shuffled).at(at).length).toBe(remembered(all).at(at).length)
      }),
    )
  })

  it('never falls with a further alert', () => {
    fc.assert(
      fc.property(alerts, anAlert, moment, (all, one, at) => {
        expect(score(remembered([...all, one]), at)).toBeGreaterThanOrEqual(score(remembered(all), at))
      }),
    )
  })

  it('never rises without one', () => {
    fc.assert(
      fc.property(alerts, fc.nat(400), fc.nat(400), (all, a, b) => {
        const hours = remembered(all)
        expect(score(hours, H + Math.max(a, b))).toBeLessThanOrEqual(score(hours, H + Math.min(a, b)))
      }),
    )
  })

  it('goes on from what was saved', () => {
    fc.assert(
      fc.property(alerts, alerts, moment, (before, after, at) => {
        const saved = before.length === 0 ? [] : remembered(before).saved()
        const loaded = new AlertHours()
        loaded.restore(JSON.parse(JSON.stringify(saved)) as SavedAlertHours)
        for (const { detection, severity, hour } of after) loaded.add(detection, severity, hour)
        expect(score(loaded, at)).toBe(score(remembered([...before, ...after]), at))
      }),
    )
  })

  it('is of 256 detections at most, until one of them is forgotten', () => {
    const hours = new AlertHours()
    for (let index = 0; index < 256; index++) expect(hours.add(`detection-${index}`, 'low', H)).toBe(true)
    expect([hours.add('one-more', 'low', H), hours.has('one-more', H)]).toEqual([false, false])
    expect(hours.add('detection-3', 'low', H + 1)).toBe(true)
    expect(hours.add('one-more', 'low', H + 352)).toBe(true)
  })
})

const refused = detection({
  id: 'refused',
  kind: 'match',
  severity: 'high',
  where: { ResponseStatusCode: 403 },
})
const failed = detection({ id: 'failed', kind: 'match', where: { ResponseStatusCode: 500 } })
const reached = detection({
  id: 'reached',
  kind: 'risk',
  view: 'AgentAlerts',
  severity: 'high',
  alert: '{AgentName} is at {level} risk with {observed} of {least} points: {causes}',
})
const pack = [refused, failed, reached]
const denied = (hour: number, part = {}) => graphCall({ hour, ResponseStatusCode: 403, ...part })
const broken = (hour: number, part = {}) => graphCall({ hour, ResponseStatusCode: 500, ...part })

function scored(rows: readonly ViewRow[], suppressions: readonly Suppression[] = []) {
  const scorer = new Scorer(pack, DEFAULT_LIMITS, { suppressions })
  for (const row of rows) scorer.score(row)
  return scorer
}

const told = (scorer: Scorer) =>
  scorer.book.close(Number.POSITIVE_INFINITY).map(({ detection, risk }) => [detection, risk?.score])

describe('an alert says the risk of its agent', () => {
  it('with all alerts of its hour, whichever came first', () => {
    const rows = [denied(H), broken(H, { minute: 5 }), denied(H, { minute: 9 })]
    expect(told(scored(rows)).sort()).toEqual([
      ['failed', 75],
      ['reached', 75],
      ['refused', 75],
    ])
    expect(told(scored(rows.toReversed())).sort()).toEqual(told(scored(rows)).sort())
  })

  it('of its own agent only, and up to its own hour', () => {
    const rows = [broken(H), broken(H, { agent: 'agent-2' }), denied(H + 72)]
    expect(told(scored(rows))).toEqual([
      ['failed', 25],
      ['failed', 25],
      ['refused', 62],
    ])
  })

  it('also one that came late, and those after it', () => {
    const rows = [denied(H), denied(H + 2), broken(H + 1)]
    const inOrder = rows.toSorted((a, b) => a.EventTime - b.EventTime)
    expect(told(scored(rows)).filter(([id]) => id !== 'reached')).toEqual(
      told(scored(inOrder)).filter(([id]) => id !== 'reached'),
    )
  })

  it('without what an operator has suppressed, but for severity high, which never is', () => {
    const entry = { agent: 'agent-1', until: Date.UTC(2027, 0), reason: 'known' }
    expect(told(scored([broken(H), denied(H, { minute: 1 })], [entry]))).toEqual([
      ['failed', 50],
      ['refused', 50],
    ])
  })

  it('and counts one that comes more than a day late by its age', () => {
    const scorer = scored([broken(H + 72), denied(H), broken(H + 73)])
    expect(told(scorer).at(-1)).toEqual(['failed', 52])
  })
})

describe('reaching a level of risk', () => {
  it('is an alert of its own, with the others as evidence', () => {
    const scorer = scored([broken(H), denied(H + 1, { minute: 7 }), denied(H + 1, { minute: 8 })])
    const alert = scorer.book.close(Number.POSITIVE_INFINITY).find(({ detection }) => detection === 'reached')
    expect(alert).toMatchObject({
      time: '2026-11-20T04:07:00.000Z',
      observed: 74,
      reason: 'agent-1 is at high risk with 74 of 70 points: refused (50), failed (24)',
      count: 1,
      evidence: [{ table: 'AgentAlerts', id: expect.stringMatching(/^[0-9a-f]{32}$/) }],
    })
  })

  it('is told once a rise', () => {
    const hours = [H, H + 1, H + 2, H + 150, H + 151]
    const scorer = scored(hours.flatMap((hour) => [denied(hour), broken(hour)]))
    const rises = scorer.book
      .close(Number.POSITIVE_INFINITY)
      .filter(({ detection }) => detection === 'reached')
    expect(rises.map(({ hour }) => hour)).toEqual(['2026-11-20T03:00:00Z', '2026-11-26T09:00:00Z'])
  })

  it('is found for exactly the hours of its definition', () => {
    let found = 0
    fc.assert(
      fc.property(aLog, (log) => {
        const rows = log.toSorted((a, b) => a.EventTime - b.EventTime)
        const others = [refused, detection({ id: 'ok', kind: 'match', where: { ResponseStatusCode: 200 } })]
        const busy = detection({
          id: 'busy',
          kind: 'spike',
          metric: 'count',
          floor: 1,
          k: 0,
          learn: '1h',
          min_hours: 1,
        })
        const scorer = new Scorer([...others, busy, reached])
        for (const row of rows) scorer.score(row)
        const all = scorer.book.close(Number.POSITIVE_INFINITY)
        const keyOf = ({ tenantId, agentId }: (typeof all)[number]) => `${tenantId} ${agentId}`
        const expected = all
          .filter((alert) => alert.detection !== 'reached')
          .filter((alert) => {
            const own = all
              .filter((one) => one.detection !== 'reached' && keyOf(one) === keyOf(alert))
              .map((one) => ({ ...one, hour: Date.parse(one.hour) / 3_600_000 }))
            const hour = Date.parse(alert.hour) / 3_600_000
            return definition(own, hour) >= 70 - 1e-9 && definition(own, hour - 1) < 70 - 1e-9
          })
        const rises = all.filter((alert) => alert.detection === 'reached')
        found += rises.length
        expect(rises.map((alert) => `${keyOf(alert)} ${alert.hour}`).sort()).toEqual(
          [...new Set(expected.map((alert) => `${keyOf(alert)} ${alert.hour}`))].sort(),
        )
      }),
      { numRuns: 60 },
    )
    expect(found).toBeGreaterThan(0)
  })
})
