import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlertBook } from '../../src/scoring/alert-book.js'
import type { Finding } from '../../src/scoring/kind.js'
import type { Agent } from '../../src/scoring/memory.js'
import { detection } from '../support/detections.js'
import { graphCall, hourAt, type RowPart } from '../support/rows.js'

const H = hourAt('2026-11-20T03')

const agent = (name?: string): Agent => ({
  tenantId: 'tenant-1',
  id: 'agent-1',
  name,
  first: H,
  newest: H,
  rows: 1,
  slots: [],
})

function finding(entity: Finding['entity'] = {}, observed: string | number = 1): Finding {
  return { entity, observed, expected: { max: 0, basis: 'never before' } }
}

interface Entry extends Partial<Omit<RowPart, 'hour'>> {
  readonly hour?: number
}

/** A book with one alert, whose parts are the usual ones but for those that are named. */
function entered(row: Entry = {}, found = finding(), said: Readonly<Record<string, unknown>> = {}) {
  const book = new AlertBook()
  const { hour = H, ...part } = row
  book.enter(detection({ kind: 'match', ...said }), graphCall({ ...part, hour }), hour, agent(), found)
  const [alert] = book.close(Number.POSITIVE_INFINITY)
  return alert!
}

describe('the book of alerts', () => {
  it('writes down what was seen, of whom and when', () => {
    const book = new AlertBook()
    const row = {
      ...graphCall({ hour: H, minute: 12, id: 'event-x', AppId: 'app-1' }),
      EventTime: Date.UTC(2026, 10, 20, 3, 12, 44, 120),
    }
    const said = { attack: { InitialAccess: ['T1078.004'], Persistence: ['T1078.004', 'T1098'] } }
    book.enter(
      detection({ kind: 'match', ...said }),
      row,
      H,
      agent('invoice bot'),
      finding({ GraphResource: 'mail' }, 'mail'),
    )
    const [alert] = book.close(H + 1)
    expect(alert).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      detection: 'test-match',
      title: 'A detection under test',
      severity: 'medium',
      tenantId: 'tenant-1',
      agentId: 'agent-1',
      agentName: 'invoice bot',
      appId: 'app-1',
      time: '2026-11-20T03:12:44.120Z',
      hour: '2026-11-20T03:00:00Z',
      entity: { GraphResource: 'mail' },
      observed: 'mail',
      expected: { max: 0, basis: 'never before' },
      reason: 'The agent invoice bot showed mail',
      count: 1,
      evidence: [{ table: 'MicrosoftGraphActivityLogs', id: 'event-x', time: '2026-11-20T03:12:44.120Z' }],
      mitre: { tactics: ['InitialAccess', 'Persistence'], techniques: ['T1078.004', 'T1098'] },
    })
  })

  it('names an agent without a name by its id, and leaves out what is not known', () => {
    const alert = entered({ id: null })
    expect(alert.reason).toBe('The agent agent-1 showed 1')
    expect(Object.keys(alert)).not.toContain('agentName')
    expect(Object.keys(alert)).not.toContain('appId')
    expect(alert.evidence).toEqual([
      { table: 'MicrosoftGraphActivityLogs', time: '2026-11-20T03:00:00.000Z' },
    ])
  })

  it('keeps one alert a key: later rows raise its count and what was observed, and the first 10 stay as evidence', () => {
    const book = new AlertBook()
    for (let minute = 1; minute <= 12; minute++) {
      const row = graphCall({ hour: H, minute, id: `event-${minute}` })
      book.enter(detection({ kind: 'match' }), row, H, agent(), finding({}, minute))
    }
    expect(book.size).toBe(1)
    const [alert, ...others] = book.close(H + 1)
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      count: 12,
      observed: 12,
      reason: 'The agent agent-1 showed 12',
      time: '2026-11-20T03:01:00.000Z',
    })
    expect(alert!.evidence.map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `event-${index + 1}`),
    )
  })

  it('gives out the alerts of the hours before the one that is named, by time', () => {
    const book = new AlertBook()
    const match = detection({ kind: 'match' })
    for (const hour of [H + 1, H - 1, H, H + 2])
      book.enter(match, graphCall({ hour }), hour, agent(), finding())
    expect(book.close(H + 1).map(({ time }) => time)).toEqual([
      '2026-11-20T02:00:00.000Z',
      '2026-11-20T03:00:00.000Z',
    ])
    expect(book.close(H + 1)).toEqual([])
    expect(book.size).toBe(2)
  })

  it('opens an alert again under the same id, should a row come after it was given out', () => {
    expect(entered({ minute: 50 }).id).toBe(entered({ minute: 3 }).id)
  })

  it('is the same after it was saved and taken up again', () => {
    const match = detection({ kind: 'match' })
    const book = new AlertBook()
    const restored = new AlertBook()
    book.enter(match, graphCall({ hour: H }), H, agent(), finding())
    for (const saved of JSON.parse(JSON.stringify([...book.saved()])))
      restored.restore(...(saved as [string, number, never]))
    const later = graphCall({ hour: H, minute: 9 })
    for (const one of [book, restored]) one.enter(match, later, H, agent(), finding({}, 2))
    expect(restored.close(H + 1)).toEqual(book.close(H + 1))
  })
})

