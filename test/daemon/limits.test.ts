import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { suppressionsSchema } from '../../src/alerts/suppression.js'
import { Limits, limitsSchema } from '../../src/daemon/limits.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { outgoing } from '../support/outgoing.js'

const START = Date.UTC(2026, 10, 20, 3, 12)
const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const FREE = { per_hour: 3_600_000, burst: 1_000_000 }
const UNLIMITED = { agent: FREE, detection: FREE, tenant: FREE, all: FREE }

function limits(settings: object = {}, suppressions: readonly object[] = []): Limits {
  return new Limits(limitsSchema.parse(settings), suppressionsSchema.parse(suppressions))
}

let made = 0

/** So many alerts, all different but for what is named. */
function alerts(count: number, part: Partial<OutgoingAlert> = {}): OutgoingAlert[] {
  return Array.from({ length: count }, () => outgoing({ id: `made-${++made}`, ...part }))
}

/** How many alerts and updates roll-ups speak of. */
function reported(rollUps: readonly OutgoingAlert[]): number {
  return rollUps
    .filter(({ detection }) => detection === 'alerts-held-back')
    .reduce((sum, { observed, expected }) => sum + Number(observed) + Number(expected.updates), 0)
}

/** What it takes up after a crash is what was on disk. */
const saved = (policy: Limits): unknown => JSON.parse(JSON.stringify(policy.save()))

describe('rate limits', () => {
  it('let 20 alerts of a detection about an agent pass at once, and then one every six minutes', () => {
    const policy = limits()
    expect(policy.admit(alerts(30), START).length).toBe(20)
    expect(policy.admit(alerts(5), START + 6 * MINUTE - 1).length).toBe(0)
    expect(policy.admit(alerts(5), START + 6 * MINUTE).length).toBe(1)
    expect(policy.admit(alerts(30), START + HOUR).length).toBe(9)
    expect(policy.admit(alerts(30), START + 24 * HOUR).length).toBe(20)
  })

  const one = { per_hour: 1, burst: 2 }
  const other: Partial<OutgoingAlert> = { agentId: 'other' }

  it.each([
    ['agent', {}, 2],
    ['agent', { agentId: 'other' }, 4],
    ['agent', { detection: 'other' }, 4],
    ['detection', other, 2],
    ['detection', { detection: 'other' }, 4],
    ['detection', { tenantId: 'other' }, 4],
    ['tenant', { ...other, detection: 'other' }, 2],
    ['tenant', { tenantId: 'other' }, 4],
    ['all', { ...other, detection: 'other', tenantId: 'other' }, 2],
  ])('of one %s: 3 usual alerts and 3 with %o are %i', (scope, part, admitted) => {
    const policy = limits({ ...UNLIMITED, [scope]: one })
    expect(policy.admit([...alerts(3), ...alerts(3, part)], START).length).toBe(admitted)
  })

  it('take a token of every rate or of none', () => {
    const policy = limits({ ...UNLIMITED, agent: { per_hour: 1, burst: 1 }, all: { per_hour: 1, burst: 3 } })
    expect(policy.admit(alerts(50, { agentId: 'noisy' }), START).length).toBe(1)
    expect(policy.admit(alerts(1, { agentId: 'second' }), START).length).toBe(1)
    expect(policy.admit(alerts(1, { agentId: 'third' }), START).length).toBe(1)
    expect(policy.admit(alerts(1, { agentId: 'fourth' }), START).length).toBe(0)
  })

  it('never hold back severity high, nor do such alerts hold back others', () => {
    const policy = limits()
    expect(policy.admit(alerts(5_000, { severity: 'high' }), START).length).toBe(5_000)
    expect(policy.admit(alerts(30), START).length).toBe(20)
    expect(policy.admit(alerts(5_000, { severity: 'high', state: 'updated' }), START).length).toBe(5_000)
  })

  it('let updates pass of what passed, and hold back those of what was held back', () => {
    const policy = limits({ ...UNLIMITED, agent: { per_hour: 1, burst: 1 } })
    const [first, second] = alerts(2) as [OutgoingAlert, OutgoingAlert]
    expect(policy.admit([first, second], START)).toEqual([first])
    const updates = [first, second].map((alert) => ({ ...alert, state: 'updated' as const }))
    expect(policy.admit(updates, START + HOUR)).toEqual([updates[0]])
    expect(policy.admit([first], START + HOUR)).toEqual([first])
    expect(policy.figures()).toEqual({ admitted: 3, limited: 1, suppressed: 0, updatesHeldBack: 1 })
  })

  it.each([-30 * 24 * HOUR, -HOUR, HOUR, 30 * 24 * HOUR])('survive a clock that jumps by %i ms', (jump) => {
    const policy = limits()
    policy.admit(alerts(20), START)
    const then = START + jump
    const told = [...policy.due(then)]
    policy.admit(alerts(20), then)
    // Empty at the latest now: full again when all 20 tokens have come back.
    expect(policy.admit(alerts(30), then + 2 * HOUR).length).toBe(20)
    told.push(...policy.due(then + 2 * HOUR), ...policy.due(then + 4 * HOUR))
    expect(reported(told)).toBe(70 - policy.figures().admitted)
  })

  it('hold to the rate in every stretch of time', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 30 * MINUTE }),
      count: fc.integer({ min: 0, max: 9 }),
    })
    const rate = fc.record({
      per_hour: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), rate, (steps, agent) => {
        const policy = limits({ ...UNLIMITED, agent })
        const passed: number[] = []
        let now = START
        for (const { wait, count } of steps) {
          now += wait
          for (const _ of policy.admit(alerts(count), now)) passed.push(now)
        }
        const tooMany = passed.some((begin, from) =>
          passed.some(
            (end, to) => to >= from && to - from + 1 > agent.burst + ((end - begin) * agent.per_hour) / HOUR,
          ),
        )
        expect(tooMany).toBe(false)
      }),
    )
  })
})

