import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { DeadLetter } from '../../src/replay/dead-letters.js'
import { cli, inTempFolder, linesOf, NOW } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { graphCall, type TestRecord } from '../support/records.js'

inTempFolder()
writeDetections('pack', { every: { kind: 'match' } })
beforeEach(() => rmSync('out', { recursive: true, force: true }))

let calls = 0

/** A call of the one agent in the one hour of these tests: all of them make one alert, which counts them. */
function call(properties: object = {}, fields: object = {}): TestRecord {
  const own = { timeGenerated: '2026-10-20T03:12:44Z', requestId: `call-${calls++}` }
  return graphCall({ ...own, ...properties }, { ...fields })
}

function without(key: string): object {
  return Object.fromEntries(Object.entries(call()).filter(([name]) => name !== key))
}

const good = () => JSON.stringify(call())
const message = (...records: unknown[]) => JSON.stringify({ records })

interface Result {
  readonly code: number
  readonly stderr: string
  readonly alerts: readonly Alert[]
  readonly letters: readonly DeadLetter[]
}

async function replay(...files: string[]): Promise<Result> {
  const { code, stdout, stderr } = await cli([
    'replay',
    ...files,
    '--detections',
    'pack',
    '--format',
    'ndjson',
  ])
  const letters = existsSync('out/dead-letters.ndjson') ? readFileSync('out/dead-letters.ndjson', 'utf8') : ''
  return { code, stderr, alerts: linesOf(stdout), letters: linesOf(letters) }
}

function numberIn(text: string): number {
  return Number(text.replaceAll(',', ''))
}

/** The numbers that the summary lists below a heading, added up. */
function sumBelow(heading: string, summary: string): number {
  const listed = new RegExp(`^${heading}.*\\n((?: {2}.*\\n)*)`, 'm').exec(summary)?.[1] ?? ''
  return Array.from(listed.matchAll(/([\d,]+)$/gm), ([, n]) => numberIn(n!)).reduce((a, b) => a + b, 0)
}

/** All that the summary says of records: read, passed over and not read. */
function accounted({ stderr }: Result): number {
  const read = numberIn(/Read ([\d,]+) record/.exec(stderr)![1]!)
  return read + sumBelow('Records of other categories', stderr) + sumBelow('Dead letters', stderr)
}

const BRACKETS = 100_000
const DEEP = `${'['.repeat(BRACKETS)}${']'.repeat(BRACKETS)}`
const noUtf8 = Buffer.from(good().replace('python', 'p\u00ffthon'), 'latin1')
const inTwoDays = new Date(NOW + 2 * 86_400_000).toISOString()

/** Something bad on a line of its own, or a record among two good ones, of which it is the one in the middle. */
type Bad = [name: string, reason: string, line: string | Buffer]

const BAD_LINES: Bad[] = [
  ['a message that breaks off in a text', 'invalid-json', good().slice(0, 400)],
  ['a message that breaks off after a comma', 'incomplete', good().slice(0, good().indexOf(',') + 1)],
  ['a message that breaks off after a bracket', 'incomplete', '{"records":['],
  ['a text that is no JSON', 'invalid-json', 'Hello, world'],
  ['a line of CSV', 'invalid-json', 'time,category,"properties"'],
  ['a number', 'not-an-object', '42'],
  ['null', 'not-an-object', 'null'],
  ['a message whose records are a number', 'wrong-type', '{"records":42}'],
  ['a line with bytes that are no UTF-8', 'invalid-utf8', noUtf8],
  ['100,000 nested lists in a record', 'too-deep', good().replace('"app"', DEEP)],
  ['100,000 nested lists of records', 'too-deep', `{"records":${DEEP}}`],
  ['100,000 brackets that nobody closes', 'too-deep', `{"records":${'['.repeat(BRACKETS)}"`],
]

