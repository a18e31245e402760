import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterValue, NOT_SURE } from '../../src/records/skip.js'
import { jsonText } from '../support/json-text.js'

/** Whether the bytes are one JSON value and nothing else. */
function isValue(text: string, levels = 64): boolean {
  const bytes = Buffer.from(text)
  try {
    return afterValue(bytes, 0, levels) === bytes.length
  } catch (error) {
    expect(error).toBe(NOT_SURE)
    return false
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('a JSON value is passed over', () => {
  const good = ['0', '-0', '10', '-1.50', '1e5', '1E-05', '2.5e+3', 'true', 'false', 'null', '""', '"é日🤖"']
  const nested = [
    '[]',
    '[ ]',
    '{}',
    '{ }',
    '[1 , 2]',
    '{"a" : [ {"":""} ]}',
    '{"a":1,"a":2}',
    '"\\"\\\\\\/\\u00fF"',
  ]

  it.each([...good, ...nested])('to its end: %s', (text) => {
    expect([parses(text), isValue(text)]).toEqual([true, true])
  })

  const numbers = ['01', '-', '+1', '.5', '1.', '1.e5', '1e', '1e+', '--1', '0x10', 'NaN', 'Infinity']
  const words = ['tru', 'True', 'nul', 'undefined', 'truefalse', '1 2']
  const texts = [
    '"',
    '"a',
    "'a'",
    '"\\"',
    '"\\x"',
    '"\\u12g4"',
    '"\\u12"',
    '"\n"',
    '"\t"',
    '"\u0000"',
    '"\u001f"',
  ]
  const brackets = [
    '[',
    ']',
    '[1',
    '[1,',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1}',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
  ]
  const members = [
    '{a:1}',
    '{1:1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{"a":1]',
    '{,}',
    '[\u00a01]',
    '[1]\u000b',
    '',
  ]

  it.each([...numbers, ...words, ...texts, ...brackets, ...members])('but not if it is none: %j', (text) => {
    expect([parses(text), isValue(text)]).toEqual([false, false])
  })

  it('but not if it has too many levels', () => {
    expect(isValue('[{"a":[]}]', 3)).toBe(true)
    expect(isValue('[{"a":[]}]', 2)).toBe(false)
  })

  it('exactly if JSON.parse accepts it, whatever it is', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        // Blanks around a value are not a part of it.
        const bare = text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '')
        expect(isValue(bare)).toBe(parses(bare))
      }),
      { numRuns: 3_000 },
    )
  })
})
