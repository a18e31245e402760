import { describe, expect, it } from 'vitest'
import { type Piece, Splitter, type SplitterOptions } from '../../src/sources/splitter.js'

function split(
  input: string | Buffer,
  options?: SplitterOptions,
  chunkBytes = Number.POSITIVE_INFINITY,
): Piece[] {
  const bytes = Buffer.from(input)
  const splitter = new Splitter(options)
  const pieces: Piece[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    pieces.push(...splitter.push(bytes.subarray(at, at + chunkBytes)))
  }
  return [...pieces, ...splitter.end()]
}

/** `line:offset text problem` of each piece, with the text in its shortest JSON form when it is JSON. */
function summary(pieces: Piece[]): string[] {
  return pieces.map(({ line, offset, bytes, problem }) =>
    [`${line}:${offset}`, compact(bytes.toString()), ...(problem ? [problem] : [])].join(' '),
  )
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

/** One chunk, chunks that cut almost everywhere, and chunks of one byte. */
const chunkings = [Number.POSITIVE_INFINITY, 7, 1]

function expectPieces(input: string | Buffer, expected: string[], options?: SplitterOptions): void {
  for (const chunkBytes of chunkings) expect(summary(split(input, options, chunkBytes))).toEqual(expected)
}

describe('the formats of log files', () => {
  it.each<[string, string, string[]]>([
    ['one value a line', '{"a":1}\n{"b":2}\n', ['1:0 {"a":1}', '2:8 {"b":2}']],
    ['a last line without line feed', '{"a":1}\n{"b":2}', ['1:0 {"a":1}', '2:8 {"b":2}']],
    ['lines ended by CR and LF', '{"a":1}\r\n{"b":2}\r\n', ['1:0 {"a":1}', '2:9 {"b":2}']],
    ['blank lines', '\n\n{"a":1}\n \t\r\n{"b":2}\n\n', ['3:2 {"a":1}', '5:14 {"b":2}']],
    ['a byte order mark', '\ufeff{"a":1}\n{"b":2}\n', ['1:3 {"a":1}', '2:11 {"b":2}']],
    ['a byte order mark before an array', '\ufeff[{"a":1}]', ['1:4 {"a":1}']],
    ['blanks around a value', '  {"a":1} \t\n', ['1:2 {"a":1}']],
    ['Event Hubs messages', '{"records":[{"a":1},{"b":2}]}\n', ['1:0 {"records":[{"a":1},{"b":2}]}']],
    ['an array on one line', '[{"a":1}, {"b":[2]},{}]\n', ['1:1 {"a":1}', '1:10 {"b":[2]}', '1:20 {}']],
    ['an array of one element a line', '[\n{"a":1},\n{"b":2}\n]\n', ['2:2 {"a":1}', '3:11 {"b":2}']],
    ['an array with leading commas', '[{"a":1}\n,{"b":2}\n]', ['1:1 {"a":1}', '2:10 {"b":2}']],
    ['a pretty-printed array', '[\n  {\n    "a": 1\n  },\n  {}\n]\n', ['2:4 {"a":1}', '5:24 {}']],
    ['an array of scalars', '[1, "a]b" ,null]', ['1:1 1', '1:4 "a]b"', '1:11 null']],
    ['an empty array', '[]\n{"a":1}\n', ['2:3 {"a":1}']],
    ['an array a line', '[{"a":1}]\n[{"b":2}]\n', ['1:1 {"a":1}', '2:11 {"b":2}']],
    ['arrays on one line', '[{"a":1}] [{"b":2}]', ['1:1 {"a":1}', '1:11 {"b":2}']],
    ['one pretty-printed object', '{\n  "a": {\n    "b": 1\n  }\n}\n', ['1:0 {"a":{"b":1}}']],
    ['pretty-printed objects', '{\n  "a": 1\n}\n{\n  "b": 2\n}\n', ['1:0 {"a":1}', '4:13 {"b":2}']],
    ['pretty-printed objects with CR', '{\r\n "a":1\r\n}\r\n{\r\n}', ['1:0 {"a":1}', '4:14 {}']],
    [
      'pretty-printed objects side by side',
      '{\n"a":1\n}{\n"b":2\n} {}\n',
      ['1:0 {"a":1}', '3:9 {"b":2}', '5:19 {}'],
    ],
    ['a blank line within an object', '{\n\n  "a": [\n\n  1]\n}\n', ['1:0 {"a":[1]}']],
    ['an object broken after a comma', '{"a":1,\n"b":2}\n', ['1:0 {"a":1,"b":2}']],
    ['an object broken after a colon', '{"a":\n1}\n', ['1:0 {"a":1}']],
    ['elements copied out of an array', '{"a":1},\n{"b":2},\n', ['1:0 {"a":1}', '2:9 {"b":2}']],
    [
      'formats in turn',
      '{"a":1}\n[{"b":2}]\n{\n"c":3}\n{"d":4}',
      ['1:0 {"a":1}', '2:9 {"b":2}', '3:18 {"c":3}', '5:27 {"d":4}'],
    ],
    ['nothing', '', []],
    ['a byte order mark alone', '\ufeff', []],
    ['blanks alone', '\n \r\n', []],
  ])('splits %s', (_, input, expected) => expectPieces(input, expected))

  it.each<[string, string]>([
    ['brackets', '{"a":"}{][","b":{"c":"]"}}'],
    ['escaped quotes', '{"a":"\\"}\\"","b":1}'],
    ['escaped backslashes at the end', '{"a":"\\\\","b":"\\\\\\""}'],
    ['escaped line feeds', '{"a":"x\\n{y\\r\\n"}'],
    ['commas and colons at the end', '{"a":"b,","c":"d:"}'],
    ['characters of several bytes', '{"a":"\u00e9\u{1f600}\u2028{"}'],
  ])('passes over %s in strings', (_, text) => {
    const pretty = JSON.stringify(JSON.parse(text), null, 2)
    for (const input of [text, `[${text}]`, `[\n${text}\n]`, pretty, `[\n${pretty}\n]`]) {
      for (const chunkBytes of chunkings) {
        const values = split(input, {}, chunkBytes).map((piece) => JSON.parse(piece.bytes.toString()))
        expect(values).toEqual([JSON.parse(text)])
      }
    }
  })

  it('yields 10,000 elements of an array on one line as they come', () => {
    const splitter = new Splitter()
    const elements = Array.from({ length: 10_000 }, (_, number) => JSON.stringify({ number }))
    const [first, ...rest] = elements
    expect(splitter.push(Buffer.from(`[${first}`)).map((piece) => piece.bytes.toString())).toEqual([first])
    const pieces = splitter.push(Buffer.from(`,${rest.join(',')}]`))
    expect(pieces.map((piece) => piece.bytes.toString())).toEqual(rest)
  })

  it('yields a slice of the chunk, not a copy, when a line lies within one chunk', () => {
    const chunk = Buffer.from('{"a":1}\n')
    const [piece] = new Splitter().push(chunk)
    expect(piece?.bytes.buffer).toBe(chunk.buffer)
    expect(piece?.bytes.byteOffset).toBe(chunk.byteOffset)
  })
})

describe('broken input', () => {
  it.each<[string, string, string[]]>([
    ['text that is no JSON', 'hello\n{"a":1}\n} x\n', ['1:0 hello', '2:6 {"a":1}', '3:14 } x']],
    ['a line cut within a string', '{"a":"b\n{"c":1}\n', ['1:0 {"a":"b', '2:8 {"c":1}']],
    ['a line cut after a comma', '{"a":1,\n{"c":1}\n', ['1:0 {"a":1, incomplete', '2:8 {"c":1}']],
    ['a line cut after a colon', '{"a":\n{"c":1}\n', ['1:0 {"a": incomplete', '2:6 {"c":1}']],
    ['a line cut after a bracket', '{"a":[\n[{"c":1}]\n', ['1:0 {"a":[ incomplete', '2:8 {"c":1}']],
    ['a string cut after a comma', '{"a":"b,\n{"c":1}\n', ['1:0 {"a":"b, incomplete', '2:9 {"c":1}']],
    [
      'a string cut after a backslash',
      '{"a":[\n"b\\\n{"c":1}',
      ['1:0 {"a":[\n"b\\ incomplete', '3:11 {"c":1}'],
    ],
    [
      'a pretty-printed object cut short',
      '{\n "a": 1,\n{"c":1}\n',
      ['1:0 {\n "a": 1, incomplete', '3:11 {"c":1}'],
    ],
    ['an object open at the end', '{"a":1}\n{\n "b":', ['1:0 {"a":1}', '2:8 {\n "b": incomplete']],
    ['a last line cut after a comma', '{"a":1}\n{"b":1,', ['1:0 {"a":1}', '2:8 {"b":1, incomplete']],
    ['a last line cut within a string', '{"a":1}\n{"b":"', ['1:0 {"a":1}', '2:8 {"b":"']],
    ['an array open within an element', '[{"a":1},{"b"', ['1:1 {"a":1}', '1:9 {"b" incomplete']],
    ['an array open between elements', '[{"a":1},\n', ['1:1 {"a":1}', '2:10  incomplete']],
    ['an array that never began', '[', ['1:1  incomplete']],
    [
      'an array line cut within an element',
      '[{"a":1},{"b":"\n{"c":1}\n{"d":1}\n',
      ['1:1 {"a":1}', '1:9 {"b":" incomplete', '2:16 {"c":1}', '3:24 {"d":1}'],
    ],
    [
      'an array line cut before another',
      '[{"a":{"b\n[{"c":1}]\n',
      ['1:1 {"a":{"b incomplete', '2:11 {"c":1}'],
    ],
    [
      'an array line cut between elements',
      '[{"a":1}\n{"c":1}\n',
      ['1:1 {"a":1}', '2:9  incomplete', '2:9 {"c":1}'],
    ],
    [
      'an element cut among good ones',
      '[\n{"a":1},\n{"b":\n{"c":1}\n]\n',
      ['2:2 {"a":1}', '3:11 {"b": incomplete', '4:17 {"c":1}'],
    ],
    [
      'a bracket too many',
      '[{"a":1}},{"b":1}]]\n{"c":1}',
      ['1:1 {"a":1}', '1:8 }', '1:10 {"b":1}', '1:18 ]', '2:20 {"c":1}'],
    ],
    [
      'text after an object',
      '{\n"a":1} x {"b":1}\n{"c":1}',
      ['1:0 {"a":1}', '2:9 x {"b":1}', '3:19 {"c":1}'],
    ],
    ['text logs with brackets', '[12:30] GET {"a"\n{"c":1}\n', ['1:1 12:30', '1:8 GET {"a"', '2:17 {"c":1}']],
    ['text after what looked like several lines', '{"a":1} x,', ['1:0 {"a":1}', '1:8 x,']],
  ])('keeps the good values around %s', (_, input, expected) => expectPieces(input, expected))

  it('yields a value nested 100,000 deep as one piece, in a line and in an array', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const input = Buffer.from(`${deep}\n[${deep},{"b":2}]\n`)
    for (const chunkBytes of [Number.POSITIVE_INFINITY, 1000]) {
      const pieces = split(input, {}, chunkBytes)
      expect(pieces.map(({ length, problem }) => [length, problem])).toEqual([
        [deep.length, undefined],
        [deep.length, undefined],
        [7, undefined],
      ])
    }
  })

  it('yields 100,000 opened arrays as one incomplete piece at the end', () => {
    const pieces = split('['.repeat(100_001))
    expect(pieces).toEqual([
      { bytes: Buffer.from('['.repeat(100_000)), line: 1, offset: 1, length: 100_000, problem: 'incomplete' },
    ])
  })
})

