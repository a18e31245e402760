import { isUtf8 } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage, pathsOf, timeBounds } from '../../src/records/decode.js'
import { SelectiveReader } from '../../src/records/selective.js'
import { viewReaders } from '../../src/views/index.js'
import { jsonText, recordsAlike } from '../support/json-text.js'
import {
  auditRecord,
  graphCall,
  managedIdentitySignIn,
  servicePrincipalSignIn,
  userSignIn,
} from '../support/records.js'
import { simulatedRecords } from '../support/simulated.js'

const PATHS = pathsOf(viewReaders)
const BOUNDS = timeBounds(Date.UTC(2026, 10, 20, 4))
const newReader = () => new SelectiveReader(PATHS)

type Values = Record<string, unknown>

/** What stands at the wanted paths, as far as a selective reader tells them apart. */
function wantedOf(element: unknown): unknown[] {
  const record = element as Values
  const own = (object: unknown, key: string) =>
    Object.hasOwn(object as object, key) ? (object as Values)[key] : undefined
  return PATHS.map(([first, second]) => {
    const value = own(record, first!)
    return first === 'properties' && value ? own(value, second!) : value
  })
}

function elementsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  const { records } = value as { records?: unknown[] }
  return records ?? [value]
}

/** Fails unless the reader gives up or agrees with `JSON.parse`. True if it does not give up. */
function agrees(reader: SelectiveReader, bytes: Buffer): boolean {
  const read = reader.read(bytes)
  if (read === undefined) return false
  expect(isUtf8(bytes)).toBe(true)
  const parsed = elementsOf(JSON.parse(bytes.toString('utf8')))
  equal(read.map(wantedOf), parsed.map(wantedOf))
  const { records, ...decoded } = decodeMessage(bytes, BOUNDS, newReader())
  const whole = decodeMessage(bytes, BOUNDS)
  equal(decoded, { selected: decoded.selected, rejected: whole.rejected, unknown: whole.unknown })
  equal(records.length, whole.records.length)
  return true
}

/** As `toEqual`, which takes several times as long to find that nothing differs. */
function equal(value: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(value, wanted)) expect(value).toEqual(wanted)
}

const signIn = servicePrincipalSignIn()
const call = graphCall()

