import { type LogRecord, RecordError } from '../records/record.js'
import * as values from '../records/values.js'

/** Column types of Log Analytics that Entra's tables use. */
export type ColumnType = 'string' | 'int' | 'long' | 'real' | 'bool' | 'datetime' | 'dynamic'

/**
 * One column and where its value stands in the record: paths of keys from the record's root
 * (`properties.ipAddress`); the first that has a value counts.
 */
export interface Column {
  readonly type: ColumnType
  readonly from: readonly Path[]
}

/** A Log Analytics table: which category fills it and which record value fills which column. */
export interface Table {
  readonly name: string
  /** Diagnostic category as the record's envelope names it, in lower case. */
  readonly category: string
  readonly columns: ReadonlyMap<string, Column>
  /** The column with the event time (not the time of export). */
  readonly eventTime: string
  /** The columns that identify an event, so that a second delivery is known as such. */
  readonly id: readonly string[]
  /** Id of Microsoft Sentinel's data connector that fills it; `undefined` of what Sentinel writes itself. */
  readonly connector: string | undefined
}

/** Where a value stands: keys from the record's root on. */
export type Path = readonly string[]

/** Takes one value out of a record. Times are milliseconds since 1970, `undefined` is none. */
export interface Reader<T = unknown> {
  (record: LogRecord): T
  /** All that it looks at: a record may come without anything that no reader looks at. */
  readonly paths: readonly Path[]
}

type Read<T> = (record: LogRecord) => T

/** Reads a column that no record fills. */
export const NOTHING: Reader<undefined> = readerOf([], () => undefined)

const converters: Record<ColumnType, (value: unknown) => unknown> = {
  string: values.text,
  int: values.integer,
  long: values.integer,
  real: values.real,
  bool: values.bool,
  datetime: values.time,
  dynamic: values.dynamic,
}

/** Reads a column as the table holds it. @throws Error if the table has no such column. */
export function reader(table: Table, name: string): Reader {
  const raw = rawReader(table, name)
  const convert = converters[columnOf(table, name).type]
  return readerOf(raw.paths, (record) => convert(raw(record)))
}

/** Reads the record's own value behind a column, whatever its type. */
export function rawReader(table: Table, name: string): Reader {
  const { from } = columnOf(table, name)
  const [only, ...others] = from.map(pathReader)
  if (!only) return NOTHING
  if (others.length === 0) return readerOf(from, only)
  const all = [only, ...others]
  return readerOf(from, (record) => firstValue(all, record))
}

/**
 * Reads a text column that holds a plain value, an id or a name; nothing else may stand there.
 * @throws RecordError `wrong-type` when reading an object or a list.
 */
export function plainText(table: Table, name: string): Reader<string | undefined> {
  const raw = rawReader(table, name)
  return readerOf(raw.paths, (record) => {
    const value = raw(record)
    if (typeof value === 'object' && value !== null) {
      throw new RecordError(
        'wrong-type',
        `${name} must be a text, got ${JSON.stringify(value).slice(0, 100)}`,
      )
    }
    return values.text(value)
  })
}

/** Reads one member of a column that holds an object, without the rest of it. */
export function memberReader(table: Table, name: string, key: string): Reader {
  const [only, ...others] = columnOf(table, name).from.map((path) => [...path, key])
  if (only === undefined || others.length > 0) throw new Error(`${name} does not stand in one place`)
  return readerOf([only], pathReader(only))
}

/** Largest value of a column of type `int`. */
const MAX_INT = 2 ** 31 - 1

/**
 * Reads a column of type `int` that counts something.
 * @throws RecordError `wrong-type` when reading anything but a whole number from 0 to 2^31 - 1, or its text.
 */
export function amount(table: Table, name: string): Reader<number | undefined> {
  const raw = rawReader(table, name)
  return readerOf(raw.paths, (record) => {
    const value = raw(record)
    if (values.isNone(value)) return undefined
    const number = values.real(value)
    if (Number.isInteger(number) && number! >= 0 && number! <= MAX_INT) return number
    throw new RecordError(
      'wrong-type',
      `${name} must be a whole number from 0 to 2^31 - 1, got ${JSON.stringify(value).slice(0, 100)}`,
    )
  })
}

/** Prepares turning records into rows as the table holds them: every filled column, times as ISO text. */
export function rowMaker(table: Table): Read<Record<string, unknown>> {
  const readers = [...table.columns].map(([name, { type }]) => ({ name, type, read: reader(table, name) }))
  return (record) => {
    const row: Record<string, unknown> = {}
    for (const { name, type, read } of readers) {
      const value = read(record)
      if (value === undefined) continue
      row[name] = type === 'datetime' ? new Date(value as number).toISOString() : value
    }
    return { ...row, Type: table.name }
  }
}

function readerOf<T>(paths: readonly Path[], read: Read<T>): Reader<T> {
  return Object.assign(read, { paths })
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name)
  if (!column) throw new Error(`${table.name} has no column ${name}`)
  return column
}

function firstValue(readers: readonly Read<unknown>[], record: LogRecord): unknown {
  for (const read of readers) {
    const value = read(record)
    if (!values.isNone(value)) return value
  }
  return undefined
}

function pathReader(path: Path): Read<unknown> {
  const [first, second, ...rest] = path
  if (first === 'properties' && second !== undefined && rest.length === 0) {
    return (record) => record.properties[second]
  }
  if (first !== undefined && second === undefined) return (record) => record[first]
  return (record) => path.reduce<unknown>(values.member, record)
}
