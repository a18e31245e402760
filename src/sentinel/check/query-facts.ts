import { type Analysed, type Diagnostic, language, logAnalyticsTables } from '../../kql/language.js'
import { kindOf, type SyntaxNode, walk } from '../../kql/syntax.js'
import { ALERTS, RISK } from '../../sinks/log-analytics/tables.js'

/** What is known of a query. */
export interface QueryFacts extends Analysed {
  /** Names of tables, functions and databases that are not known here: a workspace may well have them. */
  readonly strangers: readonly Diagnostic[]
  /** The names of the result's columns; nothing where strangers may add some. */
  readonly resultColumns: ReadonlySet<string> | undefined
}

/** Microsoft's codes for names that only a workspace can know: tables, tables of a fuzzy union, databases, functions. */
const STRANGERS = new Set(['KS204', 'KS205', 'KS208', 'KS211'])
/** "Does not refer to any known column, table, variable or function." */
export const UNKNOWN_NAME = 'KS142'

/** The tables that the daemon fills, as queries see them. */
export const customTables = [ALERTS, RISK].map(({ name, columns }) => ({
  name,
  columns: new Map(columns.map((column) => [column.name, column.type])),
}))

const kql = language([...logAnalyticsTables(), ...customTables])
const known = new Map<string, QueryFacts>()

/** Parses and binds a query over the project's tables. The same text is analysed once. */
export function queryFacts(text: string): QueryFacts {
  const facts = known.get(text) ?? factsOf(kql.analyse(text))
  known.set(text, facts)
  return facts
}

function factsOf(analysed: Analysed): QueryFacts {
  const named = namedTables(analysed.root)
  const isStranger = ({ code, start }: Diagnostic) =>
    STRANGERS.has(code) || (code === UNKNOWN_NAME && named.has(start))
  const strangers = analysed.diagnostics.filter(isStranger)
  // Of a stranger that is no table the binder does not know that it may have columns.
  const loose = strangers.some(({ code }) => code !== 'KS204' && code !== 'KS205')
  const diagnostics = analysed.diagnostics.filter(
    (one) => !isStranger(one) && !(loose && one.code === UNKNOWN_NAME),
  )
  const columns = strangers.length > 0 ? undefined : analysed.columns?.map(({ name }) => name)
  return { ...analysed, diagnostics, strangers, resultColumns: columns && new Set(columns) }
}

/** Where `let T = Name` names a table: the binder can't tell what an unknown name there is. */
function namedTables(root: SyntaxNode): ReadonlySet<number> {
  const starts = new Set<number>()
  walk(root, (node) => {
    if (kindOf(node) !== 'LetStatement') return
    const value = node.Expression as SyntaxNode
    if (kindOf(value) === 'NameReference') starts.add(value.TextStart)
  })
  return starts
}