const BAD_RECORDS: [name: string, reason: string, record: string][] = [
  ['a text', 'not-an-object', '"text"'],
  ['null', 'not-an-object', 'null'],
  ['a list', 'not-an-object', `[${good()}]`],
  ['without a category', 'no-category', JSON.stringify(without('category'))],
  ['whose category is empty', 'no-category', JSON.stringify(call({}, { category: '' }))],
  ['whose category is a number', 'no-category', JSON.stringify(call({}, { category: 7 }))],
  ['whose category is in __proto__', 'no-category', `{"__proto__":${good()}}`],
  ['whose properties are a number', 'wrong-type', JSON.stringify({ ...call(), properties: 7 })],
  ['whose properties are a broken text', 'invalid-json', JSON.stringify({ ...call(), properties: '{' })],
  ['whose size is a text', 'wrong-type', JSON.stringify(call({ responseSizeBytes: 'many' }))],
  ['whose size is below zero', 'wrong-type', JSON.stringify(call({ responseSizeBytes: -1 }))],
  ['whose agent is a list', 'wrong-type', JSON.stringify(call({ servicePrincipalId: ['x'] }))],
  ['of 1970', 'implausible-time', JSON.stringify(call({ timeGenerated: '1970-01-01T00:00:00Z' }))],
  ['of 2099', 'implausible-time', JSON.stringify(call({ timeGenerated: '2099-01-01T00:00:00Z' }))],
  ['of two days hence', 'implausible-time', JSON.stringify(call({ timeGenerated: inTwoDays }))],
  ['whose time is none', 'wrong-type', JSON.stringify(call({ timeGenerated: 'yesterday' }))],
  [
    'without a time',
    'no-event-time',
    JSON.stringify(call({ timeGenerated: undefined }, { time: undefined })),
  ],
]

/** Bad bytes on the second line of a file. */
function writeBetween(line: string | Buffer): { offset: number } {
  const before = `${good()}\n`
  writeFileSync(
    'bad.ndjson',
    Buffer.concat([before, line, `\n${good()}\n${good()}\n`].map((part) => Buffer.from(part))),
  )
  return { offset: before.length }
}

describe('one dead letter and no other loss comes of', () => {
  it.each(BAD_LINES)('%s: %s', async (_, reason, line) => {
    const { offset } = writeBetween(line)
    const result = await replay('bad.ndjson')
    expect(result.letters).toMatchObject([{ reason, source: 'bad.ndjson', line: 2, offset }])
    expect(result.letters[0]!.detail).toMatch(/\w/)
    expect(result.letters[0]).not.toHaveProperty('index')
    expect(result.alerts.map(({ count }) => count)).toEqual([3])
    expect(accounted(result)).toBe(3 + 1)
    expect(result.code).toBe(0)
    expect(result.stderr).toContain('Dead letters, written to out/dead-letters.ndjson:')
  })

  it.each(BAD_RECORDS)('a record %s between two good ones of its message: %s', async (_, reason, record) => {
    const { offset } = writeBetween(`{"records":[${good()},${record},${good()}]}`)
    const result = await replay('bad.ndjson')
    expect(result.letters).toMatchObject([{ reason, source: 'bad.ndjson', line: 2, offset, index: 1 }])
    expect(result.alerts.map(({ count }) => count)).toEqual([3 + 2])
    expect(accounted(result)).toBe(5 + 1)
    expect(result.code).toBe(0)
  })

  it('all of these together: the summary accounts for every record', async () => {
    const inMessages = BAD_RECORDS.map(([, , record]) => `{"records":[${good()},${record}]}`)
    // What breaks off goes on until a line begins like a record, so one does after each.
    const lines = [...BAD_LINES.flatMap(([, , line]) => [line, good()]), ...inMessages]
    const passedOver = message(call({}, { category: 'Other' }), call())
    const parts = [...lines, passedOver].flatMap((line) => [Buffer.from(line), Buffer.from('\n')])
    writeFileSync('all.ndjson', Buffer.concat(parts))
    const result = await replay('all.ndjson')
    const bad = [...BAD_LINES, ...BAD_RECORDS].map(([, reason]) => reason)
    expect(result.letters).toHaveLength(bad.length)
    expect(result.alerts[0]!.count).toBe(bad.length + 1)
    expect(accounted(result)).toBe(2 * bad.length + 2)
    for (const reason of bad) {
      const listed = bad.filter((one) => one === reason).length
      expect(result.stderr).toMatch(new RegExp(`^ {2}${reason} +${listed}$`, 'm'))
    }
  })
})