describe('a roll-up', () => {
  it('says exactly what was held back, once an interval', () => {
    const policy = limits({ ...UNLIMITED, agent: { per_hour: 1, burst: 1 } }, [
      { agent: 'quiet', until: '2026-12-31', reason: 'load test' },
    ])
    const noisy = alerts(1_001, { agentId: 'noisy' })
    policy.admit(noisy, START)
    policy.admit(alerts(3, { agentId: 'quiet' }), START + MINUTE)
    policy.admit([{ ...noisy[7]!, state: 'updated' }], START + 2 * MINUTE)
    expect(policy.due(START + HOUR - 1)).toEqual([])
    expect(policy.due(START + HOUR)).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        state: 'raised',
        detection: 'alerts-held-back',
        title: 'Alerts were held back',
        severity: 'medium',
        tenantId: '11111111-1111-1111-1111-111111111111',
        agentId: '',
        time: '2026-11-20T04:12:00.000Z',
        hour: '2026-11-20T04:00:00Z',
        entity: { detection: 'unusual-resource', rollUp: 1 },
        observed: 1_003,
        expected: {
          limited: 1_000,
          suppressed: 3,
          updates: 1,
          agents: 'noisy: 1001, quiet: 3',
          since: '2026-11-20T03:12:00.000Z',
        },
        reason:
          '1,003 more alerts of unusual-resource were held back (1,000 beyond the rate limits, 3 suppressed), and 1 updates of such alerts, since 2026-11-20T03:12:00.000Z',
        count: 1,
        evidence: [],
        mitre: { tactics: [], techniques: [] },
      },
    ])
    expect(policy.due(START + 9 * HOUR)).toEqual([])
  })

  it('is one a detection and tenant', () => {
    const policy = limits({ ...UNLIMITED, all: { per_hour: 1, burst: 1 } })
    policy.admit([...alerts(3), ...alerts(2, { detection: 'b' }), ...alerts(4, { tenantId: 'c' })], START)
    const told = policy
      .due(START + HOUR)
      .map(({ entity, tenantId, observed }) => [entity.detection, tenantId, observed])
    const tenant = '11111111-1111-1111-1111-111111111111'
    expect(told).toEqual([
      ['unusual-resource', tenant, 2],
      ['b', tenant, 2],
      ['unusual-resource', 'c', 4],
    ])
  })

  it('has an id of its own, also within the same hour', () => {
    const policy = limits({ ...UNLIMITED, all: { per_hour: 1, burst: 1 }, roll_up_every: '1m' })
    const ids = new Set<string>()
    for (let minute = 0; minute < 30; minute++) {
      policy.admit(alerts(2), START + minute * MINUTE)
      for (const { id } of policy.due(START + (minute + 1) * MINUTE - 1)) ids.add(id)
    }
    expect(ids.size).toBe(15)
  })

  it('names the agents with the most alerts and adds up the others', () => {
    const policy = limits({}, [{ detection: 'unusual-resource', until: '2026-12-31', reason: 'load test' }])
    for (let agent = 1; agent <= 500; agent++)
      policy.admit(alerts(agent, { agentId: `agent-${agent}` }), START)
    const [rollUp] = policy.due(START + HOUR)
    // 1 + … + 500 alerts. Agents beyond the first hundred are not told apart; of those, ten are named.
    expect(rollUp!.observed).toBe(125_250)
    expect(rollUp!.expected.agents).toBe(
      `${[100, 99, 98, 97, 96, 95, 94, 93, 92, 91].map((agent) => `agent-${agent}: ${agent}`).join(', ')}, others: 124295`,
    )
  })

  it('of what only was suppressed is informational', () => {
    const policy = limits({}, [{ detection: 'unusual-resource', until: '2026-12-31', reason: 'load test' }])
    policy.admit(alerts(5), START)
    expect(policy.due(START + HOUR)[0]).toMatchObject({ severity: 'informational', observed: 5 })
  })
})