describe('a selective reader', () => {
  it.each<[string, unknown, number]>([
    ['an object with a list of records', { records: [signIn, call] }, 2],
    ['a bare list', [signIn, call, signIn], 3],
    ['one record', signIn, 1],
    ['no records', { records: [] }, 0],
    ['an empty list', [], 0],
    ['an empty object', {}, 1],
    ['a record without properties', { category: 'AuditLogs' }, 1],
    ['names of the world', [servicePrincipalSignIn({ servicePrincipalName: 'Zürich 日本 🤖' })], 1],
    ['escapes', [servicePrincipalSignIn({ userAgent: '"\\\n\u0001' }, { identity: '\t' })], 1],
    ['a record too long to be remembered', [servicePrincipalSignIn({ userAgent: 'x'.repeat(100_000) })], 1],
    ['a wanted list', [auditRecord()], 1],
  ])('reads %s', (_, message, count) => {
    const reader = newReader()
    for (const text of [JSON.stringify(message), JSON.stringify(message, null, 2)]) {
      const bytes = Buffer.from(text)
      expect(reader.read(bytes)).toHaveLength(count)
      expect(agrees(reader, bytes)).toBe(true)
    }
  })

  const text = JSON.stringify(signIn)
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a number', '7'],
    ['a list of numbers', '[1]'],
    ['what follows a message', `${text} 1`],
    ['a message cut short', text.slice(0, -1)],
    ['a byte order mark', `\ufeff${text}`],
    ['bytes that are no UTF-8', Buffer.from(text.replace('invoice', 'Zürich'), 'latin1')],
    ['records that are one object', `{"records":${text}}`],
    ['records beside something else', `{"records":[${text}],"more":1}`],
    ['records behind something else', `{"more":1,"records":[${text}]}`],
    ['records with a capital R', `{"Records":[${text}]}`],
    ['records with an escape', `{"\\u0072ecords":[${text}]}`],
    ['a key of the envelope in another case', text.replace('"location"', '"LOCATION"')],
    ['a key with an escape', text.replace('"appId"', '"\\u0061ppId"')],
    ['a key with other letters', text.replace('"appId"', '"äppId"')],
    ['a wanted key twice', text.replace('"appId"', '"appId":1,"appId"')],
    ['properties twice', text.replace('"category"', '"properties":{},"category"')],
    ['properties as a text', JSON.stringify({ ...signIn, properties: JSON.stringify(signIn.properties) })],
    ['properties that are null', JSON.stringify({ ...signIn, properties: null })],
    ['nesting too deep', text.replace('"appId"', `"deep":${deep(61)},"appId"`)],
    ['a control character in a text', text.replace('Stockholm', 'Stock\tholm')],
    ['a number with a leading zero', text.replace('3301', '03301')],
  ])('leaves %s to the parser', (_, message) => {
    const reader = newReader()
    const bytes = Buffer.from(message)
    expect(reader.read(bytes)).toBeUndefined()
    reader.read(Buffer.from(text))
    expect(reader.read(bytes)).toBeUndefined()
  })

  it.each<[string, string, string]>([
    ['a number that goes on', '"durationMs":0', '"durationMs":0.5e3'],
    ['a number that ends earlier', '3301', '33'],
    ['another sort of value', '"ipAddress":"203.0.113.7"', '"ipAddress":null'],
    ['an object that is empty', '{"errorCode":0}', '{}'],
    ['a text with quotes', 'invoice-agent', 'the \\"agent\\"'],
    ['a text that is longer', 'Microsoft Graph', 'Microsoft Graph, and more of it'],
    ['the last value', '"autonomousSystemNumber":3301', '"autonomousSystemNumber":3301,"agent":7'],
    [
      'a name of keys as value',
      '"conditionalAccessStatus":"notApplied"',
      '"conditionalAccessStatus":"id\\":\\"x"',
    ],
  ])('reads a record that differs from the one before in %s', (_, from, to) => {
    const reader = newReader()
    const changed = text.replace(from, to)
    expect(changed).not.toBe(text)
    for (const one of [text, changed, text, changed]) agrees(reader, Buffer.from(one))
  })

  it.each(['__proto__', 'constructor', 'toString'])('does not mind the key %s', (key) => {
    const inner = text.replace('"properties":{', `"properties":{"${key}":{"polluted":"yes"},`)
    const reader = newReader()
    const [record] = reader.read(Buffer.from(inner.replace('{', `{"${key}":{"polluted":"yes"},`)))!
    expect([record!.polluted, record!.properties!.polluted, ({} as Values).polluted]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('does not let one record change another', () => {
    const reader = newReader()
    const others = servicePrincipalSignIn(
      { id: 'other', agent: { agentType: 'agentIdentity' } },
      { location: 'NL' },
    )
    const records = reader.read(Buffer.from(JSON.stringify([signIn, others, signIn])))!
    expect(records.map(wantedOf)).toEqual(
      [signIn, others, signIn].map((one) => wantedOf(JSON.parse(JSON.stringify(one)))),
    )
  })
})

describe('a selective reader gives up or agrees with JSON.parse', () => {
  it('whatever the text', () => {
    const reader = newReader()
    let read = 0
    fc.assert(
      fc.property(jsonText, (text) => {
        read += Number(agrees(reader, Buffer.from(text)))
      }),
      { numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(100)
  })

  it('whatever comes after a record that is much the same', () => {
    let read = 0
    fc.assert(
      fc.property(recordsAlike, (texts) => {
        const reader = newReader()
        for (const text of texts) read += Number(agrees(reader, Buffer.from(text)))
        agrees(newReader(), Buffer.from(`[${texts.join(',')}]`))
      }),
      { numRuns: 1_000 },
    )
    expect(read).toBeGreaterThan(500)
  })

  it('wherever a usual message is damaged', () => {
    const samples = [
      ...[signIn, call, auditRecord(), userSignIn(), managedIdentitySignIn()].map((one) =>
        JSON.stringify(one),
      ),
      ...simulatedRecords()
        .filter((_, index) => index % 97 === 0)
        .map(({ text }) => text),
    ]
    const reader = newReader()
    let read = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(damage, { minLength: 1, maxLength: 2 }),
        (text, damages) => {
          const bytes = damages.reduce<Buffer>((whole, hurt) => hurt(whole), Buffer.from(text))
          agrees(reader, Buffer.from(text))
          read += Number(agrees(reader, bytes))
          agrees(newReader(), Buffer.from(`{"records":[${text},${bytes}]}`))
        },
      ),
      { numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(500)
  })
})

/** Puts some bytes in the place of others. */
const damage = fc
  .record({
    place: fc.nat(9_999),
    length: fc.constantFrom(0, 1, 1, 2, 3),
    instead: fc.oneof(
      fc
        .constantFrom(
          '',
          '"',
          '\\',
          ',',
          ':',
          '{',
          '}',
          '[',
          ']',
          '0',
          '-',
          'e',
          '.',
          ' ',
          'a',
          '\\u00e9',
          '\u0001',
          'é',
        )
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ minLength: 1, maxLength: 1 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('7', 'x', 'Y', '00', 'zz').map((text) => Buffer.from(text)),
    ),
  })
  .map(({ place, length, instead }) => (bytes: Buffer): Buffer => {
    const at = Math.floor((place / 10_000) * bytes.length)
    return Buffer.concat([bytes.subarray(0, at), instead, bytes.subarray(at + length)])
  })
