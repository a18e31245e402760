import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Piece, Splitter, type SplitterOptions } from '../../src/sources/splitter.js'

type Values = Record<string, unknown>[]

/** Writes the values in one format: text before each, text of each, text after all. */
type Format = (values: Values) => { before: string[]; texts: string[]; after: string }

const compact = (value: unknown) => JSON.stringify(value)
const pretty = (value: unknown) => JSON.stringify(value, null, 2)
const indented = (value: unknown) => pretty(value).replaceAll('\n', '\n  ')
const withReturns = (value: unknown) => pretty(value).replaceAll('\n', '\r\n')

function lines(write: (value: unknown) => string, between: string): Format {
  return (values) => ({
    before: values.map((_, number) => (number === 0 ? '' : between)),
    texts: values.map(write),
    after: '',
  })
}

function array(write: (value: unknown) => string, open: string, between: string, close: string): Format {
  return (values) => ({
    before: values.map((_, number) => (number === 0 ? open : between)),
    texts: values.map(write),
    after: values.length === 0 ? '[]' : close,
  })
}

const formats: Record<string, Format> = {
  ndjson: lines(compact, '\n'),
  'ndjson with CR': lines(compact, '\r\n'),
  'ndjson with blank lines': lines(compact, ' \n\n\t\n'),
  'pretty-printed': lines(pretty, '\n'),
  'pretty-printed with CR and blank lines': lines(withReturns, '\r\n\r\n'),
  'array on one line': array(compact, '[', ',', ']'),
  'array with blanks': array(compact, ' [ ', ' , ', ' ] '),
  'array of one element a line': array(compact, '[\n', ',\n', '\n]'),
  'pretty-printed array': array(indented, '[\n  ', ',\n  ', '\n]'),
}

interface Expected {
  value: unknown
  offset: number
  line: number
}

/** The blocks as one input, with the place of each value. */
function render(blocks: [string, Values][], mark: boolean): { input: Buffer; expected: Expected[] } {
  const expected: Expected[] = []
  let text = mark ? '\ufeff' : ''
  for (const [name, values] of blocks) {
    const { before, texts, after } = formats[name]!(values)
    for (const [number, value] of values.entries()) {
      text += before[number]
      expected.push({ value, offset: Buffer.byteLength(text), line: text.split('\n').length })
      text += texts[number]
    }
    text += `${after}\n`
  }
  return { input: Buffer.from(text), expected }
}

/** Cuts the input into chunks whose lengths repeat the sizes given. */
function splitInChunks(input: Buffer, sizes: number[], options?: SplitterOptions): Piece[] {
  const splitter = new Splitter(options)
  const pieces: Piece[] = []
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const size = sizes[turn % sizes.length] ?? input.length
    pieces.push(...splitter.push(input.subarray(at, at + size)))
    at += size
  }
  return [...pieces, ...splitter.end()]
}

const anyValues = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 })), {
  maxLength: 5,
})
const anyBlocks = fc.array(fc.tuple(fc.constantFrom(...Object.keys(formats)), anyValues), { maxLength: 6 })
const anySizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 })

const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  ':',
  '\n',
  '\r\n',
  ' ',
  'x',
  '{"a":1}',
  '\n{',
  '\n[',
  '{\n',
  ',\n',
  '\ufeff',
]
const anyBytes = fc
  .array(fc.constantFrom(...tokens), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join('')))
const anyLimits = fc.constantFrom<SplitterOptions>(
  {},
  { maxBytes: 12, keepBytes: 5 },
  { maxBytes: 3, keepBytes: 0 },
)

describe('whatever the values, the formats and the chunks', () => {
  it('the pieces are the values, in order, each with its bytes, offset and line', () => {
    fc.assert(
      fc.property(anyBlocks, fc.boolean(), anySizes, (blocks, mark, sizes) => {
        const { input, expected } = render(blocks, mark)
        const pieces = splitInChunks(input, sizes)
        expect(
          pieces.map(({ bytes, offset, line }) => ({ value: JSON.parse(bytes.toString()), offset, line })),
        ).toEqual(
          expected.map(({ value, offset, line }) => ({ value: JSON.parse(compact(value)), offset, line })),
        )
        for (const { bytes, offset, length, problem } of pieces) {
          expect(problem).toBeUndefined()
          expect(bytes.equals(input.subarray(offset, offset + length))).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('whatever the bytes', () => {
  it('the pieces do not depend on the chunks', () => {
    fc.assert(
      fc.property(anyBytes, anySizes, anyLimits, (input, sizes, limits) => {
        const whole = splitInChunks(input, [input.length], limits)
        expect(splitInChunks(input, sizes, limits)).toEqual(whole)
        expect(splitInChunks(input, [1], limits)).toEqual(whole)
      }),
      { numRuns: 3000 },
    )
  })

  it('pieces follow one another, and nothing between them is lost but blanks, commas and array brackets', () => {
    fc.assert(
      fc.property(anyBytes, anyLimits, (input, limits) => {
        let end = 0
        let between = ''
        for (const { bytes, offset, line, length } of splitInChunks(input, [7], limits)) {
          expect(offset).toBeGreaterThanOrEqual(end)
          expect(bytes.equals(input.subarray(offset, offset + bytes.length))).toBe(true)
          expect(line).toBe(input.subarray(0, offset).toString('latin1').split('\n').length)
          between += input.subarray(end, offset).toString()
          end = offset + length
        }
        between += input.subarray(end).toString()
        expect(between.replace(/^\ufeff/, '')).toMatch(/^[\s,[\]]*$/)
      }),
      { numRuns: 3000 },
    )
  })
})
