import { mkdirSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { alertsOf, type CliOptions, inTempFolder } from '../support/cli.js'
import { asMessages, ndjson, simulatedRecords } from '../support/simulated.js'

inTempFolder()

const records = simulatedRecords()
const lines = ndjson(records)
const half = Math.floor(records.length / 2)
const values = records.map(({ text }) => JSON.parse(text))
let expected: Alert[]

beforeAll(async () => {
  writeFileSync('expected.ndjson', lines)
  expected = await alertsOf(['expected.ndjson'])
})

/** Messages with their records, one after another, each over many lines. */
function prettyMessages(): string {
  const messages: string[] = []
  for (let from = 0; from < values.length; from += 500) {
    messages.push(JSON.stringify({ records: values.slice(from, from + 500) }, undefined, 2))
  }
  return messages.join('\n')
}

const FORMS: [name: string, content: string | Buffer][] = [
  ['NDJSON of messages', asMessages(records)],
  ['NDJSON of messages with Windows line ends', asMessages(records).replaceAll('\n', '\r\n')],
  ['NDJSON without a last line feed', lines.trimEnd()],
  ['NDJSON after a byte order mark', `\ufeff${lines}`],
  ['NDJSON with blank lines between', lines.replaceAll('\n', '\n\n \n')],
  ['a JSON array on one line', JSON.stringify(values)],
  ['a pretty-printed JSON array', JSON.stringify(values, undefined, 2)],
  ['an array of messages, each on a line', `[\n${asMessages(records).trimEnd().replaceAll('\n', ',\n')}\n]`],
  ['pretty-printed messages', prettyMessages()],
  [
    'messages, an array and bare records in one file',
    `${asMessages(records.slice(0, half))}[\n${ndjson(records.slice(half, -9)).trimEnd().replaceAll('\n', ',\n')}\n]\n${ndjson(records.slice(-9))}`,
  ],
  ['gzip under the name of a plain file', gzipSync(lines)],
  [
    'gzip of several members',
    Buffer.concat([gzipSync(ndjson(records.slice(0, half))), gzipSync(ndjson(records.slice(half)))]),
  ],
]

describe('the same records give the same alerts', () => {
  it('and the logs of these tests give alerts of five detections', () => {
    expect(new Set(expected.map(({ detection }) => detection)).size).toBeGreaterThanOrEqual(5)
  })

  it.each(FORMS)('as %s', async (_, content) => {
    writeFileSync('form.log', content)
    expect(await alertsOf(['form.log'])).toEqual(expected)
  })

  const bytes = Buffer.from(lines)
  const zipped = gzipSync(lines)
  const STDIN: [name: string, CliOptions][] = [
    ['in one piece', { stdin: [bytes] }],
    ['in two pieces, cut within a record', { stdin: [bytes.subarray(0, 1000), bytes.subarray(1000)] }],
    ['as gzip, whose first byte comes alone', { stdin: [zipped.subarray(0, 1), zipped.subarray(1)] }],
  ]

  it.each(STDIN)('from standard input %s', async (_, options) => {
    expect(await alertsOf(['-'], options)).toEqual(expected)
  })
})

describe('the same files give the same alerts', () => {
  beforeAll(() => {
    mkdirSync('logs/sub', { recursive: true })
    writeFileSync('logs/a.ndjson', ndjson(records.slice(0, half)))
    writeFileSync('logs/sub/b.json.gz', gzipSync(ndjson(records.slice(half))))
    writeFileSync('logs/labels.ndjson', '{"attack":"is the truth, no log"}\n')
    writeFileSync('logs/readme.txt', 'is no log')
  })

  it.each([
    ['their folder', ['logs']],
    ['a pattern', ['logs/**/*.{ndjson,gz}']],
    ['a pattern that names folders', ['log*']],
    ['their names, in any order', ['logs/sub/b.json.gz', 'logs/a.ndjson']],
    [
      'names, folder and pattern at once: each file is read once',
      ['logs/a.ndjson', 'logs', './logs/**/b.*', 'logs'],
    ],
  ])('by %s', async (_, patterns) => {
    expect(await alertsOf(patterns)).toEqual(expected)
  })

  it('when standard input goes on where a file ends', async () => {
    const stdin = [Buffer.from(ndjson(records.slice(half)))]
    expect(await alertsOf(['-', 'logs/a.ndjson'], { stdin })).toEqual(expected)
  })
})
