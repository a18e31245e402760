import { type Buffer, isAscii, isUtf8 } from 'node:buffer'
import { tableOf, tables } from '../tables/index.js'
import { type Path, type Reader, rawReader, reader, type Table } from '../tables/table.js'
import { withUsualKeys } from './envelope.js'
import { parseJson } from './json.js'
import { type LogRecord, RecordError, type Rejection } from './record.js'
import type { SelectiveReader } from './selective.js'
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
  /** Whether the records hold the wanted values only. */
  readonly selected: boolean
  readonly records: readonly Decoded[]
  readonly rejected: readonly Rejection[]
  readonly unknown: readonly string[]
}

/** A message whose records are being added. */
interface OpenMessage {
  readonly selected: boolean
  readonly records: Decoded[]
  readonly rejected: Rejection[]
  readonly unknown: string[]
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
 *
 * With a selective reader, the records may hold no more than the values that are wanted, which takes a fraction of
 * the time. A message of which anything is rejected is read whole all the same, as dead letters lose nothing.
 */
export function decodeMessage(
  bytes: Buffer,
  bounds: TimeBounds,
  selective?: SelectiveReader,
): DecodedMessage {
  const elements = selective?.read(bytes)
  const message = elements && decodeElements(elements, bounds, true)
  return message?.rejected.length === 0 ? message : decodeWhole(bytes, bounds)
}

/** The paths of what decoding itself looks at in a record, and of what these readers look at. */
export function pathsOf(readers: readonly Reader[]): readonly Path[] {
  const times = tables.map((table) => rawReader(table, table.eventTime))
  return [['category'], ...[...times, ...readers].flatMap(({ paths }) => paths)]
}

function decodeWhole(bytes: Buffer, bounds: TimeBounds): DecodedMessage {
  try {
    return decodeElements(elementsOf(parseJson(decodeText(bytes))), bounds, false)
  } catch (error) {
    return { selected: false, records: [], rejected: [rejection(error)], unknown: [] }
  }
}

function decodeElements(elements: readonly unknown[], bounds: TimeBounds, selected: boolean): DecodedMessage {
  const message: OpenMessage = { selected, records: [], rejected: [], unknown: [] }
  for (let index = 0; index < elements.length; index++) {
    decodeElement(elements[index], index, bounds, message)
  }
  return message
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
  { selected, records, rejected, unknown }: OpenMessage,
): void {
  try {
    const record = recordOf(element, selected)
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

function recordOf(element: unknown, selected: boolean): LogRecord {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw new RecordError('not-an-object', `a record is an object, got ${nameOf(element)}`)
  }
  const envelope = selected ? element : withUsualKeys(element)
  const category = (envelope as { category?: unknown }).category
  if (typeof category !== 'string' || category === '') {
    throw new RecordError('no-category', `a record names its category in a text, got ${nameOf(category)}`)
  }
  return withProperties(envelope as LogRecord)
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
