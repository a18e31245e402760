import { describe, expect, it } from 'vitest'
import { Inventory } from '../../src/agents/inventory.js'
import { CanaryCounts } from '../../src/daemon/canaries.js'
import { Limits, limitsSchema } from '../../src/daemon/limits.js'
import { DaemonPolicy } from '../../src/daemon/policy.js'
import { SilenceWatch } from '../../src/daemon/silence.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import type { ViewRow } from '../../src/views/view.js'

const RULES = { enabled: true, floor: 1, learn: 1, categories: {}, stuck: 1, canaries: [] }
const NOW = Date.UTC(2026, 9, 20)

function policyOf(perHour: number) {
  const silence = new SilenceWatch(RULES)
  const counted: string[] = []
  const limits = limitsOf(perHour)
  const policy = new DaemonPolicy(limits, silence, (alerts) => counted.push(...alerts.map(({ id }) => id)))
  return { policy, silence, counted }
}

function limitsOf(perHour: number): Limits {
  return new Limits(limitsSchema.parse({ agent: { per_hour: perHour, burst: perHour } }))
}

function alert(id: string): OutgoingAlert {
  const said = { id, detection: 'spike', title: 'A spike', severity: 'low', state: 'raised', reason: 'so' }
  const when = { time: '2026-10-20T00:00:00.000Z', hour: '2026-10-20T00:00:00Z' }
  const rest = { tenantId: 't', agentId: 'a', entity: {}, observed: 1, expected: {}, count: 1, evidence: [] }
  return { ...said, ...when, ...rest, mitre: { tactics: [], techniques: [] } } as OutgoingAlert
}

const ids = (alerts: readonly OutgoingAlert[]) => alerts.map(({ id }) => id)

describe('the policy of the daemon', () => {
  it('counts what goes out, and only that', () => {
    const { policy, counted } = policyOf(1)
    expect(ids(policy.admit([alert('1'), alert('2')], NOW))).toEqual(['1'])
    expect(counted).toEqual(['1'])
  })

  it('goes on with what was saved: neither limits nor what was learnt begin anew', () => {
    const before = policyOf(1)
    before.policy.admit([alert('1')], NOW)
    const look = { now: NOW, sources: [], categories: new Map([['SignInLogs', 1]]), canaries: new Map() }
    before.silence.observe({ ...look, monotonic: 1 })
    const after = policyOf(1)
    after.policy.load(JSON.parse(JSON.stringify(before.policy.save())))
    expect(ids(after.policy.admit([alert('2')], NOW))).toEqual([])
    expect(after.silence.save()).toEqual(JSON.parse(JSON.stringify(before.silence.save())))
  })

  it('goes on with other limits: what was held back is still reported', () => {
    const { policy } = policyOf(1)
    policy.admit([alert('1'), alert('2')], NOW)
    policy.setLimits(limitsOf(5))
    const due = policy.due(NOW + 2 * 3_600_000)
    expect(due.map(({ detection, observed }) => [detection, observed])).toEqual([['alerts-held-back', 1]])
  })

  it('goes on without what was saved if it does not fit', () => {
    const { policy } = policyOf(1)
    for (const saved of [undefined, null, 7, 'x', { limits: 3, silence: [] }]) policy.load(saved)
    expect(ids(policy.admit([alert('1')], NOW))).toEqual(['1'])
  })
})

describe('the canaries', () => {
  it('are counted by their rows, also where they are nobody whose behaviour is learnt', () => {
    const canaries = new CanaryCounts()
    canaries.watch(['bird'])
    const selector = canaries.selector('agentic', new Inventory([]))
    for (const AgentId of ['bird', 'other', 'bird'])
      expect(selector.select({ AgentId, Agentic: 0, Workload: 1 } as unknown as ViewRow)).toBeUndefined()
    expect([...canaries.counts]).toEqual([['bird', 2]])
  })
})
