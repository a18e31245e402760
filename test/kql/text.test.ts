import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { indent, literal, literals, timespan } from '../../src/kql/text.js'

describe('a literal', () => {
  it.each([
    ['plain text', 'mail', '"mail"'],
    ['quotes and backslashes', 'a"b\\c', '"a\\"b\\\\c"'],
    ['line breaks and tabs', 'a\nb\r\tc', '"a\\nb\\r\\tc"'],
    ['what is no ASCII', 'é€', '"\\u00e9\\u20ac"'],
    ['a character of two units', '\u{1f600}', '"\\ud83d\\ude00"'],
    ['a query', '" | take 1 //', '"\\" | take 1 //"'],
    ['nothing', '', '""'],
    ['a whole number', 42, '42'],
    ['a fraction', 0.5, 'real(0.5)'],
    ['a number beyond the exact ones', 2 ** 60, 'real(1152921504606847000)'],
    ['a truth value', true, 'true'],
  ])('of %s', (_name, value, expected) => {
    expect(literal(value)).toBe(expected)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is not made of %s', (value) => {
    expect(() => literal(value)).toThrow(RangeError)
  })

  it('stays one literal of the same value, whatever a stranger puts into it', () => {
    const { analyse } = language(logAnalyticsTables())
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
        const text = literal(value)
        expect(text).toMatch(/^"[\x20-\x7e]*"$/)
        const { diagnostics, columns } = analyse(`print Value = ${text}`)
        expect(diagnostics).toEqual([])
        expect(columns?.map(({ name }) => name)).toEqual(['Value'])
        // KQL's escapes that are used here are JSON's.
        expect(JSON.parse(text)).toBe(value)
      }),
      { numRuns: 300 },
    )
  })
})

it('lists literals', () => {
  expect(literals(['a', 1])).toBe('"a", 1')
})

it.each([
  [1, '1h'],
  [24, '1d'],
  [36, '36h'],
  [312, '13d'],
])('writes %d hours as %s', (hours, text) => {
  expect(timespan(hours)).toBe(text)
})

it('moves lines in, but for empty ones', () => {
  expect(indent('a\n\nb', 2)).toBe('        a\n\n        b')
})
