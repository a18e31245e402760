import { describe, expect, it } from 'vitest'
import { conditionText, conjuncts } from '../../src/kql/condition.js'
import type { ViewColumnType } from '../../src/views/view.js'
import { type Problem, parseWhere } from '../../src/where/parse.js'

const TYPES = new Map<string, ViewColumnType>([
  ['Name', 'string'],
  ['IPAddress', 'string'],
  ['Bytes', 'number'],
  ['agent.owner', 'string'],
])

function conditionOf(where: unknown) {
  const problems: Problem[] = []
  const condition = parseWhere(where, [], (name) => TYPES.get(name), problems)
  expect(problems).toEqual([])
  return condition!
}

describe('a condition in KQL', () => {
  it.each<[string, unknown, string]>([
    ['a text ignores case', { Name: 'Bob' }, 'Name =~ "Bob"'],
    ['any of several', { Name: ['a', 'b'] }, 'Name in~ ("a", "b")'],
    ['a number', { Bytes: 5 }, 'Bytes == 5'],
    ['any of several numbers', { Bytes: [5, 6] }, 'Bytes in (5, 6)'],
    ['a part', { 'Name|contains': 'x' }, 'Name contains "x"'],
    ['any of several parts', { 'Name|startswith': ['x', 'y'] }, 'Name startswith "x" or Name startswith "y"'],
    ['each of several parts', { 'Name|contains|all': ['x', 'y'] }, 'Name contains "x" and Name contains "y"'],
    ['an order that is never null', { 'Bytes|gte': 1 }, '(isnotnull(Bytes) and Bytes >= 1)'],
    ['a text that is there', { 'Name|exists': true }, 'isnotempty(Name)'],
    ['a number that is not there', { 'Bytes|exists': false }, 'isnull(Bytes)'],
    [
      'a range of addresses',
      { 'IPAddress|cidr': '10.0.0.0/8' },
      'coalesce(ipv4_is_in_range(IPAddress, "10.0.0.0/8"), false)',
    ],
    [
      'a range of IPv6',
      { 'IPAddress|cidr': '2001:db8::/32' },
      'coalesce(ipv6_is_in_range(IPAddress, "2001:db8::/32"), false)',
    ],
    ['several columns', { Name: 'a', Bytes: 1 }, 'Name =~ "a" and Bytes == 1'],
    [
      'either',
      { any: [{ Name: 'a' }, { Name: 'b', Bytes: 1 }] },
      'Name =~ "a" or (Name =~ "b" and Bytes == 1)',
    ],
    ['none', { not: { any: [{ Name: 'a' }, { Bytes: 1 }] } }, 'not(Name =~ "a" or Bytes == 1)'],
    [
      'several parts beside another',
      { 'Name|contains': ['x', 'y'], Bytes: 1 },
      '(Name contains "x" or Name contains "y") and Bytes == 1',
    ],
    ['a field of the inventory', { 'agent.owner': 'a' }, 'Agent_owner =~ "a"'],
  ])('%s', (_name, where, expected) => {
    expect(conditionText(conditionOf(where))).toBe(expected)
  })

  it('is taken apart into what must hold each by itself', () => {
    const parts = conjuncts(conditionOf({ Name: 'a', not: { Bytes: 1 } }))
    expect(parts.map((part) => conditionText(part))).toEqual(['Name =~ "a"', 'not(Bytes == 1)'])
  })
})
