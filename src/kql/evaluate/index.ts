import type { Language } from '../language.js'
import { Compiler } from './compiler.js'
import type { Data } from './data.js'
import { Boxed } from './dynamic.js'
import { KqlError } from './errors.js'
import { formatDatetime, formatTimespan, fromMs, parseDatetime, type Ticks } from './time.js'

export { Data, type SourceTable } from './data.js'
export { KqlError, type KqlErrorCode } from './errors.js'

/** What a query gives. */
export interface Table {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /**
   * Values by column type: times and timespans as KQL prints them, whole numbers as numbers and beyond 2^53 as
   * bigints, dynamics as plain JavaScript values, null for none (never in a text).
   */
  readonly rows: readonly (readonly unknown[])[]
}

export interface RunOptions {
  /** What `now()` gives: milliseconds since 1970, a Date, or ISO text. */
  readonly now: number | Date | string
}

/** A query ready to be run, over any data and any number of times. */
export interface Prepared {
  readonly columns: Table['columns']
  /** @throws KqlError `no-table`, `runtime` */
  run(data: Data, options: RunOptions): Table
}

/**
 * Parses, binds and compiles a query.
 * @throws KqlError `syntax`, `unsupported`
 *
 * @example prepare('print a = 1 + 1', language([])).run(new Data(new Map()), { now: 0 }).rows // [[2]]
 */
export function prepare(text: string, language: Language): Prepared {
  const { root, diagnostics } = language.analyse(text)
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (error) throw new KqlError('syntax', `${error.message} (${error.code})`, error.start).at(text)
  const plan = placed(text, () => new Compiler(language).query(root))
  const { columns } = plan
  const outward = columns.map(({ type }) => outside(type))
  return {
    columns,
    run: (data, { now }) =>
      placed(text, () => {
        const rows = plan.rows({ data, now: ticksOf(now), slots: [], rows: [], index: 0 })
        return { columns, rows: rows.map((row) => row.map((value, at) => outward[at]!(value))) }
      }),
  }
}

function placed<T>(text: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof KqlError ? error.at(text) : error
  }
}

function ticksOf(now: RunOptions['now']): Ticks {
  if (typeof now === 'number') return fromMs(now)
  if (now instanceof Date) return fromMs(now.getTime())
  const ticks = parseDatetime(now)
  if (ticks === null || ticks === undefined) throw new KqlError('runtime', `Not a time: ${now}`)
  return ticks
}

function outside(type: string): (value: unknown) => unknown {
  const format = { datetime: formatDatetime, timespan: formatTimespan }[type]
  if (format) return (value) => (value === null ? null : format(value as Ticks))
  return type === 'dynamic' ? plain : (value) => value
}

/** A dynamic without boxes; of times and timespans in it, their text. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Boxed) return boxed(value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

function boxed({ type, value }: Boxed): unknown {
  if (type === 'real') return value
  return type === 'datetime' ? formatDatetime(value) : formatTimespan(value)
}
