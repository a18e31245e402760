import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionText } from '../../src/kql/condition.js'
import type { ViewRow } from '../../src/views/view.js'
import { allowedHours } from '../../src/where/allowed-hours.js'
import { columnsOf } from '../../src/where/condition.js'
import { type Problem, parseWhere } from '../../src/where/parse.js'
import { predicate } from '../../src/where/predicate.js'

const TYPES = new Map<string, 'string' | 'number'>([
  ['IPAddress', 'string'],
  ['ResourceIdentity', 'string'],
  ['Bytes', 'number'],
])

function parsed(where: unknown) {
  const problems: Problem[] = []
  const condition = parseWhere(where, ['where'], (name) => TYPES.get(name), problems)
  return { condition, problems: problems.map(({ message }) => message) }
}

function holds(where: unknown, columns: Record<string, string | undefined>): boolean {
  const { condition, problems } = parsed(where)
  expect(problems).toEqual([])
  return predicate(condition!)(columns as unknown as ViewRow)
}

const NETWORKS = '203.0.113.0/24;2001:db8::/32;192.0.2.9'

describe('a value in a list of the inventory', () => {
  it.each([
    ['203.0.113.7', true],
    ['203.0.114.7', false],
    ['192.0.2.9', true],
    ['2001:db8:1::1', true],
    ['2001:db9::1', false],
    ['no address', false],
    [undefined, false],
  ])('the address %s is allowed: %s', (address, expected) => {
    const row = { IPAddress: address, 'agent.networks': NETWORKS }
    expect(holds({ 'IPAddress|fieldref': 'agent.networks' }, row)).toBe(expected)
  })

  it.each([
    ['b0000000-0000-4000-8000-000000000002', true],
    ['B0000000-0000-4000-8000-000000000002', true],
    ['microsoft graph', true],
    ['microsoft', false],
    [undefined, false],
  ])('the resource %s is allowed: %s', (resource, expected) => {
    const row = {
      ResourceIdentity: resource,
      'agent.resources': 'b0000000-0000-4000-8000-000000000002;Microsoft Graph',
    }
    expect(holds({ 'ResourceIdentity|fieldref': 'agent.resources' }, row)).toBe(expected)
  })

  it('allows nothing to an agent without a list', () => {
    expect(holds({ 'IPAddress|fieldref': 'agent.networks' }, { IPAddress: '203.0.113.7' })).toBe(false)
  })

  it('reads the column and the list', () => {
    const { condition } = parsed({ not: { 'IPAddress|fieldref': 'agent.networks' } })
    expect(columnsOf(condition!)).toEqual(['IPAddress', 'agent.networks'])
  })

  it.each([
    [{ 'IPAddress|fieldref': 'agent.owner' }, /takes one of agent.networks, agent.resources, agent.hours/],
    [{ 'IPAddress|fieldref': ['agent.networks'] }, /takes one of/],
    [{ 'IPAddress|fieldref': 'agent.hours' }, /agent.hours is about EventTime alone/],
    [{ 'Bytes|fieldref': 'agent.networks' }, /no column Bytes of texts/],
    [{ 'Address|fieldref': 'agent.networks' }, /no column Address of texts/],
  ])('%j is refused', (where, message) => {
    expect(parsed(where).problems).toEqual([expect.stringMatching(message)])
  })

  it('asks each family of addresses for its own networks in KQL', () => {
    const { condition } = parsed({ 'IPAddress|fieldref': 'agent.networks' })
    expect(conditionText(condition!)).toMatch(/ipv4_is_in_any_range.* or .*ipv6_is_in_any_range/)
  })
})

const BERLIN = {
  days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  from: '08:00',
  to: '18:00',
  zone: 'Europe/Berlin',
}

describe('allowed hours', () => {
  // Germany goes from UTC+2 to UTC+1 on Sunday, 25 October 2026; New York to UTC-5 on 1 November; Nepal is UTC+5:45.
  it.each([
    ['Monday at 08:00 in summer', BERLIN, '2026-10-19T06:00:00Z', true],
    ['the millisecond before', BERLIN, '2026-10-19T05:59:59.999Z', false],
    ['Monday at 17:59 in summer', BERLIN, '2026-10-19T15:59:59.999Z', true],
    ['Monday at 18:00 in summer', BERLIN, '2026-10-19T16:00:00Z', false],
    ['Monday at 07:00 in winter', BERLIN, '2026-10-26T06:00:00Z', false],
    ['Monday at 08:00 in winter', BERLIN, '2026-10-26T07:00:00Z', true],
    ['Saturday at noon', BERLIN, '2026-10-24T10:00:00Z', false],
    [
      'a night that began on Friday',
      { ...BERLIN, days: ['friday'], from: '22:00', to: '04:00', zone: 'UTC' },
      '2026-10-24T03:59:00Z',
      true,
    ],
    [
      'a night that began on Thursday',
      { ...BERLIN, days: ['friday'], from: '22:00', to: '04:00', zone: 'UTC' },
      '2026-10-23T03:59:00Z',
      false,
    ],
    [
      'the last minute of a day to 24:00',
      { ...BERLIN, to: '24:00', zone: 'UTC' },
      '2026-10-19T23:59:59Z',
      true,
    ],
    ['05:45 ahead', { ...BERLIN, zone: 'Asia/Kathmandu' }, '2026-10-19T02:15:00Z', true],
    ['a minute too early there', { ...BERLIN, zone: 'Asia/Kathmandu' }, '2026-10-19T02:14:00Z', false],
    ['behind UTC', { ...BERLIN, zone: 'America/New_York' }, '2026-10-30T21:59:00Z', true],
    ['behind UTC in winter', { ...BERLIN, zone: 'America/New_York' }, '2026-11-06T22:59:00Z', true],
  ])('%s', (_name, hours, time, expected) => {
    expect(allowedHours(JSON.stringify(hours))(Date.parse(time))).toBe(expected)
  })

  it('agree with the calendar of each zone at any time', () => {
    const zones = ['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kolkata']
    const times = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2027, 0, 1) })
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, times, (zone, one, other) => {
        const test = allowedHours(JSON.stringify({ ...BERLIN, zone }))
        for (const time of [one, other, one]) expect(test(time)).toBe(naive(zone, time))
      }),
      { numRuns: 200 },
    )
  })
})

function naive(zone: string, time: number): boolean {
  const said = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'long', hour: '2-digit' })
  const parts = new Map(said.formatToParts(time).map(({ type, value }) => [type, value]))
  const hour = Number(parts.get('hour'))
  return BERLIN.days.includes(parts.get('weekday')!.toLowerCase()) && hour >= 8 && hour < 18
}
