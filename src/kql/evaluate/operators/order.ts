import { kindOf, listOf, needed, partOf, type SyntaxNode, textOf } from '../../syntax.js'
import { unsupported } from '../expressions.js'
import { type Expr, type Row, type Run, scopeOf } from '../model.js'
import { countOf } from '../rows.js'
import { compileScalar } from '../scalars.js'
import { type Operation, type Operator, parametersOf } from './operator.js'

interface Order {
  readonly expr: Expr
  readonly descending: boolean
  readonly nullsFirst: boolean
}

function orderOf(node: SyntaxNode, compile: (node: SyntaxNode) => Expr): Order {
  const ordered = kindOf(node) === 'OrderedExpression'
  const clause = ordered ? partOf(node, 'Ordering') : undefined
  const word = clause ? partOf(clause, 'AscOrDescKeyword') : undefined
  const descending = !word || textOf(word) !== 'asc'
  const nulls = clause ? partOf(clause, 'NullsClause') : undefined
  const nullsFirst = nulls ? textOf(needed(nulls, 'FirstOrLastKeyword')) === 'first' : !descending
  const expr = compile(ordered ? needed(node, 'Expression') : node)
  if (expr.type === 'dynamic') return unsupported(node, 'Sorting by a dynamic')
  return { expr, descending, nullsFirst }
}

/** Sorts rows; equal ones stay in their order. */
function sorted(rows: readonly Row[], orders: readonly Order[], run: Run): Row[] {
  const keyed = rows.map((row) => ({ row, keys: orders.map(({ expr }) => expr.eval(row, run)) }))
  keyed.sort((a, b) => {
    for (let at = 0; at < orders.length; at++) {
      const order = compareKeys(a.keys[at], b.keys[at], orders[at]!)
      if (order !== 0) return order
    }
    return 0
  })
  return keyed.map(({ row }) => row)
}

function compareKeys(a: unknown, b: unknown, { descending, nullsFirst }: Order): number {
  if (a === b) return 0
  if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1
  if (Number.isNaN(a) || Number.isNaN(b))
    return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.isNaN(a) === nullsFirst ? -1 : 1
  const less = (a as number) < (b as number)
  return less === descending ? 1 : -1
}

const sort: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const scope = scopeOf(input.columns, names)
  const orders = listOf(node, 'Expressions').map((item) =>
    orderOf(item, (one) => compileScalar(compiler, one, scope)),
  )
  return {
    columns: input.columns,
    stable: input.stable,
    ordered: true,
    rows: (run) => sorted(input.rows(run), orders, run),
  }
}

const top: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const scope = scopeOf(input.columns, names)
  const limit = compileScalar(compiler, needed(node, 'Expression'), scopeOf([], names))
  const order = orderOf(needed(node, 'ByExpression'), (one) => compileScalar(compiler, one, scope))
  return {
    columns: input.columns,
    stable: input.stable,
    ordered: true,
    rows: (run) => sorted(input.rows(run), [order], run).slice(0, countOf(limit, run)),
  }
}

const take: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const limit = compileScalar(compiler, needed(node, 'Expression'), scopeOf([], names))
  return {
    columns: input.columns,
    stable: input.stable,
    ordered: input.ordered ?? false,
    rows: (run) => input.rows(run).slice(0, countOf(limit, run)),
  }
}

export const orderOperators = { SortOperator: sort, TopOperator: top, TakeOperator: take }