describe('the bounds of the book of alerts', () => {
  const named = (value: string) => finding({ GraphResource: value }, value)
  const limits = { maxOpenAlerts: 5, maxAlertsOfHour: 2 }
  const match = detection({ kind: 'match' })

  /** Enters a finding for each: of which agent, of what, and when. */
  function book(entries: readonly (readonly [agent: string, value: string, hour?: number])[]): AlertBook {
    const made = new AlertBook(limits)
    for (const [id, value, hour = H] of entries) {
      made.enter(match, graphCall({ hour, agent: id, id: value }), hour, { ...agent(), id }, named(value))
    }
    return made
  }

  it('let further findings of one detection, agent and hour share an alert that counts them', () => {
    const full = book([
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
      ['a', '4'],
      ['a', '1'],
      ['a', '3'],
    ])
    expect(full.rolledUp).toEqual(new Map([[match.id, 3]]))
    expect(full.rolledUpWhenFull).toBe(0)
    const alerts = full.close(H + 1)
    expect(alerts.map(({ entity, count }) => [entity.GraphResource, count]).sort()).toEqual([
      [undefined, 3],
      ['1', 2],
      ['2', 1],
    ])
    expect(alerts.find(({ count }) => count === 3)).toMatchObject({
      agentId: 'a',
      entity: {},
      observed: 3,
      expected: { max: 2 },
      reason:
        'a raised more than 2 alerts of this sort within an hour; 3 further findings are counted here only',
      evidence: [{ id: '3' }, { id: '4' }, { id: '3' }],
    })
  })

  it.each([
    { what: 'another agent', entry: ['b', '3'] as const },
    { what: 'another hour', entry: ['a', '3', H + 1] as const },
  ])('leave an alert of its own to $what', ({ entry }) => {
    const roomy = book([['a', '1'], ['a', '2'], entry])
    expect([roomy.size, roomy.rolledUp.size]).toEqual([3, 0])
  })

  it('let all agents share an alert an hour once the whole book is full', () => {
    const full = book(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'a'].map((id) => [id, `of ${id}`] as const))
    expect(full.rolledUp).toEqual(new Map([[match.id, 2]]))
    expect(full.rolledUpWhenFull).toBe(2)
    expect(full.close(H + 1).filter(({ agentId }) => agentId === '')).toMatchObject([
      {
        tenantId: '',
        count: 2,
        reason:
          'More than 5 alerts are open; 2 further findings of this sort within an hour, of whichever agents, are counted here only',
        evidence: [{ id: 'of f' }, { id: 'of g' }],
      },
    ])
  })

  it('lose no finding and hold, whatever comes, also after it was saved and taken up again', () => {
    const entry = fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.constantFrom('1', '2', '3', '4'),
      fc.constantFrom(H, H + 1),
    )
    const hours = 2
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), fc.array(entry, { maxLength: 20 }), (first, then) => {
        const whole = book([...first, ...then])
        const restored = new AlertBook(limits)
        for (const one of book(first).saved()) restored.restore(...one)
        for (const [id, value, hour] of then) {
          const row = graphCall({ hour, agent: id, id: value })
          restored.enter(match, row, hour, { ...agent(), id }, named(value))
        }
        expect(whole.size).toBeLessThanOrEqual(limits.maxOpenAlerts + hours)
        const alerts = whole.close(Number.POSITIVE_INFINITY)
        expect(alerts.reduce((sum, { count }) => sum + count, 0)).toBe(first.length + then.length)
        expect(restored.close(Number.POSITIVE_INFINITY)).toEqual(alerts)
      }),
      { numRuns: 300 },
    )
  })

  it('cut what is long, but still tell apart what begins alike', () => {
    const long = (end: string) => 'x'.repeat(10_000) + end
    const made = new AlertBook()
    for (const end of ['1', '2', '1']) {
      const row = graphCall({ hour: H, agent: long(end), tenant: long(''), id: long(''), AppId: long('') })
      made.enter(match, row, H, agent(long('')), finding())
    }
    expect(Array.from(made.saved(), ([, , { count }]) => count)).toEqual([2, 1])
    for (const saved of made.saved()) expect(JSON.stringify(saved).length).toBeLessThan(3_500)
  })
})

