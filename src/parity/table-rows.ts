import { getOrAdd } from '../collections.js'
import type { SourceTable } from '../kql/evaluate/data.js'
import { decodeMessage, timeBounds } from '../records/decode.js'
import type { LogRecord } from '../records/record.js'
import { HOUR_MS } from '../records/time.js'
import type { PieceSource } from '../replay/merge.js'
import { type Reader, reader, type Table } from '../tables/table.js'

/** How the rows of one table are made and kept. */
interface Kept {
  readonly readers: readonly Reader[]
  readonly rows: unknown[][]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/**
 * Records as rows of their Log Analytics tables, with those columns only that some query names: so that weeks of logs
 * fit into memory.
 */
export class TableRows {
  readonly #texts: string | undefined
  readonly #wanted: ReadonlySet<string>
  readonly #kept = new Map<Table, Kept>()
  readonly #hours = new Map<string, Set<number>>()
  readonly #arrivals = new Map<string, Set<number>>()

  /** @param queries - the texts of all queries that will run; every column is kept without. @param tables - the names of the tables they read. */
  constructor(queries: readonly string[] | undefined, tables: Iterable<string>) {
    this.#texts = queries?.join('\n')
    this.#wanted = new Set(tables)
  }

  /** Keeps a record as a row. @param eventTime - milliseconds since 1970. */
  add(table: Table, record: LogRecord, eventTime: number | undefined): void {
    if (!this.#wanted.has(table.name)) return
    const { readers, rows, columns } = getOrAdd(this.#kept, table, () => this.#start(table))
    const row = readers.map((read) => read(record))
    rows.push(row)
    if (eventTime === undefined) return
    getOrAdd(this.#hours, table.name, () => new Set()).add(Math.floor(eventTime / HOUR_MS))
    const exported = row[columns.findIndex(({ name }) => name === 'TimeGenerated')]
    if (typeof exported === 'number') getOrAdd(this.#arrivals, table.name, () => new Set()).add(exported)
  }

  /** The tables, for the evaluator. */
  tables(): Map<string, SourceTable> {
    return new Map(Array.from(this.#kept, ([{ name }, { columns, rows }]) => [name, { columns, rows }]))
  }

  /** The hours of event time in which some of these tables have a row, ascending. */
  hoursOf(tables: readonly string[]): number[] {
    const hours = tables.flatMap((name) => [...(this.#hours.get(name) ?? [])])
    return [...new Set(hours)].sort((a, b) => a - b)
  }

  /** The stretches of so many milliseconds in which some of these tables had a row exported, by number from 1970 on. */
  arrivals(tables: readonly string[], length: number): number[] {
    const times = tables.flatMap((name) => [...(this.#arrivals.get(name) ?? [])])
    const stretches = times.map((time) => Math.floor(time / length))
    return [...new Set(stretches)].sort((a, b) => a - b)
  }

  #start(table: Table): Kept {
    const names = [...table.columns.keys()].filter(
      (name) => this.#texts === undefined || new RegExp(`\\b${name}\\b`).test(this.#texts),
    )
    return {
      readers: names.map((name) => reader(table, name)),
      columns: names.map((name) => ({ name, type: table.columns.get(name)!.type })),
      rows: [],
    }
  }
}

/** Reads all records of some logs as rows. What can't be read is passed over. @param now - milliseconds since 1970. */
export async function readTableRows(
  sources: readonly PieceSource[],
  rows: TableRows,
  now: number,
): Promise<void> {
  const bounds = timeBounds(now)
  for (const source of sources) {
    for await (const pieces of source.pieces()) {
      for (const { bytes, problem } of pieces) {
        if (problem) continue
        for (const { table, record, eventTime } of decodeMessage(bytes, bounds).records)
          rows.add(table, record, eventTime)
      }
    }
  }
}