describe('a suppression', () => {
  const until = '2026-11-21T00:00:00Z'
  const AGENT = '22222222-2222-2222-2222-222222222222'

  it.each([
    ['its detection', { detection: 'unusual-resource' }, 0],
    ['another detection', { detection: 'sign-in-spike' }, 1],
    ['its agent', { agent: AGENT.toUpperCase() }, 0],
    ['another agent', { agent: 'another' }, 1],
    ['its entity', { detection: 'unusual-resource', entity: { ResourceDisplayName: 'Payroll' } }, 0],
    ['another entity', { detection: 'unusual-resource', entity: { ResourceDisplayName: 'Mail' } }, 1],
    ['a key that only every object has', { agent: AGENT, entity: { constructor: 'x' } }, 1],
    ['its detection of another agent', { detection: 'unusual-resource', agent: 'another' }, 1],
  ])('of %s: %o', (_, entry, admitted) => {
    const policy = limits({}, [{ ...entry, until, reason: 'known' }])
    expect(policy.admit(alerts(1), START).length).toBe(admitted)
  })

  it('never holds back severity high', () => {
    const policy = limits({}, [{ detection: 'unusual-resource', until, reason: 'known' }])
    expect(policy.admit(alerts(3, { severity: 'high' }), START).length).toBe(3)
  })

  it('ends, and says so once, also across a restart', () => {
    const entry = { detection: 'unusual-resource', agent: 'Bot', until, reason: 'migration' }
    const policy = limits({}, [entry])
    const end = Date.parse(until)
    expect(policy.due(end - 1)).toEqual([])
    expect(policy.due(end)).toMatchObject([
      {
        detection: 'suppression-ended',
        severity: 'low',
        state: 'raised',
        reason:
          'The suppression of alerts of unusual-resource, agent bot ended at 2026-11-21T00:00:00.000Z: such alerts are delivered again. It was for: migration',
      },
    ])
    expect(policy.admit(alerts(1, { agentId: 'bot', hour: until }), end).length).toBe(1)
    const next = limits({}, [entry])
    next.load(saved(policy))
    expect(next.due(end + HOUR)).toEqual([])
  })

  it.each([
    ['names nothing', { until, reason: 'x' }],
    ['has no end', { detection: 'a', reason: 'x' }],
    ['has no reason', { detection: 'a', until }],
    ['has an end that is no time', { detection: 'a', until: 'tomorrow', reason: 'x' }],
    ['has an end without time zone', { detection: 'a', until: '2026-11-21T00:00:00', reason: 'x' }],
    ['has an unknown key', { detection: 'a', until, reason: 'x', agents: 'b' }],
  ])('is refused when it %s', (_, entry) => {
    expect(suppressionsSchema.safeParse([entry]).success).toBe(false)
  })
})

