import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ViewRow, ViewValue } from '../../src/views/view.js'
import { columnsOf } from '../../src/where/condition.js'
import { type ColumnTypes, type Problem, parseWhere } from '../../src/where/parse.js'
import { predicate } from '../../src/where/predicate.js'

const TYPES = new Map<string, 'string' | 'number'>([
  ['Operation', 'string'],
  ['IPAddress', 'string'],
  ['UserAgent', 'string'],
  ['agent.owner', 'string'],
  ['Bytes', 'number'],
])
const types: ColumnTypes = (name) => TYPES.get(name)

const BASE: ViewRow = {
  View: 'GraphCalls',
  Type: 'MicrosoftGraphActivityLogs',
  Id: 'event-1',
  EventTime: 0,
  TenantId: 'tenant-1',
  AgentId: 'agent-1',
  AgentName: undefined,
  AppId: undefined,
  Agentic: 0,
  Workload: 1,
  Operation: 'GET /users/{id}/Messages',
  IPAddress: '203.0.113.7',
  UserAgent: undefined,
  'agent.owner': 'Ada',
  Bytes: 4300,
}

function condition(where: unknown) {
  const problems: Problem[] = []
  const parsed = parseWhere(where, ['where'], types, problems)
  expect(problems).toEqual([])
  return parsed!
}

function holds(where: unknown, columns: Record<string, ViewValue> = {}): boolean {
  return predicate(condition(where))({ ...BASE, ...columns })
}