describe('a dead letter', () => {
  it('of a record holds the record, so that it can be put right and fed in again', async () => {
    const bad = call({ timeGenerated: 'yesterday' })
    writeFileSync('bad.json', message(call(), bad))
    const { letters } = await replay('bad.json')
    expect(letters).toEqual([
      {
        reason: 'wrong-type',
        detail: 'TimeGenerated is not a time: "yesterday"',
        index: 1,
        source: 'bad.json',
        line: 1,
        offset: 0,
        length: readFileSync('bad.json').length,
        record: bad,
      },
    ])
  })

  it('of a message holds its text, or base64 where it is no text', async () => {
    writeFileSync('bad.log', Buffer.concat([Buffer.from('Hello, world\n'), noUtf8]))
    const { letters } = await replay('bad.log')
    expect(letters[0]).toMatchObject({ reason: 'invalid-json', text: 'Hello, world', length: 12 })
    expect(Buffer.from(letters[1]!.base64!, 'base64')).toEqual(noUtf8)
  })

  it('of a line of 50 MB holds its beginning and says how long it is; the next line is read', async () => {
    const long = Buffer.alloc(50_000_000, 'x')
    long.write(`{"records":[${good()},{"a":"`)
    writeFileSync('long.ndjson', Buffer.concat([long, Buffer.from(`\n${good()}\n`)]))
    const result = await replay('long.ndjson')
    const beginning = long.subarray(0, 65_536).toString()
    expect(result.letters).toMatchObject([
      { reason: 'too-large', detail: '50000000 bytes', line: 1, offset: 0, length: 50_000_000 },
    ])
    expect(result.letters[0]!.text === beginning).toBe(true)
    expect(result.letters[0]!.cut).toMatchObject({ bytes: 65_536 })
    expect(result.alerts[0]!.count).toBe(1)
    expect(result.code).toBe(0)
    rmSync('long.ndjson')
  })

  it('names standard input, and goes where it is wanted', async () => {
    const args = ['replay', '-', '--detections', 'pack', '--dead-letters', 'new/folder/bad.ndjson']
    const { code } = await cli(args, { stdin: ['Hello, ', 'world'] })
    expect(linesOf(readFileSync('new/folder/bad.ndjson', 'utf8'))).toMatchObject([
      { source: 'standard input', line: 1, offset: 0, text: 'Hello, world' },
    ])
    expect(code).toBe(0)
  })

  it('is the only reason to write a file of them', async () => {
    writeFileSync('good.ndjson', good())
    const { stderr } = await replay('good.ndjson')
    expect(existsSync('out')).toBe(false)
    expect(stderr).not.toContain('Dead letters')
  })
})

describe('an array that breaks off', () => {
  it.each([
    ['after an element', `[${good()}`, { reason: 'incomplete', line: 3, length: 0 }, 3],
    [
      'after a comma, whereupon the next line is its next element',
      `[${good()},`,
      { reason: 'incomplete' },
      3,
    ],
    ['within an element', `[${good()},{"category":"x",`, { reason: 'incomplete', line: 2 }, 3],
    ['with 100,000 brackets', '['.repeat(BRACKETS), { reason: 'incomplete', line: 2 }, 2],
  ])('%s costs no whole element, before it or after', async (_, array, letter, counted) => {
    writeFileSync('array.json', `${good()}\n${array}\n${good()}\n`)
    const result = await replay('array.json')
    expect(result.letters).toMatchObject([letter])
    expect(result.alerts.map(({ count }) => count)).toEqual([counted])
    expect(accounted(result)).toBe(counted + 1)
    expect(result.code).toBe(0)
  })
})

const ODD_KEYS = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},'

function expectNothingPolluted(): void {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}