describe('values that are too large', () => {
  const options = { maxBytes: 20, keepBytes: 4 }
  const long = JSON.stringify('x'.repeat(30))

  it.each<[string, string, string[], number]>([
    [
      'a line',
      `{"a":1}\n{"b":${long}}\n{"c":1}\n`,
      ['1:0 {"a":1}', '2:8 {"b" too-large', '3:47 {"c":1}'],
      38,
    ],
    ['a line that is no JSON', `${'x'.repeat(21)}\n{"c":1}\n`, ['1:0 xxxx too-large', '2:22 {"c":1}'], 21],
    ['a line cut after a comma', `{"b":${long},\n{"c":1}\n`, ['1:0 {"b" too-large', '2:39 {"c":1}'], 38],
    ['an object of several lines', `{\n"b":${long}}\n{"c":1}\n`, ['1:0 {\n"b too-large', '3:40 {"c":1}'], 39],
    [
      'an element',
      `[{"a":1},{"b":${long}},{"c":1}]`,
      ['1:1 {"a":1}', '1:9 {"b" too-large', '1:48 {"c":1}'],
      38,
    ],
    ['an element that never ends', `[{"b":${long},\n{"c":1}]`, ['1:1 {"b" too-large', '2:40 {"c":1}'], 38],
    ['the last line', `{"a":1}\n{"b":${long}}`, ['1:0 {"a":1}', '2:8 {"b" too-large'], 38],
  ])('keeps the first bytes and the length of %s', (_, input, expected, length) => {
    expectPieces(input, expected, options)
    for (const chunkBytes of chunkings) {
      const large = split(input, options, chunkBytes).filter((piece) => piece.problem === 'too-large')
      expect(large.map((piece) => piece.length)).toEqual([length])
    }
  })

  it.each<[string, string, string | undefined]>([
    ['exactly maxBytes long is whole', 'x'.repeat(20), undefined],
    ['one byte longer is too large', 'x'.repeat(21), 'too-large'],
    ['within maxBytes but for blanks at the end is whole', `{}${' '.repeat(30)}`, undefined],
    ['longer by what follows the blanks is too large', `{}${' '.repeat(30)}x`, 'too-large'],
  ])('a line %s', (_, line, problem) => {
    for (const chunkBytes of chunkings) {
      const [piece, next] = split(`${line}\n{"c":1}`, options, chunkBytes)
      expect(piece?.problem).toBe(problem)
      expect(piece?.length).toBe(line.trimEnd().length)
      expect(next?.bytes.toString()).toBe('{"c":1}')
    }
  })

  it('16 MiB is the limit and 64 KiB are kept unless said otherwise', () => {
    const mebibytes = 16 * 1024 * 1024
    const [whole, large] = split(
      Buffer.concat([Buffer.alloc(mebibytes, 'x'), Buffer.from('\n'), Buffer.alloc(mebibytes + 1, 'x')]),
    )
    expect([whole?.problem, whole?.bytes.length]).toEqual([undefined, mebibytes])
    expect([large?.problem, large?.bytes.length]).toEqual(['too-large', 64 * 1024])
  })

  it.each([
    ['line', '{"a":1}\n{"b":"', '"}\n{"c":1}\n'],
    ['array element', '[{"a":1},{"b":"', '"},{"c":1}]\n'],
    ['object of several lines', '{"a":1}\n{\n"b":"', '"\n}\n{"c":1}\n'],
  ])('passes a 50 MB %s without holding more than the limit', (_, before, after) => {
    const splitter = new Splitter({ maxBytes: 1024 * 1024 })
    const filler = Buffer.alloc(1024 * 1024, 'x')
    const held = process.memoryUsage().arrayBuffers
    const pieces = splitter.push(Buffer.from(before))
    for (let chunk = 0; chunk < 50; chunk++) pieces.push(...splitter.push(filler))
    const grown = process.memoryUsage().arrayBuffers - held
    pieces.push(...splitter.push(Buffer.from(after)), ...splitter.end())
    expect(pieces.map((piece) => piece.problem)).toEqual([undefined, 'too-large', undefined])
    expect(pieces[1]?.length).toBeGreaterThan(50 * filler.length)
    // The limit, and what growing up to it left for the garbage collector.
    expect(grown).toBeLessThan(8 * 1024 * 1024)
  })
})
