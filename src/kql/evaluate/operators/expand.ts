import { kindOf, listOf, nameOf, needed, partOf, type SyntaxNode, textOf, walk } from '../../syntax.js'
import { converter } from '../convert.js'
import { Boxed } from '../dynamic.js'
import { unsupported } from '../expressions.js'
import { type Column, type Expr, type Plan, type Row, type Run, type Scope, scopeOf } from '../model.js'
import { countOf } from '../rows.js'
import { compileScalar } from '../scalars.js'
import { type Operation, type Operator, parametersOf, resultOf } from './operator.js'

/** A list that becomes rows: its expression, and which column of the result takes its items. */
interface Expansion {
  readonly expr: Expr
  readonly column: number
  readonly convert: (value: unknown) => unknown
}

interface Expanding {
  readonly columns: readonly Column[]
  readonly expansions: readonly Expansion[]
  readonly index: number
  readonly asArrays: boolean
  readonly width: number
}

/** Rows of one row: one for each item of its lists. A list that is null or no list is a single item. */
function expanded(row: Row, { columns, expansions, index, asArrays, width }: Expanding, run: Run): Row[] {
  const lists = expansions.map(({ expr }) => itemsOf(expr.eval(row, run), asArrays))
  const length = Math.max(...lists.map((list) => list.length))
  return Array.from({ length }, (_, at) => {
    const made: unknown[] = columns.map((_column, column) => (column < width ? row[column] : null))
    expansions.forEach(({ column, convert }, which) => {
      made[column] = convert(lists[which]![at] ?? null)
    })
    if (index >= 0) made[index] = at
    return made
  })
}

function itemsOf(value: unknown, asArrays: boolean): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null || value instanceof Boxed) return [value]
  return Object.entries(value).map(([key, inner]) => (asArrays ? [key, inner] : { [key]: inner }))
}

function expansionOf(
  node: SyntaxNode,
  columns: readonly Column[],
  compile: (node: SyntaxNode) => Expr,
): Expansion {
  const value = needed(node, 'Expression')
  const expr = compile(value)
  if (expr.type !== 'dynamic') return unsupported(node, `Expanding a ${expr.type}`)
  const column = columns.findIndex(({ name }) => name === columnName(value))
  if (column < 0) return unsupported(node, 'Expanding what has no name')
  return { expr, column, convert: converter('dynamic', columns[column]!.type) }
}

function columnName(node: SyntaxNode): string {
  if (kindOf(node) === 'SimpleNamedExpression') return nameOf(needed(node, 'Name'))
  return kindOf(node) === 'PathExpression' ? textOf(node).replaceAll('.', '_') : nameOf(node)
}

function expandingOf(
  { node, input, names, compiler }: Operation,
  columns: readonly Column[],
  items: string,
): Expanding {
  const parameters = parametersOf(node, ['with_itemindex', 'bagexpansion', 'kind'])
  const scope: Scope = scopeOf(input.columns, names)
  const expansions = listOf(node, items).map((item) =>
    expansionOf(item, columns, (one) => compileScalar(compiler, one, scope)),
  )
  const index = columns.findIndex(({ name }) => name === parameters.get('with_itemindex'))
  const asArrays = (parameters.get('bagexpansion') ?? parameters.get('kind')) === 'array'
  return { columns, expansions, index, asArrays, width: input.columns.length }
}

const mvExpand: Operator = (operation: Operation) => {
  const { node, input, names, compiler } = operation
  const columns = resultOf(node)
  const expanding = expandingOf(operation, columns, 'Expressions')
  const clause = partOf(node, 'RowLimitClause')
  const limit = clause && compileScalar(compiler, needed(clause, 'RowLimit'), scopeOf([], names))
  return {
    columns,
    stable: false,
    ordered: input.ordered ?? false,
    rows(run) {
      const most = limit ? countOf(limit, run) : Number.POSITIVE_INFINITY
      return input.rows(run).flatMap((row) => expanded(row, expanding, run).slice(0, most))
    },
  }
}

/** `mv-apply`: a subquery over the rows that each row becomes; its result beside the row's other columns. */
const mvApply: Operator = (operation: Operation) => {
  const { node, input, names, compiler } = operation
  if (partOf(node, 'ContextIdClause') || partOf(node, 'RowLimitClause'))
    return unsupported(node, 'This form of mv-apply')
  walk(needed(node, 'Subquery'), (part) => {
    if (kindOf(part) === 'AsOperator') unsupported(part, 'as within mv-apply')
  })
  const inner = applied(operation)
  const expanding = expandingOf(operation, inner, 'Expressions')
  let current: readonly Row[] = []
  const source: Plan = { columns: inner, stable: false, ordered: true, rows: () => current }
  const subquery = compiler.pipe(needed(needed(node, 'Subquery'), 'Expression'), source, names)
  const columns = resultOf(node)
  const from = columns.map(({ name }) => placeOf(name, input, inner, expanding, subquery, node))
  return {
    columns,
    stable: false,
    rows: (run) =>
      input.rows(run).flatMap((row) => {
        current = expanded(row, expanding, run)
        return subquery.rows(run).map((made) => from.map(({ own, at }) => (own ? made[at] : row[at])))
      }),
  }
}

/** The columns that the subquery sees: those of the input, expanded ones in their new type, and new ones. */
function applied({ node, input }: Operation): Column[] {
  const columns = [...input.columns]
  const put = (column: Column) => {
    const at = columns.findIndex(({ name }) => name === column.name)
    if (at < 0) columns.push(column)
    else columns[at] = column
  }
  for (const item of listOf(node, 'Expressions')) {
    const clause = partOf(item, 'ToTypeOf')
    const type = clause
      ? textOf(needed(clause, 'TypeOf')).replace(/^typeof\s*\(\s*(\w+)\s*\)$/, '$1')
      : 'dynamic'
    put({ name: columnName(needed(item, 'Expression')), type: { double: 'real' }[type] ?? type })
  }
  const index = parametersOf(node, ['with_itemindex']).get('with_itemindex')
  if (index !== undefined) put({ name: index, type: 'long' })
  return columns
}

/** Where a column of the result comes from: the subquery, or the row that was expanded. */
function placeOf(
  name: string,
  input: Plan,
  inner: readonly Column[],
  expanding: Expanding,
  subquery: Plan,
  node: SyntaxNode,
) {
  const made = subquery.columns.findIndex((column) => column.name === name)
  const outer = input.columns.findIndex((column) => column.name === name)
  const isExpanded = expanding.expansions.some(({ column }) => inner[column]!.name === name)
  if (outer >= 0 && !isExpanded) {
    if (made >= 0 && !sameColumn(subquery, made, inner))
      return unsupported(node, `mv-apply with two columns ${name}`)
    return { own: false, at: outer }
  }
  return made >= 0 ? { own: true, at: made } : unsupported(node, `mv-apply without a column ${name}`)
}

/** Whether the subquery hands on a column of the rows it was given. */
function sameColumn(subquery: Plan, at: number, inner: readonly Column[]): boolean {
  const column = subquery.columns[at]!
  return (
    inner.some(({ name, type }) => name === column.name && type === column.type) &&
    subquery.columns.length >= inner.length
  )
}

export const expandOperators = { MvExpandOperator: mvExpand, MvApplyOperator: mvApply }
