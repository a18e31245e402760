import { ADDED_BY_LOG_ANALYTICS } from '../tables/define.js'
import { tables as projectTables } from '../tables/index.js'
import { enumerate, library } from './library.js'
import { columnList, columnsOf, type KqlColumn, kindOf, listOf, type SyntaxNode, walk } from './syntax.js'

/** A table that queries may name. */
export interface KqlTable {
  readonly name: string
  /** KQL type of each column: string, int, long, real, bool, datetime, timespan, dynamic, guid. */
  readonly columns: ReadonlyMap<string, string>
}

/** What Microsoft's parser or binder has to say about a query. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'suggestion' | 'information'
  /** Microsoft's code, as `KS142`. */
  readonly code: string
  readonly message: string
  /** Where it starts, in UTF-16 units from the start of the text. */
  readonly start: number
  readonly length: number
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1. */
  readonly column: number
}

/** A query that has been parsed and bound. */
export interface Analysed {
  readonly text: string
  readonly root: SyntaxNode
  readonly diagnostics: readonly Diagnostic[]
  /** The columns of the result; nothing if it is not a table. */
  readonly columns: readonly KqlColumn[] | undefined
}

/** KQL over a set of tables. */
export interface Language {
  readonly tables: readonly KqlTable[]
  /** Parses and binds a query. Never throws for what the query says: that is in the diagnostics. */
  analyse(text: string): Analysed
}

/** The columns of the inventory's watchlist, all of them text. */
export const WATCHLIST_COLUMNS: readonly string[] = [
  'id',
  'app_id',
  'name',
  'owner',
  'sponsor',
  'tier',
  'status',
  'hours',
  'networks',
  'resources',
  'SearchKey',
]

interface RawDiagnostic {
  readonly Severity: string
  readonly Code: string
  readonly Message: string
  readonly Start: number
  readonly Length: number
}

interface RawCode {
  readonly Syntax: SyntaxNode
  readonly ResultType: { readonly Columns?: unknown } | null
  GetDiagnostics(): unknown
}

/** The project's tables as queries see them: with the columns that Log Analytics adds. */
export function logAnalyticsTables(): KqlTable[] {
  return projectTables.map(({ name, columns }) => {
    const added = ADDED_BY_LOG_ANALYTICS.map((column) => [column, addedType(column)] as const)
    const own = [...columns].map(([column, { type }]) => [column, type] as const)
    return { name, columns: new Map([...added, ...own]) }
  })
}

function addedType(column: string): string {
  return column === '_BilledSize' ? 'real' : 'string'
}

/**
 * KQL over these tables and `_GetWatchlist(alias)`.
 *
 * @example language(logAnalyticsTables()).analyse('SigninLogs | where Nope == 1').diagnostics[0].code // 'KS142'
 */
export function language(tables: readonly KqlTable[]): Language {
  let globals: unknown
  return {
    tables,
    analyse(text) {
      globals ??= globalsOf(tables)
      const code = library().Kusto.Language.KustoCode.ParseAndAnalyze(text, globals) as RawCode
      return analysed(text, code)
    },
  }
}

function globalsOf(tables: readonly KqlTable[]): unknown {
  const { Symbols, GlobalState } = library().Kusto.Language
  const symbols = tables.map(
    ({ name, columns }) => new Symbols.TableSymbol.$ctor7(name, schema(columns), null),
  )
  const watchlist = schema(new Map(WATCHLIST_COLUMNS.map((column) => [column, 'string'])))
  const lookup = ['_GetWatchlist', '(alias: string)', `{ datatable${watchlist}[] }`, null]
  const database = new Symbols.DatabaseSymbol.ctor('workspace', [
    ...symbols,
    new Symbols.FunctionSymbol.$ctor16(...lookup),
  ])
  return GlobalState.Default.WithCluster(new Symbols.ClusterSymbol.ctor('cluster', [database])).WithDatabase(
    database,
  )
}

function schema(columns: ReadonlyMap<string, string>): string {
  return `(${[...columns].map(([name, type]) => `['${name}']: ${type}`).join(', ')})`
}

function analysed(text: string, code: RawCode): Analysed {
  const ignored = openBodies(code.Syntax)
  const position = positions(text)
  const diagnostics = enumerate<RawDiagnostic>(code.GetDiagnostics())
    .filter(({ Start }) => !ignored.some(([from, to]) => Start >= from && Start < to))
    .map((raw) => ({
      severity: raw.Severity.toLowerCase() as Diagnostic['severity'],
      code: raw.Code,
      message: raw.Message,
      start: raw.Start,
      length: raw.Length,
      ...position(raw.Start),
    }))
  return { text, root: code.Syntax, diagnostics, columns: resultColumns(code) }
}

function resultColumns(code: RawCode): KqlColumn[] | undefined {
  const columns = code.ResultType?.Columns
  return columns ? columnList(columns) : columnsOf(code.Syntax)
}

/**
 * Bodies of functions with a parameter of any schema, `(T: (*))`. Their columns are known at a call only; in the
 * declaration the binder calls each of them unknown, which the service doesn't.
 */
function openBodies(root: SyntaxNode): [number, number][] {
  const found: [number, number][] = []
  walk(root, (node) => {
    if (kindOf(node) !== 'FunctionDeclaration') return
    const parameters = listOf(node.Parameters as SyntaxNode, 'Parameters')
    if (!parameters.some((parameter) => /\(\s*\*\s*\)/.test(parameter.toString()))) return
    const body = node.Body as SyntaxNode
    found.push([body.TextStart, body.End])
  })
  return found
}

/** Turns an offset into a line and a column, both counted from 1. */
export function positions(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let line = starts.length
    while (line > 1 && starts[line - 1]! > offset) line--
    return { line, column: offset - starts[line - 1]! + 1 }
  }
}