function problemsOf(where: unknown): string[] {
  const problems: Problem[] = []
  expect(parseWhere(where, ['where'], types, problems)).toBeUndefined()
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('a comparison', () => {
  it.each<[where: Record<string, unknown>, holds: boolean]>([
    [{ Operation: 'GET /users/{id}/Messages' }, true],
    [{ Operation: 'get /USERS/{id}/messages' }, true],
    [{ Operation: 'GET /users' }, false],
    [{ Operation: ['POST /x', 'get /users/{ID}/messages'] }, true],
    [{ Operation: ['POST /x', 'POST /y'] }, false],
    [{ 'agent.owner': 'ADA' }, true],

    [{ 'Operation|contains': 'USERS' }, true],
    [{ 'Operation|contains': 'groups' }, false],
    [{ 'Operation|contains': ['groups', 'users'] }, true],
    [{ 'Operation|contains|all': ['messages', 'users'] }, true],
    [{ 'Operation|all|contains': ['messages', 'users'] }, true],
    [{ 'Operation|contains|all': ['groups', 'users'] }, false],
    [{ 'Operation|startswith': 'get ' }, true],
    [{ 'Operation|startswith': '/users' }, false],
    [{ 'Operation|endswith': '/MESSAGES' }, true],
    [{ 'Operation|endswith': 'users' }, false],

    [{ 'IPAddress|cidr': '203.0.113.0/24' }, true],
    [{ 'IPAddress|cidr': '198.51.100.0/24' }, false],
    [{ 'IPAddress|cidr': ['198.51.100.0/24', '2001:db8::/32', '203.0.113.7'] }, true],
    [{ 'Operation|cidr': '0.0.0.0/0' }, false],

    [{ Bytes: 4300 }, true],
    [{ Bytes: 4301 }, false],
    [{ Bytes: [1, 4300] }, true],
    [{ 'Bytes|lt': 4301 }, true],
    [{ 'Bytes|lt': 4300 }, false],
    [{ 'Bytes|lte': 4300 }, true],
    [{ 'Bytes|lte': 4299 }, false],
    [{ 'Bytes|gt': 4299 }, true],
    [{ 'Bytes|gt': 4300 }, false],
    [{ 'Bytes|gte': 4300 }, true],
    [{ 'Bytes|gte': 4301 }, false],
    [{ 'Bytes|gt|all': [1, 5000] }, false],
    [{ 'Bytes|gt': [1, 5000] }, true],

    [{ 'Bytes|exists': true }, true],
    [{ 'Bytes|exists': false }, false],
    [{ 'UserAgent|exists': false }, true],
    [{ 'UserAgent|exists': true }, false],
  ])('%j holds: %s', (where, expected) => {
    expect(holds(where)).toBe(expected)
    expect(holds({ not: where })).toBe(!expected)
  })

  it.each<[where: Record<string, unknown>, holds: boolean]>([
    [{ UserAgent: '' }, true],
    [{ UserAgent: 'curl' }, false],
    [{ UserAgent: ['curl', ''] }, true],
    [{ 'UserAgent|contains': 'u' }, false],
    [{ 'UserAgent|startswith': 'u' }, false],
    [{ 'UserAgent|endswith': 'd' }, false],
    [{ 'UserAgent|cidr': '0.0.0.0/0' }, false],
    [{ not: { 'UserAgent|contains': 'curl' } }, true],
  ])('of a column without a value: %j holds: %s', (where, expected) => {
    expect(holds(where, { UserAgent: undefined })).toBe(expected)
  })

  it.each(['lt', 'lte', 'gt', 'gte'])('of a number without a value never holds: %s', (operator) => {
    for (const limit of [-1, 0, 1])
      expect(holds({ [`Bytes|${operator}`]: limit }, { Bytes: undefined })).toBe(false)
  })

  it('does not take no value for 0', () => {
    expect(holds({ Bytes: 0 }, { Bytes: undefined })).toBe(false)
    expect(holds({ Bytes: 0 }, { Bytes: 0 })).toBe(true)
  })
})

describe('a tree', () => {
  const yes = { Bytes: 4300 }
  const no = { Bytes: 0 }
  it.each<[where: Record<string, unknown>, holds: boolean]>([
    [{ Bytes: 4300, Operation: 'get /users/{id}/messages' }, true],
    [{ Bytes: 4300, Operation: 'other' }, false],
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ any: [no, yes] }, true],
    [{ any: [no, no] }, false],
    [{ not: no }, true],
    [{ not: { not: no } }, false],
    [{ not: { Bytes: 4300, Operation: 'other' } }, true],
    [{ any: [{ all: [yes, no] }, { not: { any: [no, no] } }] }, true],
    [{ Bytes: 4300, not: { Operation: 'other' }, any: [no, yes] }, true],
    [{ Bytes: 4300, not: yes }, false],
  ])('%j holds: %s', (where, expected) => {
    expect(holds(where)).toBe(expected)
  })

  it('obeys De Morgan', () => {
    const leaf = fc.constantFrom(yes, no, { 'UserAgent|exists': false }, { UserAgent: 'x' })
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 4 }), (parts) => {
        const negated = parts.map((part) => ({ not: part }))
        expect(holds({ not: { all: parts } })).toBe(holds({ any: negated }))
        expect(holds({ not: { any: parts } })).toBe(holds({ all: negated }))
      }),
    )
  })

  it('knows which columns it reads, each once', () => {
    const where = {
      Bytes: 1,
      any: [{ 'Operation|contains': 'x' }, { not: { 'Bytes|gt': 2, UserAgent: '' } }],
    }
    expect(columnsOf(condition(where))).toEqual(['Bytes', 'Operation', 'UserAgent'])
  })
})

describe('case', () => {
  it('never matters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -)+-~]{1,10}$/), (text) => {
        for (const modifier of ['', '|contains', '|startswith', '|endswith']) {
          expect(
            holds({ [`UserAgent${modifier}`]: text.toUpperCase() }, { UserAgent: text.toLowerCase() }),
          ).toBe(true)
        }
      }),
    )
  })
})

