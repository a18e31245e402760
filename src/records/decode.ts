import { type Buffer, isAscii, isUtf8 } from 'node:buffer'
import { tableOf, tables } from '../tables/index.js'
import { type Reader, rawReader, reader, type Table } from '../tables/table.js'
import { parseJson } from './json.js'
import { type LogRecord, RecordError, type Rejection } from './record.js'
import { HOUR_MS } from './time.js'
import { isNone } from './values.js'

/** A record whose category is understood, with the table that holds it and its event time. */
export interface Decoded {
  readonly table: Table
  readonly record: LogRecord
  /** Milliseconds since 1970; `undefined` where the record has none (it can then be no agent's). */
  readonly eventTime: number | undefined
  readonly index: number
}

/** What a message held. `unknown` counts the records of categories that are passed over. */
export interface DecodedMessage {
  readonly records: readonly Decoded[]
  readonly rejected: readonly Rejection[]
  readonly unknown: readonly string[]
}

/** Bounds on what a message may say of time, in milliseconds since 1970. */
export interface TimeBounds {
  /** Entra has written these logs since about 2010. */
  readonly earliest: number
  readonly latest: number
}

/** From 2007, the oldest time seen in a sample, to a day after `now`: clocks differ, but not by more. */
export function timeBounds(now: number): TimeBounds {
  return { earliest: Date.UTC(2007, 0, 1), latest: now + 24 * HOUR_MS }
}

/**
 * Reads one Event Hubs message body: `{"records":[…]}`, a list of records, or one record. Never throws: what
 * can't be read is returned as a rejection, and one bad record leaves its neighbours alone.
 */
export function decodeMessage(bytes: Buffer, bounds: TimeBounds): DecodedMessage {
  const records: Decoded[] = []
  const rejected: Rejection[] = []
  const unknown: string[] = []
  try {
    const elements = elementsOf(parseJson(decodeText(bytes)))
    for (let index = 0; index < elements.length; index++) {
      decodeElement(elements[index], index, bounds, records, rejected, unknown)
    }
  } catch (error) {
    rejected.push(rejection(error))
  }
  return { records, rejected, unknown }
}

/** What a dead letter says of an error; `at` names the record where it is not the whole message. */
export function rejection(error: unknown, at: Pick<Rejection, 'index' | 'record'> = {}): Rejection {
  if (error instanceof RecordError) return { reason: error.reason, detail: error.message, ...at }
  if (error instanceof RangeError) return { reason: 'too-deep', detail: error.message, ...at }
  return { reason: 'wrong-type', detail: error instanceof Error ? error.message : String(error), ...at }
}

function decodeElement(
  element: unknown,
  index: number,
  bounds: TimeBounds,
  records: Decoded[],
  rejected: Rejection[],
  unknown: string[],
): void {
  try {
    const record = recordOf(element)
    const table = tableOf(record.category)
    if (!table) unknown.push(record.category)
    else records.push({ table, record, eventTime: eventTime(table, record, bounds), index })
  } catch (error) {
    rejected.push(rejection(error, { index, record: element }))
  }
}

/** Plain ASCII, as most records are, is read as Latin-1, which is twice as fast as UTF-8. */
function decodeText(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) throw new RecordError('invalid-utf8', 'the bytes are not UTF-8')
  return bytes.toString('utf8', startsWithMark(bytes) ? 3 : 0)
}

/** A byte order mark, as editors on Windows write it. */
function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function elementsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) {
    throw new RecordError('not-an-object', `a message is an object or a list, got ${nameOf(value)}`)
  }
  const records =
    (value as { records?: unknown; Records?: unknown }).records ?? (value as { Records?: unknown }).Records
  if (records === undefined) return [value]
  if (Array.isArray(records)) return records
  if (typeof records === 'object' && records !== null) return [records]
  throw new RecordError('wrong-type', `records must be a list or an object, got ${nameOf(records)}`)
}

function recordOf(element: unknown): LogRecord {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new RecordError('not-an-object', `a record is an object, got ${nameOf(element)}`)
  }
  const envelope = withUsualKeys(element)
  const category = (envelope as { category?: unknown }).category
  if (typeof category !== 'string' || category === '') {
    throw new RecordError('no-category', `a record names its category in a text, got ${nameOf(category)}`)
  }
  return withProperties(envelope as LogRecord)
}

const USUAL_KEYS = new Map(
  [
    'time',
    'resourceId',
    'operationName',
    'operationVersion',
    'category',
    'tenantId',
    'resultType',
    'resultSignature',
    'resultDescription',
    'durationMs',
    'callerIpAddress',
    'correlationId',
    'identity',
    'level',
    'location',
    'properties',
  ].map((key) => [key.toLowerCase(), key]),
)

const USUAL_SPELLINGS = new Set([...USUAL_KEYS.values(), 'Level'])

/** Some forwarders change the case of the envelope's keys. A key in its usual spelling wins over a variant. */
function withUsualKeys(element: object): object {
  const odd = Object.keys(element).filter((key) => !USUAL_SPELLINGS.has(key))
  if (odd.length === 0) return element
  const variants = odd.flatMap((key) => {
    const usual = USUAL_KEYS.get(key.toLowerCase())
    return usual === undefined ? [] : [[usual, (element as Record<string, unknown>)[key]] as const]
  })
  return { ...Object.fromEntries(variants), ...element }
}

function withProperties(record: LogRecord): LogRecord {
  const { properties } = record as { properties?: unknown }
  if (typeof properties === 'object' && properties !== null && !Array.isArray(properties)) return record
  if (properties === undefined || properties === null) return { ...record, properties: {} }
  const parsed = typeof properties === 'string' ? parseJson(properties) : properties
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return { ...record, properties: parsed as LogRecord['properties'] }
  }
  throw new RecordError('wrong-type', `properties must be an object, got ${nameOf(parsed)}`)
}

interface EventTimeReader {
  readonly time: Reader
  readonly raw: Reader
}

const eventTimeReaders = new Map(
  tables.map((table) => [
    table,
    { time: reader(table, table.eventTime), raw: rawReader(table, table.eventTime) },
  ]),
) satisfies Map<Table, EventTimeReader>

function eventTime(table: Table, record: LogRecord, bounds: TimeBounds): number | undefined {
  const read = eventTimeReaders.get(table)!
  const time = read.time(record) as number | undefined
  if (time === undefined) {
    const raw = read.raw(record)
    if (isNone(raw)) return undefined
    throw new RecordError(
      'wrong-type',
      `${table.eventTime} is not a time: ${JSON.stringify(raw).slice(0, 100)}`,
    )
  }
  if (time >= bounds.earliest && time <= bounds.latest) return time
  throw new RecordError('implausible-time', `${table.eventTime} lies at ${new Date(time).toISOString()}`)
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : value === undefined ? 'nothing' : typeof value
}