describe('the id of an alert', () => {
  const usual = entered({}, finding({ GraphResource: 'mail' })).id

  it.each([
    {
      what: 'another row of the same hour',
      id: entered({ minute: 59, id: 'other' }, finding({ GraphResource: 'mail' })).id,
    },
    { what: 'another value that was observed', id: entered({}, finding({ GraphResource: 'mail' }, 99)).id },
    {
      what: 'another title',
      id: entered({}, finding({ GraphResource: 'mail' }), { title: 'Other words' }).id,
    },
  ])('stays the same for $what', ({ id }) => {
    expect(id).toBe(usual)
  })

  it.each([
    { what: 'detection', id: entered({}, finding({ GraphResource: 'mail' }), { id: 'other' }).id },
    { what: 'tenant', id: entered({ tenant: 'tenant-2' }, finding({ GraphResource: 'mail' })).id },
    { what: 'agent', id: entered({ agent: 'agent-2' }, finding({ GraphResource: 'mail' })).id },
    { what: 'hour', id: entered({ hour: H + 1 }, finding({ GraphResource: 'mail' })).id },
    { what: 'value of the entity', id: entered({}, finding({ GraphResource: 'Mail' })).id },
    { what: 'column of the entity', id: entered({}, finding({ Operation: 'mail' })).id },
    { what: 'number of columns', id: entered({}, finding({ GraphResource: 'mail', Operation: '' })).id },
  ])('is another one for another $what', ({ id }) => {
    expect(id).not.toBe(usual)
  })

  it('tells apart whatever a log may hold: quotes, commas, names of built-in properties, numbers and their texts', () => {
    const hostile = [
      '__proto__',
      'constructor',
      '"',
      '\\',
      '","',
      '"],[',
      '{}',
      '',
      ' ',
      '\u0000',
      '\ud800',
      '\ud801',
      '1',
      1,
      'é',
      'e\u0301',
    ]
    const ids = hostile.map((value) => entered({}, finding({ GraphResource: value })).id)
    expect(new Set(ids).size).toBe(hostile.length)
    const moved = [
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['a,b', 'c'],
      ['a', 'b,c'],
    ]
    const pairs = moved.map(([tenant, id]) => entered({ tenant: tenant!, agent: id! }).id)
    expect(new Set(pairs).size).toBe(moved.length)
  })

  it('is the same for two findings exactly if their keys are', () => {
    const text = fc.constantFrom('a', 'b', '"', ',', '","', '')
    const key = fc.record({ tenant: text, agent: text, value: text, hour: fc.constantFrom(H, H + 1) })
    type Key = Pick<RowPart, 'hour' | 'tenant' | 'agent'> & { readonly value: string }
    const idOf = ({ hour, tenant, agent: of, value }: Key) =>
      entered({ hour, tenant: tenant!, agent: of! }, finding({ GraphResource: value })).id
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(idOf(one) === idOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 200 },
    )
  })
})