describe('a problem is reported where it stands', () => {
  it.each<[where: unknown, problem: string]>([
    ['Bytes: 5', 'where: a condition is a mapping of columns to values, or of all, any, not'],
    [[{ Bytes: 5 }], 'where: a condition is a mapping of columns to values, or of all, any, not'],
    [null, 'where: a condition is a mapping of columns to values, or of all, any, not'],
    [{}, 'where: an empty condition holds for every row; leave it out'],
    [{ Size: 5 }, 'where.Size: there is no column Size'],
    [{ constructor: 5 }, 'where.constructor: there is no column constructor'],
    [
      { 'Operation|like': 'x' },
      'where.Operation|like: unknown modifier like; known are contains, startswith, endswith, cidr, exists, lt, lte, gt, gte, fieldref, all',
    ],
    [
      { 'Operation|contains|endswith': 'x' },
      'where.Operation|contains|endswith: unknown modifier contains|endswith; known are contains, startswith, endswith, cidr, exists, lt, lte, gt, gte, fieldref, all',
    ],
    [{ 'Operation|gt': 5 }, 'where.Operation|gt: gt does not apply to a column of type string'],
    [{ 'Bytes|contains': 'x' }, 'where.Bytes|contains: contains does not apply to a column of type number'],
    [{ 'Bytes|cidr': '10.0.0.0/8' }, 'where.Bytes|cidr: cidr does not apply to a column of type number'],
    [{ Operation: [] }, 'where.Operation: an empty list matches nothing'],
    [{ Operation: 5 }, 'where.Operation: a column of texts is compared with a text: quote 5'],
    [{ Operation: true }, 'where.Operation: a column of texts is compared with a text: quote true'],
    [{ Operation: null }, 'where.Operation: a column of texts is compared with a text: quote null'],
    [{ Operation: ['a', 5] }, 'where.Operation.1: a column of texts is compared with a text: quote 5'],
    [{ Bytes: '5' }, 'where.Bytes: a column of numbers is compared with a number, got "5"'],
    [{ Bytes: Number.NaN }, 'where.Bytes: a column of numbers is compared with a number, got null'],
    [{ 'Bytes|exists': 'yes' }, 'where.Bytes|exists: exists takes true or false'],
    [{ 'IPAddress|cidr': ['10.0.0.0/8', 'office'] }, 'where.IPAddress|cidr.1: office is no address range'],
    [
      { Operation: 'GET *' },
      'where.Operation: wildcards are not known: use |contains, |startswith, |endswith',
    ],
    [{ 'Operation|contains': '' }, 'where.Operation|contains: an empty text matches every row with contains'],
    [{ any: { Bytes: 5 } }, 'where.any: any takes a list of conditions'],
    [{ all: [] }, 'where.all: all takes a list of conditions'],
    [
      { not: [{ Bytes: 5 }] },
      'where.not: a condition is a mapping of columns to values, or of all, any, not',
    ],
    [{ any: [{ Bytes: 5 }, { all: [{ Size: 5 }] }] }, 'where.any.1.all.0.Size: there is no column Size'],
    [{ not: { Bytes: 'x' } }, 'where.not.Bytes: a column of numbers is compared with a number, got "x"'],
  ])('%j', (where, problem) => {
    expect(problemsOf(where)).toEqual([problem])
  })

  it('with all the others', () => {
    expect(problemsOf({ Size: 5, Bytes: 'x', any: [{ Operation: [1, 'ok', 2] }, {}], not: 5 })).toEqual([
      'where.Size: there is no column Size',
      'where.Bytes: a column of numbers is compared with a number, got "x"',
      'where.any.0.Operation.0: a column of texts is compared with a text: quote 1',
      'where.any.0.Operation.2: a column of texts is compared with a text: quote 2',
      'where.any.1: an empty condition holds for every row; leave it out',
      'where.not: a condition is a mapping of columns to values, or of all, any, not',
    ])
  })

  it('and never thrown, whatever stands in the YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const problems: Problem[] = []
        const parsed = parseWhere(value, [], types, problems)
        expect(parsed === undefined).toBe(problems.length > 0)
      }),
    )
  })
})
