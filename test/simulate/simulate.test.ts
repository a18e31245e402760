import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type Arrival,
  attackNames,
  FURTHER_FROM,
  firstAttackNames,
  messages,
  type Simulation,
  simulate,
} from '../../src/simulate/index.js'

const DAY = 24 * 3_600_000
const start = Date.UTC(2026, 9, 5)
const categories = [
  'AgentRiskEvents',
  'AuditLogs',
  'ManagedIdentitySignInLogs',
  'MicrosoftGraphActivityLogs',
  'NonInteractiveUserSignInLogs',
  'RiskyAgents',
  'RiskyServicePrincipals',
  'RiskyUsers',
  'ServicePrincipalRiskEvents',
  'ServicePrincipalSignInLogs',
  'SignInLogs',
  'UserRiskEvents',
]

const world = simulate({ agents: 30, days: 18, seed: 7, attacks: 'all' })
const arrivals: Arrival[] = [...world.records()]

function digest(simulation: Simulation): string {
  const hash = createHash('sha256')
  for (const { text } of messages(simulation)) hash.update(text)
  return hash.digest('hex')
}

/** When it happened, of any category. */
function eventTime({ record }: Arrival): number {
  const p = record.properties
  const text = p.createdDateTime ?? p.timeGenerated ?? p.activityDateTime ?? p.riskLastUpdatedDateTime
  return Date.parse(String(text ?? p.riskLastModifiedDateTime))
}

/** Object and application ids that a record is about. */
function subjects({ category, record }: Arrival): unknown[] {
  const p = record.properties
  if (category !== 'AuditLogs') return [p.servicePrincipalId, p.userId, p.agentId]
  return (JSON.stringify(p).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []) as string[]
}

const propertiesKey = ({ category, record }: Arrival) => `${category} ${JSON.stringify(record.properties)}`

describe('a seed', () => {
  const options = { agents: 20, days: 3, seed: 1, attacks: 'all' } as const

  it('means the same bytes each time', () => {
    expect(digest(simulate(options))).toBe(digest(simulate(options)))
  })

  it('means the same bytes when the records are read twice', () => {
    const simulation = simulate(options)
    expect(digest(simulation)).toBe(digest(simulation))
  })

  it('differs from another seed', () => {
    expect(digest(simulate(options))).not.toBe(digest(simulate({ ...options, seed: 2 })))
  })

  it('leaves every agent its schedule when an agent is added', () => {
    const lines = (agents: number) => {
      const simulation = simulate({ agents, days: 3, seed: 1, attacks: 'none' })
      return [...simulation.records()].filter((a) =>
        /ServicePrincipal|ManagedIdentity|Graph/.test(a.category),
      )
    }
    const first = lines(25).filter(({ record }) => record.properties.servicePrincipalId)
    const ids = new Set(first.map(({ record }) => record.properties.servicePrincipalId))
    const again = lines(26).filter(({ record }) => ids.has(record.properties.servicePrincipalId))
    expect(again.map((a) => JSON.stringify(a))).toEqual(first.map((a) => JSON.stringify(a)))
  })
})

describe('the records', () => {
  it('cover every category', () => {
    expect([...new Set(arrivals.map(({ category }) => category))].sort()).toEqual(categories)
  })

  it('come in order of arrival over all categories', () => {
    const late = arrivals.filter(({ arrival }, i) => i > 0 && arrival < arrivals[i - 1]!.arrival)
    expect(late).toEqual([])
  })

  it('do not come in order of events', () => {
    const times = arrivals.map(eventTime)
    expect(times.some((time, i) => i > 0 && time < times[i - 1]!)).toBe(true)
  })

  it('happen strictly inside the window', () => {
    const outside = arrivals.filter((a) => !(eventTime(a) >= start && eventTime(a) < start + 18 * DAY))
    expect(outside).toEqual([])
  })

  it('belong to the tenant', () => {
    expect(new Set(arrivals.map(({ record }) => record.tenantId))).toEqual(new Set([world.tenantId]))
  })

  it('start to flow before the window is generated', () => {
    const decade = simulate({ agents: 20, days: 3650, seed: 1, attacks: 'none' })
    const [first] = decade.records()
    expect(first!.arrival).toBeLessThan(start + DAY)
  })
})

