import { getOrAdd } from '../collections.js'
import { Data, type SourceTable } from '../kql/evaluate/index.js'
import { logAnalyticsTables, WATCHLIST_COLUMNS } from '../kql/language.js'
import { decodeMessage, timeBounds } from '../records/decode.js'
import { FileSource } from '../sources/files.js'
import { resolveInputs } from '../sources/inputs.js'
import type { Piece } from '../sources/splitter.js'
import { rowMaker, type Table } from '../tables/table.js'
import type { Io } from './io.js'

type Row = Record<string, unknown>

/** What log files hold, as tables that queries can run over. */
export interface ReadData {
  readonly data: Data
  /** How many records could not be read. */
  readonly unreadable: number
  /** Inputs that broke off. */
  readonly failures: readonly string[]
}

/**
 * Reads log files as `agentwarden rows` does, and also files that it wrote: rows with a `Type`.
 * @param watchlists rows of each watchlist, by alias
 */
export async function readData(
  io: Io,
  patterns: string[],
  watchlists: ReadonlyMap<string, readonly Row[]>,
): Promise<ReadData> {
  const collector = new Collector(io.now())
  const failures: string[] = []
  for (const input of await resolveInputs(patterns)) {
    const source = new FileSource(input, { stdin: io.stdin })
    try {
      for await (const pieces of source.pieces()) for (const piece of pieces) collector.take(piece)
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  return { data: new Data(collector.tables(watchlists)), unreadable: collector.unreadable, failures }
}

const known = new Map(logAnalyticsTables().map((table) => [table.name, table]))

class Collector {
  unreadable = 0
  readonly #rows = new Map<string, Row[]>()
  readonly #bounds: ReturnType<typeof timeBounds>
  readonly #makers = new Map<Table, ReturnType<typeof rowMaker>>()

  constructor(now: number) {
    this.#bounds = timeBounds(now)
  }

  take(piece: Piece): void {
    const row = piece.problem === undefined ? bareRow(piece) : undefined
    if (row) this.#add(row.Type as string, row)
    else if (piece.problem) this.unreadable++
    else this.#message(piece)
  }

  #message(piece: Piece): void {
    const { records, rejected } = decodeMessage(piece.bytes, this.#bounds)
    this.unreadable += rejected.length
    for (const { table, record } of records) {
      try {
        this.#add(table.name, getOrAdd(this.#makers, table, () => rowMaker(table))(record))
      } catch {
        // A record of which a column can't be read; `agentwarden rows` says which and why.
        this.unreadable++
      }
    }
  }

  #add(table: string, row: Row): void {
    getOrAdd(this.#rows, table, () => []).push(row)
  }

  tables(watchlists: ReadonlyMap<string, readonly Row[]>): Map<string, SourceTable> {
    const tables = new Map<string, SourceTable>()
    for (const [name, rows] of this.#rows) tables.set(name, sourceTable(known.get(name)!.columns, rows))
    const columns = new Map(WATCHLIST_COLUMNS.map((column) => [column, 'string']))
    for (const [alias, rows] of watchlists)
      tables.set(`_GetWatchlist('${alias}')`, sourceTable(columns, rows))
    return tables
  }
}

function sourceTable(columns: ReadonlyMap<string, string>, rows: readonly Row[]): SourceTable {
  const list = [...columns].map(([name, type]) => ({ name, type }))
  return { columns: list, rows: rows.map((row) => list.map(({ name }) => row[name])) }
}

/** A row as `agentwarden rows` writes it: an object with the name of its table. */
function bareRow({ bytes }: Piece): Row | undefined {
  if (!bytes.includes('"Type":"')) return undefined
  try {
    const row = JSON.parse(bytes.toString('utf8')) as Row
    return typeof row.Type === 'string' && known.has(row.Type) ? row : undefined
  } catch {
    return undefined
  }
}
