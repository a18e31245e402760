import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesText, namesIn, parseTemplate, render, sanitise } from '../../src/alerts/template.js'

const rendered = (template: string, values: Readonly<Record<string, unknown>>) =>
  render(parseTemplate(template), (name) => values[name])

describe('the sentence of an alert', () => {
  it.each([
    { template: 'nothing to fill in', values: {}, text: 'nothing to fill in' },
    { template: '{AgentName} woke', values: { AgentName: 'bot' }, text: 'bot woke' },
    { template: '{a}{b}', values: { a: 'x', b: 'y' }, text: 'xy' },
    { template: 'pulled {observed|bytes}!', values: { observed: 1_234_567_890 }, text: 'pulled 1.2 GB!' },
    { template: '{agent.owner} owns it', values: { 'agent.owner': 'Ann' }, text: 'Ann owns it' },
    { template: '{gone} and {empty}', values: { empty: '' }, text: 'unknown and unknown' },
    { template: '{none} calls', values: { none: 0 }, text: '0 calls' },
    { template: '{many} calls', values: { many: 1_234_567.4 }, text: '1,234,567 calls' },
    { template: '{few} calls', values: { few: 2.4478 }, text: '2.45 calls' },
    { template: '{text|bytes}', values: { text: 'many' }, text: 'many' },
    { template: '{value}', values: { value: '{AgentName}' }, text: '{AgentName}' },
  ])('"$template" reads "$text"', ({ template, values, text }) => {
    expect(rendered(template, values)).toBe(text)
  })

  it('names the values that it wants', () => {
    expect(namesIn(parseTemplate('{AgentName} pulled {observed|bytes}, not {max|bytes}'))).toEqual([
      'AgentName',
      'observed',
      'max',
    ])
  })

  it.each([
    ['{observed|litres}', 'unknown format litres; known is bytes'],
    ['a { stands alone', 'a brace stands alone in "a { stands alone"'],
    ['a } stands alone', 'a brace stands alone'],
    ['{}', 'a brace stands alone'],
    ['{two words}', 'a brace stands alone'],
    ['{{AgentName}}', 'a brace stands alone'],
    ['{AgentName|BYTES}', 'a brace stands alone'],
    ['{1st}', 'a brace stands alone'],
    ['{AgentName', 'a brace stands alone'],
  ])('"%s" is refused', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(message)
  })
})

describe('a name from a log', () => {
  it.each([
    ['an ANSI sequence', '\u001b[31mred\u001b[0m'],
    ['a line break', 'one\r\ntwo'],
    ['a line separator', 'one\u2028two\u2029three'],
    ['a C1 control', 'one\u009btwo'],
    ['text turned around', 'gpj.\u202eexe'],
    ['an isolate', '\u2066one\u2069'],
    ['an Arabic letter mark', 'one\u061ctwo'],
    ['nothing visible', 'ad\u200bmin\u2060\ufeff'],
    ['a soft hyphen', 'ad\u00admin'],
    ['a message in tag characters', 'bot\u{e0001}\u{e0049}\u{e0047}'],
    ['half a character', 'one\ud800two'],
  ])('with %s shows nothing but spaces in its place', (_what, name) => {
    const text = rendered('{AgentName}', { AgentName: name })
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    expect(text.replaceAll(' ', '')).toBe(name.replace(/[^\x21-\x7e]/g, ''))
  })

  it.each(['Müller & Söhne', '発注ボット', 'bot 🤖', 'a'.repeat(200)])('"%s" stays as it is', (name) => {
    expect(sanitise(name)).toBe(name)
  })

  it('is cut to 200 characters, and never through the middle of one', () => {
    expect(sanitise('a'.repeat(201))).toBe(`${'a'.repeat(199)}…`)
    expect(sanitise(`${'a'.repeat(198)}🤖🤖`)).toBe(`${'a'.repeat(198)}…`)
  })

  it('fits on one line of at most 200 characters, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const text = sanitise(name)
        expect(text.length).toBeLessThanOrEqual(200)
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a number of bytes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [999.6, '1.0 kB'],
    [1_000, '1.0 kB'],
    [1_234, '1.2 kB'],
    [99_949, '99.9 kB'],
    [99_960, '100 kB'],
    [123_456, '123 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [1_000_000, '1.0 MB'],
    [999_999_999, '1.0 GB'],
    [1_500_000_000_000, '1.5 TB'],
    [12_000_000_000_000_000, '12000 TB'],
  ])('%i reads "%s"', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })
})