describe('delivery', () => {
  const copies = new Map<string, Arrival[]>()
  for (const a of arrivals) copies.set(propertiesKey(a), [...(copies.get(propertiesKey(a)) ?? []), a])
  const repeated = [...copies.values()].filter((list) => list.length > 1)

  it('repeats 3 to 4 % of records, at most four copies of each', () => {
    const share = repeated.length / copies.size
    expect(share).toBeGreaterThan(0.03)
    expect(share).toBeLessThan(0.04)
    expect(Math.max(...repeated.map((list) => list.length))).toBeLessThanOrEqual(4)
  })

  it('gives each copy a fresh envelope time, one to ten minutes after the last, and changes nothing else', () => {
    for (const list of repeated) {
      list.slice(1).forEach((copy, i) => {
        const gap = copy.arrival - list[i]!.arrival
        expect(gap).toBeGreaterThanOrEqual(59_999)
        expect(gap).toBeLessThanOrEqual(600_000)
        expect(copy.record.time).not.toBe(list[i]!.record.time)
        expect({ ...copy.record, time: '' }).toEqual({ ...list[0]!.record, time: '' })
      })
    }
  })

  it.each([
    [/SignInLogs$/, 27, 1077],
    [/^AuditLogs$/, 119, 300],
    [/^MicrosoftGraphActivityLogs$/, 29, 7200],
  ])('delays %s by %d to %d seconds', (category, least, most) => {
    const firsts = [...copies.values()].map((list) => list[0]!).filter((a) => category.test(a.category))
    const lags = firsts.map((a) => (a.arrival - eventTime(a)) / 1000)
    expect(lags.reduce((a, b) => Math.min(a, b))).toBeGreaterThanOrEqual(least)
    expect(lags.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(most + 1)
  })
})

describe('labels', () => {
  it('exist once for every attack, on different agents', () => {
    expect(world.labels.map(({ attack }) => attack).sort()).toEqual([...firstAttackNames].sort())
    expect(new Set(world.labels.map(({ agent }) => agent)).size).toBe(firstAttackNames.length)
  })

  it('lie after day 14 and before the last three hours', () => {
    for (const { from, to } of world.labels) {
      expect(Date.parse(from)).toBeGreaterThanOrEqual(start + 14 * DAY)
      expect(Date.parse(to)).toBeLessThanOrEqual(start + 18 * DAY - 3 * 3_600_000)
      expect(Date.parse(to)).toBeGreaterThan(Date.parse(from))
    }
  })

  it.each(world.labels)('$attack left records of its agent within its time', ({ agent, from, to }) => {
    const within = arrivals.filter((a) => eventTime(a) >= Date.parse(from) && eventTime(a) <= Date.parse(to))
    expect(within.filter((a) => subjects(a).includes(agent)).length).toBeGreaterThan(0)
  })

  it.each([1, 2, 3, 4, 5])('find a victim for every attack among twenty agents (seed %d)', (seed) => {
    const { labels } = simulate({ agents: 20, days: 28, seed, attacks: 'all' })
    expect(labels).toHaveLength(firstAttackNames.length)
  })

  it.each([1, 2, 7])('exist in a window of %d day(s)', (days) => {
    const { labels } = simulate({ agents: 20, days, seed: 1, attacks: 'all' })
    expect(labels).toHaveLength(firstAttackNames.length)
    for (const { from, to } of labels) {
      expect(Date.parse(from)).toBeGreaterThanOrEqual(start)
      expect(Date.parse(to)).toBeLessThanOrEqual(start + days * DAY - 3 * 3_600_000)
    }
  })

  it('are only those asked for', () => {
    const { labels } = simulate({ agents: 5, days: 20, seed: 1, attacks: ['new-country'] })
    expect(labels.map(({ attack }) => attack)).toEqual(['new-country'])
  })
})

const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

describe('a world of many agents', () => {
  const large = simulate({ agents: FURTHER_FROM, days: 20, seed: 3, attacks: 'all' })
  const records = [...large.records()]

  it('has every attack once, on different agents', () => {
    expect(large.labels.map(({ attack }) => attack).sort()).toEqual([...attackNames].sort())
    expect(new Set(large.labels.map(({ agent }) => agent)).size).toBe(attackNames.length)
  })

  it.each(large.labels.filter(({ attack }) => attack !== 'agent-stopped'))(
    '$attack left records of its agent within its time',
    ({ agent, appId, from, to }) => {
      const within = records.filter((a) => eventTime(a) >= Date.parse(from) && eventTime(a) <= Date.parse(to))
      expect(within.some((a) => subjects(a).some((one) => one === agent || one === appId))).toBe(true)
    },
  )

  it('has an agent that stops', () => {
    const { agent, from, to } = large.labels.find(({ attack }) => attack === 'agent-stopped')!
    const within = records.filter((a) => eventTime(a) > Date.parse(from) && eventTime(a) < Date.parse(to))
    expect(within.some(({ record }) => record.properties.servicePrincipalId === agent)).toBe(false)
  })

  it('does to the victims of the first attacks what it does in a world without the further ones', () => {
    const first = simulate({ agents: FURTHER_FROM, days: 20, seed: 3, attacks: firstAttackNames })
    expect(large.labels.filter(({ attack }) => firstAttackNames.includes(attack))).toEqual(first.labels)
  })

  it('has upheavals that no attack is near', () => {
    const planned = large.changes.filter(({ change }) =>
      ['region-migrated', 'quarter-end-load'].includes(change),
    )
    expect(planned).toHaveLength(2)
    const victims = large.labels.map(({ agent }) => agent)
    expect(planned.filter(({ agent }) => victims.includes(agent))).toEqual([])
  })
})

describe('planned changes', () => {
  const { changes, records } = simulate({ agents: 60, days: 28, seed: 1, attacks: 'none' })
  const logged = new Set(JSON.stringify(Array.from(records(), ({ record }) => record)).match(GUID))

  it('tell of rotations, deployments and new owners', () => {
    expect(new Set(changes.map(({ change }) => change))).toEqual(
      new Set(['credential-rotated', 'deployment', 'owner-added', 'region-migrated', 'quarter-end-load']),
    )
  })

  it('add things that the logs show', () => {
    const ids = changes.flatMap(({ adds }) => adds).filter((one) => /^[0-9A-Fa-f-]{36}$/.test(one))
    expect(ids.length).toBeGreaterThan(5)
    expect(ids.filter((id) => logged.has(id)).length).toBeGreaterThan(ids.length / 2)
  })

  it('are of agents of the tenant, within its time', () => {
    const days = changes.map(({ at }) => (Date.parse(at) - Date.UTC(2026, 9, 5)) / DAY)
    expect(days.every((day) => day >= 0 && day <= 28)).toBe(true)
  })
})

describe('options', () => {
  it('ask for more agents when an attack finds no victim', () => {
    expect(() => simulate({ agents: 3, days: 20, seed: 1, attacks: 'all' })).toThrow(
      /use at least 20 agents, got 3/,
    )
  })

  it('name the attacks that exist when one does not', () => {
    expect(() => simulate({ agents: 3, days: 20, seed: 1, attacks: ['nope'] })).toThrow(
      /unknown attack nope.*off-hours/,
    )
  })

  it.each([{ agents: 0 }, { days: 0 }, { days: 1.5 }])('reject %o', (wrong) => {
    expect(() => simulate({ agents: 3, days: 20, seed: 1, attacks: 'none', ...wrong })).toThrow(RangeError)
  })
})

describe('the inventory', () => {
  it('knows most agents but not all', () => {
    const { inventory } = simulate({ agents: 300, days: 1, seed: 1, attacks: 'none' })
    expect(inventory.length).toBeGreaterThan(250)
    expect(inventory.length).toBeLessThan(290)
    expect(Object.keys(inventory[0]!)).toEqual(['id', 'app_id', 'name', 'owner', 'sponsor', 'tier', 'status'])
  })
})
