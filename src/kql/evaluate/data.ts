import { type Convert, converter, emptyOf } from './convert.js'
import { toDynamic } from './dynamic.js'
import { KqlError } from './errors.js'
import type { Column, Row } from './model.js'
import { fromMs, parseDatetime, type Ticks } from './time.js'

/** Rows as they come from outside: each an array in the order of the columns. */
export interface SourceTable {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly unknown[])[]
}

/**
 * The tables that queries run over. Kept over many runs: values are converted once, when a table is first asked
 * for, and indexes by time are built once a column.
 *
 * Values: text, numbers, truth values; times as ISO text, milliseconds since 1970 or a Date; dynamics as what JSON
 * gives. null and undefined are no value. The watchlist of an alias is the table `_GetWatchlist('alias')`.
 */
export class Data {
  readonly #sources: ReadonlyMap<string, SourceTable>
  readonly #tables = new Map<string, StoredTable>()

  constructor(tables: ReadonlyMap<string, SourceTable>) {
    this.#sources = tables
  }

  /** Whether there is such a table, if only an empty one. */
  has(name: string): boolean {
    return this.#sources.has(name)
  }

  /**
   * A table with just these columns, in this order; a column that the data have not is empty.
   * @throws KqlError `no-table`
   */
  table(name: string, columns: readonly Column[]): StoredTable {
    const key = name + signatureOf(columns)
    const known = this.#tables.get(key)
    if (known) return known
    const source = this.#sources.get(name)
    if (!source) throw new KqlError('no-table', `The data have no table ${name}`)
    const table = new StoredTable(rowsOf(source, columns))
    this.#tables.set(key, table)
    return table
  }
}

const signatures = new WeakMap<readonly Column[], string>()

/** The columns as text: queries may be prepared for different versions of a table. */
function signatureOf(columns: readonly Column[]): string {
  let signature = signatures.get(columns)
  if (signature === undefined) {
    signature = `(${columns.map(({ name, type }) => `${name}:${type}`).join()})`
    signatures.set(columns, signature)
  }
  return signature
}

function rowsOf(source: SourceTable, columns: readonly Column[]): Row[] {
  const indexes = columns.map(({ name }) => source.columns.findIndex((column) => column.name === name))
  const loaders = columns.map(({ type }) => loader(type))
  return source.rows.map((row) =>
    columns.map((_, column) => loaders[column]!(indexes[column]! < 0 ? null : row[indexes[column]!])),
  )
}

/** The conversion of values from outside to those of a type. */
function loader(type: string): Convert {
  const convert = { datetime: loadTime, dynamic: loadDynamic }[type] ?? ((value) => loadScalar(value, type))
  return (value) => (value === null || value === undefined ? emptyOf(type) : convert(value))
}

function loadTime(value: unknown): Ticks | null {
  if (typeof value === 'number') return fromMs(value)
  if (value instanceof Date) return fromMs(value.getTime())
  return typeof value === 'string' ? (parseDatetime(value) ?? null) : null
}

function loadDynamic(value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'number') return value
  return typeof value === 'number' ? toDynamic(value, Number.isInteger(value) ? 'long' : 'real') : value
}

function loadScalar(value: unknown, type: string): unknown {
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value)
  const from = { number: 'real', boolean: 'bool', bigint: 'long', string: 'string' }[typeof value as string]
  return from === undefined ? null : converter(from, type)(value)
}

/** The rows of one table, and its indexes. */
export class StoredTable {
  readonly rows: readonly Row[]
  readonly #indexes = new Map<number, TimeIndex>()

  constructor(rows: readonly Row[]) {
    this.rows = rows
  }

  /** The places of the rows whose time in a column lies within the limits, in the table's order. */
  between(column: number, bounds: Bounds): Uint32Array {
    let index = this.#indexes.get(column)
    if (!index) {
      index = new TimeIndex(this.rows, column)
      this.#indexes.set(column, index)
    }
    return index.between(bounds)
  }
}

/** Limits of a time; a limit that is undefined does not limit. */
export interface Bounds {
  readonly from: Ticks | undefined
  readonly to: Ticks | undefined
  /** Whether the limits themselves are within. */
  readonly fromIncluded: boolean
  readonly toIncluded: boolean
}

/** The places of a table's rows by the time in one column. Rows without a time lie in no range. */
class TimeIndex {
  readonly #times: readonly Ticks[]
  readonly #places: Uint32Array
  readonly #inOrder: boolean

  constructor(rows: readonly Row[], column: number) {
    const time = (place: number) => rows[place]![column] as Ticks | null
    const places = Uint32Array.from(rows.keys()).filter((place) => time(place) !== null)
    places.sort((a, b) => {
      const [left, right] = [time(a)!, time(b)!]
      return left < right ? -1 : left > right ? 1 : a - b
    })
    this.#places = places
    this.#times = Array.from(places, (place) => time(place)!)
    this.#inOrder = places.every((place, at) => at === 0 || places[at - 1]! < place)
  }

  between({ from, to, fromIncluded, toIncluded }: Bounds): Uint32Array {
    const start = from === undefined ? 0 : this.#first(from, !fromIncluded)
    const end = to === undefined ? this.#times.length : this.#first(to, toIncluded)
    if (start >= end) return new Uint32Array()
    return this.#inOrder ? this.#places.subarray(start, end) : this.#places.slice(start, end).sort()
  }

  /** The first place with this time or a later one; with `after`, a later one only. */
  #first(time: Ticks, after: boolean): number {
    let [low, high] = [0, this.#times.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const value = this.#times[middle]!
      if (value < time || (after && value === time)) low = middle + 1
      else high = middle
    }
    return low
  }
}