describe('no dead letter and no loss comes of', () => {
  it.each([
    ['a byte order mark before the first line', `\ufeff${good()}`, good()],
    ['a byte order mark before a later line', good(), `\ufeff${good()}`],
    ['keys called __proto__ in the properties', good(), good().replace('"C_Idtyp"', `${ODD_KEYS}"C_Idtyp"`)],
    ['keys called __proto__ in the envelope', good(), `{${ODD_KEYS}${good().slice(1)}`],
    ['blanks around a record', good(), ` \t${good()}  \r`],
    ['texts that hide line breaks', good(), good().replace('python', '\u2028\u0085\u202e')],
    ['halves of characters', good(), good().replace('python', '\\ud800')],
    ['a time in another zone', good(), good().replace('T03:12:44Z', 'T06:12:44+03:00')],
  ])('%s', async (_, first, second) => {
    writeFileSync('fine.ndjson', `${first}\n${second}\n`)
    const result = await replay('fine.ndjson')
    expect(result.letters).toEqual([])
    expect(result.alerts.map(({ count }) => count)).toEqual([2])
    expectNothingPolluted()
  })

  it('an agent, a tenant and a request called __proto__, constructor or toString', async () => {
    const odd = ['__proto__', 'constructor', 'tostring']
    const lines = odd.map((name) =>
      JSON.stringify(call({ servicePrincipalId: name, requestId: name, tenantId: name }, { tenantId: name })),
    )
    writeFileSync('odd.ndjson', lines.join('\n'))
    const result = await replay('odd.ndjson')
    const found = result.alerts.map(({ agentId, tenantId, count }) => [agentId, tenantId, count])
    expect(found.sort()).toEqual(odd.map((name) => [name, name, 1]).sort())
    expect(result.letters).toEqual([])
    expectNothingPolluted()
  })

  it.each(['__proto__', 'constructor', 'SomeFutureLogs'])(
    'a record of the category %s, which is passed over and counted',
    async (category) => {
      writeFileSync('other.ndjson', message(call(), call({}, { category }), call()))
      const result = await replay('other.ndjson')
      expect(result.alerts[0]!.count).toBe(2)
      expect(result.letters).toEqual([])
      expect(result.stderr).toMatch(new RegExp(`Records of other categories.*\\n {2}${category} +1\\n`))
      expect(accounted(result)).toBe(3)
    },
  )

  it.each([
    ['an empty file', ''],
    ['an empty gzip file', gzipSync('')],
    ['blank lines', '\n\r\n \n'],
    ['an empty array', '[]'],
    ['a message without records', '{"records":[]}\n'],
  ])('%s', async (_, content) => {
    writeFileSync('empty.log', content)
    const result = await replay('empty.log')
    expect(result).toMatchObject({ code: 0, alerts: [], letters: [] })
    expect(result.stderr).toContain('Read 0 records')
  })
})

describe('a file that breaks off', () => {
  const zipped = gzipSync(Array.from({ length: 2_000 }, () => `${good()}\n`).join(''))

  it('is reported with exit code 1; all that came before counts, and so do other files', async () => {
    writeFileSync('cut.ndjson.gz', zipped.subarray(0, zipped.length - 2_000))
    writeFileSync('good.ndjson', good())
    const result = await replay('cut.ndjson.gz', 'good.ndjson')
    const file = result.letters.find(({ reason }) => reason === 'corrupt-gzip')!
    expect(file.source).toBe('cut.ndjson.gz')
    expect(file.detail).toMatch(/^cut\.ndjson\.gz: gzip is corrupt within the first \d+ bytes, after \d+ /)
    expect(result.stderr.trimEnd().split('\n').at(-1)).toBe(`error: ${file.detail}`)
    expect(result.code).toBe(1)
    // The line that was cut is a letter of its own: all lines before it count, and the one of the other file.
    const [line, ...others] = result.letters.filter((letter) => letter !== file)
    expect(others).toEqual([])
    expect(line!.source).toBe('cut.ndjson.gz')
    expect(line!.line).toBeGreaterThan(1_000)
    expect(result.alerts.map(({ count }) => count)).toEqual([line!.line!])
  })

  it('is also one of which a bit is wrong', async () => {
    const flipped = Buffer.from(zipped)
    // The check sum: the eight bytes at the end are it and the length.
    flipped[flipped.length - 6]! ^= 1
    writeFileSync('flipped.gz', flipped)
    const result = await replay('flipped.gz')
    expect(result.letters.at(-1)).toMatchObject({ reason: 'corrupt-gzip', source: 'flipped.gz' })
    expect(result.alerts[0]!.count).toBeGreaterThan(1_000)
    expect(result.code).toBe(1)
  })

  it.runIf(existsSync('/proc/self/mem'))('is also one that the disk does not give', async () => {
    const result = await replay('/proc/self/mem')
    expect(result.letters).toMatchObject([{ reason: 'unreadable', source: '/proc/self/mem' }])
    expect(result.stderr).toContain('error: /proc/self/mem: cannot be read at byte 0')
    expect(result.code).toBe(1)
  })
})
