import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as values from '../../src/records/values.js'

const NONE = [undefined, null, '', '<null>']

describe('the forms of "none"', () => {
  it.each(NONE)('%j has no value in any type', (none) => {
    expect(values.isNone(none)).toBe(true)
    for (const read of [values.text, values.integer, values.real, values.bool, values.time, values.dynamic]) {
      expect(read(none), read.name).toBeUndefined()
    }
  })

  it.each([0, false, '0', ' ', 'null', [], {}])('%j is a value', (value) => {
    expect(values.isNone(value)).toBe(false)
  })
})

describe('numbers', () => {
  it.each<[unknown, number | undefined]>([
    [0, 0],
    [497815, 497815],
    ['497815', 497815],
    [' 12 ', 12],
    ['-3', -3],
    ['+3', 3],
    ['1e3', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['1e400', undefined],
    ['-1e400', undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [Number.NaN, undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['0x10', undefined],
    ['12 apples', undefined],
    ['1,000', undefined],
    [true, undefined],
    [[5], undefined],
    [{}, undefined],
    [`${'1'.repeat(1_000_000)}x`, undefined],
  ])('real(%.30j) is %s', (value, expected) => {
    expect(values.real(value)).toBe(expected)
  })

  it.each<[unknown, number | undefined]>([
    ['16688471', 16688471],
    [2.9, 2],
    ['-2.9', -2],
    ['638949921850717730', 638949921850717700],
    ['1e400', undefined],
    ['two', undefined],
  ])('integer(%j) is %s', (value, expected) => {
    expect(values.integer(value)).toBe(expected)
  })

  it('mean the same as a number and as its text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(values.real(String(number))).toBe(number + 0)
      }),
    )
  })
})

describe('truth values', () => {
  it.each<[unknown, boolean | undefined]>([
    [true, true],
    [false, false],
    ['true', true],
    ['False', false],
    [1, true],
    ['0', false],
    ['yes', undefined],
    [2, undefined],
    [{ toString: 1 }, undefined],
    [[true], undefined],
  ])('bool(%j) is %s', (value, expected) => {
    expect(values.bool(value)).toBe(expected)
  })
})

describe('texts', () => {
  it.each<[unknown, string]>([
    ['as it is', 'as it is'],
    [0, '0'],
    [4, '4'],
    [false, 'false'],
    [[], '[]'],
    [{ agentType: 'notAgentic' }, '{"agentType":"notAgentic"}'],
    [[{ key: 'a', value: '' }], '[{"key":"a","value":""}]'],
  ])('text(%j) is %s', (value, expected) => {
    expect(values.text(value)).toBe(expected)
  })
})

describe('structured values', () => {
  it.each<[unknown, unknown]>([
    [{ a: 1 }, { a: 1 }],
    [
      [1, 2],
      [1, 2],
    ],
    ['{"a":1}', { a: 1 }],
    [' [1]', [1]],
    ['"quoted"', 'quoted'],
    ['plain', 'plain'],
    ['{broken', '{broken'],
    ['12', '12'],
    [12, 12],
    ['[{"Key":"mitreTechniques","Value":"T1078"}]', [{ Key: 'mitreTechniques', Value: 'T1078' }]],
  ])('dynamic(%j) is %j', (value, expected) => {
    expect(values.dynamic(value)).toEqual(expected)
  })

  it('stay text where they are nested too deep to be read', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(values.dynamic(deep)).toBe(deep)
  })

  it('have only the members that are their own', () => {
    expect(values.member({ a: 1 }, 'a')).toBe(1)
    expect(values.member({ a: 1 }, 'constructor')).toBeUndefined()
    expect(values.member({}, '__proto__')).toBeUndefined()
    expect(values.member('text', 'length')).toBeUndefined()
    expect(values.member(null, 'a')).toBeUndefined()
  })

  it.each([undefined, null, 'text', 5, { length: 1 }])('list(%j) is empty', (value) => {
    expect(values.list(value)).toEqual([])
  })
})
