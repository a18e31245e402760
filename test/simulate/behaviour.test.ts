import { describe, expect, it } from 'vitest'
import { type Arrival, type Label, simulate } from '../../src/simulate/index.js'

const HOUR = 3_600_000
const world = simulate({ agents: 25, days: 26, seed: 11, attacks: 'all' })
const label = (attack: string) => world.labels.find((l) => l.attack === attack)!

interface Seen {
  readonly category: string
  readonly time: number
  readonly p: Record<string, unknown>
}

/** What each attacked agent did, every record once. */
const seen = new Map<string, Seen[]>(world.labels.map(({ agent }) => [agent, []]))
const ids = new Set<unknown>()
const tokens = new Map<unknown, unknown>()
const calls: { token: unknown; agent: unknown }[] = []

function keep({ category, record: { properties: p } }: Arrival): void {
  const id = `${category}/${p.id ?? p.requestId}`
  if (ids.has(id)) return
  ids.add(id)
  if (p.uniqueTokenIdentifier) tokens.set(p.uniqueTokenIdentifier, p.servicePrincipalId)
  if (p.C_Idtyp === 'app') calls.push({ token: p.signInActivityId, agent: p.servicePrincipalId })
  const time = Date.parse(String(p.createdDateTime ?? p.timeGenerated))
  seen.get(String(p.servicePrincipalId))?.push({ category, time, p })
}
for (const arrival of world.records()) keep(arrival)

function around(of: Label): { before: Seen[]; during: Seen[] } {
  const [from, to] = [Date.parse(of.from), Date.parse(of.to)]
  const all = seen.get(of.agent)!
  return {
    before: all.filter(({ time }) => time < from),
    during: all.filter(({ time }) => time >= from && time <= to),
  }
}

const values = (list: Seen[], name: string) =>
  new Set(list.map(({ p }) => p[name]).filter((v) => v !== undefined))
const news = (of: Label, name: string) =>
  [...values(around(of).during, name)].filter((v) => !values(around(of).before, name).has(v))
const signIns = (list: Seen[]) => list.filter(({ category }) => category.endsWith('SignInLogs'))
const bytes = (list: Seen[]) => list.reduce((sum, { p }) => sum + Number(p.responseSizeBytes ?? 0), 0)
const country = ({ p }: Seen) => (p.location as { countryOrRegion?: string } | undefined)?.countryOrRegion

describe('Graph calls', () => {
  it('carry the token of a sign-in of the same agent', () => {
    expect(calls.length).toBeGreaterThan(1000)
    expect(calls.filter(({ token, agent }) => tokens.get(token) !== agent)).toEqual([])
  })
})

describe('an attack', () => {
  it.each([
    ['new-resource', 'resourceId'],
    ['new-credential', 'servicePrincipalCredentialKeyId'],
    ['new-network', 'autonomousSystemNumber'],
    ['new-country', 'autonomousSystemNumber'],
  ])('%s brings a new %s', (attack, field) => {
    expect(news(label(attack), field)).not.toEqual([])
  })

  it('new-country comes from a country the agent never came from, new-network does not', () => {
    const strange = (attack: string) => {
      const { before, during } = around(label(attack))
      const known = new Set(before.map(country))
      return signIns(during).filter((s) => !known.has(country(s))).length
    }
    expect(strange('new-country')).toBeGreaterThan(0)
    expect(strange('new-network')).toBe(0)
  })

  it.each(['new-resource', 'off-hours', 'sign-in-flood'])('%s brings no new key', (attack) => {
    expect(news(label(attack), 'servicePrincipalCredentialKeyId')).toEqual([])
  })

  it('off-hours falls on an hour of the day at which the agent hardly ever works', () => {
    const { before, during } = around(label('off-hours'))
    const hour = new Date(during[0]!.time).getUTCHours()
    const days = new Set(
      before
        .filter(({ time }) => new Date(time).getUTCHours() === hour)
        .map(({ time }) => Math.floor(time / 24 / HOUR)),
    )
    expect(days.size).toBeLessThanOrEqual(1)
  })

  it('sign-in-flood brings ten times the sign-ins of a usual hour', () => {
    const { before, during } = around(label('sign-in-flood'))
    const hours = new Set(signIns(before).map(({ time }) => Math.floor(time / HOUR))).size
    const { from, to } = label('sign-in-flood')
    const hourly = signIns(during).length / ((Date.parse(to) - Date.parse(from)) / HOUR)
    expect(hourly).toBeGreaterThan(10 * (signIns(before).length / hours))
  })

  it('data-exfiltration reads twenty times the bytes of a usual hour by known operations', () => {
    const { before, during } = around(label('data-exfiltration'))
    const hours = new Set(
      before.filter(({ p }) => p.responseSizeBytes).map(({ time }) => Math.floor(time / HOUR)),
    ).size
    expect(bytes(during)).toBeGreaterThan(20 * (bytes(before) / hours))
  })

  it('rare-resource-exfiltration reads 50 to 500 MB', () => {
    const { during } = around(label('rare-resource-exfiltration'))
    expect(bytes(during)).toBeGreaterThan(50e6)
    expect(bytes(during)).toBeLessThan(520e6)
  })

  it('resource-sweep asks for tokens of eight resources or more', () => {
    expect(values(around(label('resource-sweep')).during, 'resourceId').size).toBeGreaterThanOrEqual(8)
  })

  it('failed-access-burst fails 60 times or more', () => {
    const failed = around(label('failed-access-burst')).during.filter(({ p }) =>
      [7000215, 700016, 90072].includes((p.status as { errorCode: number } | undefined)?.errorCode ?? 0),
    )
    expect(failed.length).toBeGreaterThanOrEqual(60)
    expect(failed.length).toBeLessThanOrEqual(300)
  })

  it('dormant-return ends a silence of ten to thirteen days after some days of work', () => {
    const { before, during } = around(label('dormant-return'))
    const gap = (during[0]!.time - before.at(-1)!.time) / 24 / HOUR
    expect(gap).toBeGreaterThan(10)
    expect(gap).toBeLessThan(13)
  })
})