describe('a flood', () => {
  it('of anomalies stays within the rates, is counted exactly, and keeps back no critical one', () => {
    const [ANOMALIES, CRITICAL] = [100_000, 500]
    const policy = limits({}, [{ detection: 'detection-3', until: '2026-12-31', reason: 'known' }])
    let admitted = 0
    let critical = 0
    for (let index = 0; index < ANOMALIES; index++) {
      const severity = index % (ANOMALIES / CRITICAL) === 0 ? 'high' : 'medium'
      const alert = outgoing({
        id: `flood-${index}`,
        detection: `detection-${index % 18}`,
        agentId: `agent-${index % 7_919}`,
        severity,
      })
      const passed = policy.admit([alert], START + Math.floor((index * MINUTE) / ANOMALIES)).length
      if (severity === 'high') critical += passed
      else admitted += passed
    }
    expect(critical).toBe(CRITICAL)
    // The tenant's 600 at once, and 300 an hour, which are 5 in this minute, of which the last may be to come.
    expect(admitted).toBeGreaterThanOrEqual(604)
    expect(admitted).toBeLessThanOrEqual(605)
    const rollUps = policy.due(START + HOUR + MINUTE)
    expect(rollUps.length).toBe(18)
    expect(reported(rollUps)).toBe(ANOMALIES - CRITICAL - admitted)
    expect(JSON.stringify(policy.save()).length).toBeLessThan(100_000)
  })

  it('of detections and tenants is counted exactly too, though not told apart without end', () => {
    const policy = limits({ all: { per_hour: 1, burst: 1 } })
    for (let index = 0; index < 5_000; index++)
      policy.admit(alerts(2, { tenantId: `tenant-${index}` }), START)
    const rollUps = policy.due(START + HOUR)
    expect(rollUps.length).toBe(1_001)
    expect(reported(rollUps)).toBe(9_999)
  })
})

describe('whatever comes', () => {
  const offer = fc.record({
    wait: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 40 * MINUTE }),
      fc.integer({ min: -HOUR, max: 0 }),
    ),
    id: fc.integer({ min: 0, max: 30 }).map((number) => `id-${number}`),
    state: fc.constantFrom('raised' as const, 'updated' as const),
    severity: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
    detection: fc.constantFrom('a', 'b', '__proto__'),
    agentId: fc.constantFrom('x', 'y', '__proto__', ''),
    tenantId: fc.constantFrom('t', '__proto__'),
    restart: fc.boolean(),
  })
  const settings = { agent: { per_hour: 6, burst: 2 }, all: { per_hour: 20, burst: 5 }, roll_up_every: '30m' }
  const suppressions = [{ detection: 'b', agent: 'y', until: '2026-11-20T05:00:00Z', reason: 'known' }]

  it('is either delivered or counted in a roll-up, and a restart in between changes nothing', () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 80 }), (offers) => {
        const steady = limits(settings, suppressions)
        let restarted = limits(settings, suppressions)
        let now = START
        let delivered = 0
        let counted = 0
        for (const { wait, restart, ...part } of offers) {
          now += wait
          const passed = steady.admit([outgoing(part)], now)
          const told = steady.due(now)
          expect(restarted.admit([outgoing(part)], now)).toEqual(passed)
          expect(restarted.due(now)).toEqual(told)
          if (part.severity === 'high') expect(passed.length).toBe(1)
          delivered += passed.length
          counted += reported(told)
          if (restart) {
            const next = limits(settings, suppressions)
            next.load(saved(restarted))
            restarted = next
          }
        }
        const end = restarted.due(now + HOUR)
        expect(delivered + counted + reported(end)).toBe(offers.length)
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    undefined,
    null,
    'text',
    { buckets: 1, admitted: {}, rollUps: [] },
    { buckets: { agent: [['k', 'x']] }, rollUps: { told: -1, held: [{}] } },
  ])('was saved, here %o, it begins', (kept) => {
    const policy = limits()
    policy.load(kept)
    expect(policy.admit(alerts(30), START + SECOND).length).toBe(20)
    expect(reported(policy.due(START + 2 * HOUR))).toBe(10)
  })
})
