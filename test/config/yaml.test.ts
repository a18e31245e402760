import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ProblemsError, problemText, YamlFile } from '../../src/config/yaml.js'

/** The problems of a text, as `line:column message`. */
function problemsOf(text: string): string[] {
  const { problems } = new YamlFile('f.yaml', text)
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

describe('a YAML file', () => {
  it.each([
    ['plain', 'a: 1\nb: [x, "y"]\n', { a: 1, b: ['x', 'y'] }],
    ['JSON', '{"a": 1, "b": [true, null]}', { a: 1, b: [true, null] }],
    ['empty', '', null],
    ['with a byte order mark', '\ufeffa: 1\n', { a: 1 }],
    ['with the line ends of Windows', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    [
      'with texts that older YAML takes for something else',
      'a: no\nb: 010\nc: 12:30\n',
      { a: 'no', b: 10, c: '12:30' },
    ],
    ['with a few aliases', 'a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
    ['with a merge key, which is a key like any other', 'a: 1\n"<<": 2\n', { a: 1, '<<': 2 }],
  ])('is read: %s', (_, text, value) => {
    const file = new YamlFile('f.yaml', text)
    expect(file.problems).toEqual([])
    expect(file.value).toEqual(value)
  })

  it.each([
    ['an open quote', 'a: 1\nb: "x\n', '3:1 Missing closing "quote'],
    ['a tab as indentation', 'a:\n\tb: 1\n', '2:1 Tabs are not allowed as indentation'],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', '3:1 the key a stands here twice'],
    ['a key twice further in', 'a:\n  - x: 1\n    x: 2\n', '3:5 the key x stands here twice'],
    ['two documents', 'a: 1\n---\nb: 2\n', '2:1 Source contains multiple documents'],
    ['a tag that would run code', 'a: 1\nb: !!js/function "x"\n', '2:4 Unresolved tag'],
    ['an alias of nothing', 'a: 1\nb: [x, *nope]\n', '2:8 nothing is called &nope before this'],
    ['an alias before its anchor', 'a: *x\nb: &x 1\n', '1:4 nothing is called &x before this'],
    ['an alias of what it stands in', 'a: 1\nb: &b\n  c: [*b]\n', '3:7 *b contains itself'],
  ])('is refused for %s, with the place of it', (_, text, problem) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
    expect(new YamlFile('f.yaml', text).value).toBeUndefined()
  })

  it('is refused for aliases that stand for gigabytes, where they come to it', () => {
    const rows = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi']) {
      rows.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`)
    }
    const [problem, ...others] = problemsOf(rows.join('\n'))
    expect(problem).toMatch(/^9:\d+ Excessive alias count/)
    expect(others).toEqual([])
  })

  const many = 100_000
  it.each([
    ['brackets on one line', `a: 1\nb: ${'['.repeat(many)}`, /^2:\d+ /],
    ['brackets on a line each', '[\n'.repeat(many), /^4\d:1 /],
    ['brackets that are closed', `${'['.repeat(many)}${']'.repeat(many)}`, /^1:\d+ /],
    ['braces', `a: ${'{a: '.repeat(many)}`, /^1:\d+ /],
    ['dashes', '- '.repeat(many), /^1:\d+ /],
    ['keys that are keys', '? '.repeat(many), /^1:\d+ /],
    [
      'lines, each indented more',
      Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
      /^4\d:\d+ /,
    ],
  ])('is refused for nesting too deep, where it gets so: %s', (_, text, place) => {
    const [problem, ...others] = problemsOf(text)
    expect(problem).toMatch(place)
    expect(problem).toContain('nested more than 40 deep')
    expect(others).toEqual([])
  })

  it.each([
    [
      'a list of many mappings on one line',
      JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ id: n }))),
    ],
    ['many brackets in a text', `a: |\n  ${'['.repeat(500)}\nb: "${'{'.repeat(500)}"`],
    ['many brackets in a comment', `a: 1 # ${'['.repeat(500)}`],
    ['40 lists within one another', `${'['.repeat(40)}${']'.repeat(40)}`],
  ])('is not refused for what only looks deep: %s', (_, text) => {
    expect(problemsOf(text)).toEqual([])
  })

  it('is refused when it is larger than 4 MB', () => {
    expect(problemsOf(`a: ${'x'.repeat(4_000_000)}`)).toEqual(['1:1 larger than 4000000 bytes'])
  })

  it('tells of several broken places at once', () => {
    expect(problemsOf('a: [1\nb: "x"\nc: "y\n').length).toBeGreaterThan(1)
  })

  it('may have a key called __proto__, which pollutes nothing', () => {
    const { value } = new YamlFile('f.yaml', '__proto__:\n  polluted: 1\n')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('a check against a schema', () => {
  const schema = z.strictObject({
    name: z.string(),
    list: z.array(z.strictObject({ size: z.number().min(1) })),
  })
  const TEXT = 'name: x\nlist:\n  - size: 1\n  - { size: 2 }\n'

  it('gives what the schema makes of the file', () => {
    const file = new YamlFile('f.yaml', TEXT)
    expect(file.check(schema)).toEqual({ name: 'x', list: [{ size: 1 }, { size: 2 }] })
    expect(file.problems).toEqual([])
  })

  it.each([
    ['a wrong type at its key', TEXT.replace('x', '7'), ['1:1 name: Invalid input']],
    [
      'a wrong type deep within at its key',
      TEXT.replace('size: 2', 'size: two'),
      ['4:7 size: Invalid input'],
    ],
    [
      'a missing key at the mapping that lacks it',
      TEXT.replace('- size: 1', '- {}'),
      ['3:5 size is missing'],
    ],
    ['a missing key of the file at its beginning', 'list: []\n', ['1:1 name is missing']],
    [
      'an unknown key at the key',
      TEXT.replace('{ size: 2 }', '{ size: 2, sise: 3 }'),
      ['4:16 unknown key sise'],
    ],
    [
      'two unknown keys one by one',
      `${TEXT}one: 1\ntwo: 2\n`,
      ['5:1 unknown key one', '6:1 unknown key two'],
    ],
    ['a key called __proto__', `${TEXT}__proto__: 1\n`, ['5:1 unknown key __proto__']],
    [
      'several things at once',
      TEXT.replace('x', '7').replace('size: 2', 'size: 0'),
      ['1:1 name: ', '4:7 size: '],
    ],
    ['an element that is none, at the element', TEXT.replace('- size: 1', '- 7'), ['3:5 0: Invalid input']],
    ['a list for a file, at its beginning', '- 1\n', ['1:1 Invalid input']],
    ['nothing for a file', '', ['1:1 Invalid input']],
  ])('tells %s', (_, text, expected) => {
    const file = new YamlFile('f.yaml', text)
    expect(file.check(schema)).toBeUndefined()
    const told = file.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    expect(told.map((one, index) => one.slice(0, expected[index]?.length))).toEqual(expected)
  })

  it('says nothing more of a file that could not be read', () => {
    const file = new YamlFile('f.yaml', 'name: "x\n')
    const before = [...file.problems]
    expect(file.check(schema)).toBeUndefined()
    expect(file.problems).toEqual(before)
  })

  it('goes on after another one found something, so that all is told at once', () => {
    const file = new YamlFile('f.yaml', 'a: 1\nb: 2\n')
    file.check(z.object({ a: z.string() }))
    file.check(z.object({ b: z.string() }))
    expect(file.problems.map(({ line }) => line)).toEqual([1, 2])
  })
})

describe('a problem at a path', () => {
  const file = new YamlFile('dir/f.yaml', 'a:\n  b: [x, y]\n"1": z\n')
  it.each([
    [['a'], '1:1'],
    [['a', 'b'], '2:3'],
    [['a', 'b', 1], '2:10'],
    [['a', 'b', 7], '2:3'],
    [['a', 'c'], '1:1'],
    [['1'], '3:1'],
    [[], '1:1'],
    [['nowhere', 'at', 'all'], '1:1'],
  ])('%j stands there, or where the nearest one stands that is there: %s', (path, place) => {
    file.report(path, 'is wrong')
    expect(problemText(file.problems.at(-1)!)).toBe(`dir/f.yaml:${place} is wrong`)
  })

  it('is one of all that the error tells', () => {
    const problem = { file: 'f', line: 1, column: 2, message: 'm' }
    const error = new ProblemsError([problem, { ...problem, line: 3 }])
    expect(error.message).toBe('f:1:2 m\nf:3:2 m')
    expect(error.problems).toHaveLength(2)
  })
})
