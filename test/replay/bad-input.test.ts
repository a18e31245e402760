import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

/** A call of the one agent within the one hour of these tests: all of them make one alert, which counts them. */
function call(properties: object = {}, fields: object = {}): TestRecord {
  return graphCall(
    { timeGenerated: '2026-10-20T03:12:44Z', requestId: `call-${calls++}`, ...properties },
    { ...fields },
  )
}

/** The record without one of its envelope's keys. */
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
  const written = existsSync('out/dead-letters.ndjson') ? readFileSync('out/dead-letters.ndjson', 'utf8') : ''
  return { code, stderr, alerts: linesOf(stdout), letters: linesOf(written) }
}

/** The numbers that the summary lists below a heading, added up. */
function sumBelow(heading: string, summary: string): number {
  const [, below = ''] = summary.split(heading)
  const listed = /^.*\n((?: {2}.*\n)*)/.exec(below)?.[1] ?? ''
  return [...listed.matchAll(/([\d,]+)$/gm)].reduce((sum, [, n]) => sum + Number(n!.replaceAll(',', '')), 0)
}

/** All that the summary says of records: read, passed over and not read. */
function accounted({ stderr }: Result): number {
  return (
    Number(/Read ([\d,]+) record/.exec(stderr)![1]!.replaceAll(',', '')) +
    sumBelow('Records of other categories', stderr) +
    sumBelow('Dead letters', stderr)
  )
}

const BRACKETS = 100_000
const DEEP = `${'['.repeat(BRACKETS)}${']'.repeat(BRACKETS)}`
const deepRecord = good().replace('"C_Idtyp":"app"', `"C_Idtyp":${DEEP}`)
const invalidUtf8 = Buffer.from(good().replace('invoice', 'inv\u00ffice'), 'latin1')
  .toString('latin1')
  .replace('python', 'p\u00ffthon')

type Bad = [name: string, line: string | Buffer, reason: string, index?: number]

const BAD: Bad[] = [
  ['a message that breaks off in a text', good().slice(0, 400), 'invalid-json'],
  ['a message that breaks off after a comma', `${good().slice(0, good().indexOf(',') + 1)}`, 'incomplete'],
  ['a message that breaks off after a bracket', '{"records":[', 'incomplete'],
  ['an array that breaks off', `[${good()},`, 'incomplete'],
  ['a text that is no JSON', 'Hello, world', 'invalid-json'],
  ['a line of CSV', 'time,category,"properties"', 'invalid-json'],
  ['a number', '42', 'not-an-object'],
  ['null', 'null', 'not-an-object'],
  ['a message whose records are a number', '{"records":42}', 'wrong-type'],
  ['bytes that are no UTF-8', Buffer.from(invalidUtf8, 'latin1'), 'invalid-utf8'],
  ['100,000 nested lists in a record', deepRecord, 'too-deep'],
  ['100,000 nested lists and nothing else', `{"records":${DEEP}}`, 'too-deep'],
  ['100,000 brackets that nobody closes', `{"records":${'['.repeat(BRACKETS)}"`, 'too-deep'],
  ['a text among the records', message(call(), 'text', call()), 'not-an-object', 1],
  ['null among the records', message(null, call(), call()), 'not-an-object', 0],
  ['a list among the records', message(call(), call(), [call()]), 'not-an-object', 2],
  ['a record without a category', message(call(), without('category'), call()), 'no-category', 1],
  ['a record whose category is empty', message(call(), call({}, { category: '' }), call()), 'no-category', 1],
  [
    'a record whose category is a number',
    message(call(), call({}, { category: 7 }), call()),
    'no-category',
    1,
  ],
  [
    'a record whose category only its prototype has',
    `{"records":[${good()},{"__proto__":${good()}},${good()}]}`,
    'no-category',
    1,
  ],
  [
    'a record whose properties are a number',
    message(call(), { ...call(), properties: 7 }, call()),
    'wrong-type',
    1,
  ],
  [
    'a record whose properties are a broken text',
    message(call(), { ...call(), properties: '{' }, call()),
    'invalid-json',
    1,
  ],
  [
    'a record whose size is a text',
    message(call(), call({ responseSizeBytes: 'many' }), call()),
    'wrong-type',
    1,
  ],
  [
    'a record whose size is below zero',
    message(call(), call({ responseSizeBytes: -1 }), call()),
    'wrong-type',
    1,
  ],
  [
    'a record whose agent is a list',
    message(call(), call({ servicePrincipalId: ['x'] }), call()),
    'wrong-type',
    1,
  ],
  [
    'a record of 1970',
    message(call(), call({ timeGenerated: '1970-01-01T00:00:00Z' }), call()),
    'implausible-time',
    1,
  ],
  [
    'a record of 2099',
    message(call(), call({ timeGenerated: '2099-01-01T00:00:00Z' }), call()),
    'implausible-time',
    1,
  ],
  [
    'a record of two days hence',
    message(call(), call({ timeGenerated: new Date(NOW + 2 * 86_400_000).toISOString() }), call()),
    'implausible-time',
    1,
  ],
  [
    'a record whose time is none',
    message(call(), call({ timeGenerated: 'yesterday' }), call()),
    'wrong-type',
    1,
  ],
  [
    'a record without a time',
    message(call(), call({ timeGenerated: undefined }, { time: undefined }), call()),
    'no-event-time',
    1,
  ],
]

describe('one bad line between two good ones', () => {
  it.each(BAD)(
    '%s is one dead letter that says where, and costs its neighbours nothing',
    async (_, line, reason, index) => {
      const before = `${good()}\n`
      const bytes = Buffer.from(line)
      writeFileSync(
        'bad.ndjson',
        Buffer.concat([Buffer.from(before), bytes, Buffer.from(`\n${good()}\n${good()}\n`)]),
      )
      const result = await replay('bad.ndjson')
      expect(result.letters).toHaveLength(1)
      expect(result.letters[0]).toMatchObject({
        reason,
        source: 'bad.ndjson',
        line: 2,
        offset: before.length,
      })
      expect(result.letters[0]!.detail).toMatch(/\w/)
      expect(result.letters[0]!.index).toBe(index)
      // The two around and, if only a record is bad, the two beside it in its message.
      const neighbours = index === undefined ? 3 : 5
      // The record of an array that breaks off after it is as good as any.
      const counted = line === `[${good()},` ? neighbours + 1 : neighbours
      expect(result.alerts.map(({ count }) => count)).toEqual([expect.any(Number)])
      expect(result.alerts[0]!.count).toBeGreaterThanOrEqual(counted)
      expect(accounted(result)).toBe(result.alerts[0]!.count + 1)
      expect(result.code).toBe(0)
      expect(result.stderr).toContain('Dead letters, written to out/dead-letters.ndjson:')
    },
  )
})
