import { listOf, needed, type SyntaxNode } from '../../syntax.js'
import type { Compiler } from '../compiler.js'
import { convertedTo, unsupported } from '../expressions.js'
import { add, type Long } from '../long.js'
import { type Column, type Names, type Plan, type Row, type Run, scopeOf } from '../model.js'
import { compileScalar } from '../scalars.js'
import { agreed, type Operation, type Operator, resultOf } from './operator.js'
import { typedAs } from './project.js'

const print: Operator = ({ node, names, compiler }: Operation) => {
  const scope = scopeOf([], names)
  const exprs = listOf(node, 'Expressions').map((item) => compileScalar(compiler, item, scope))
  const columns = agreed(node, resultOf(node), exprs.length)
  const typed = typedAs(columns, exprs)
  return { columns, stable: false, rows: (run) => [typed.map((expr) => expr.eval([], run))] }
}

const MOST = 10_000_000

const range: Operator = ({ node, names, compiler }: Operation) => {
  const [column] = resultOf(node)
  const type = column!.type
  const scope = scopeOf([], names)
  const [from, to] = ['From', 'To'].map((part) =>
    convertedTo(compileScalar(compiler, needed(node, part), scope), type),
  )
  const step = compileScalar(compiler, needed(node, 'Step'), scope)
  const plus = type === 'real' ? (a: Long, b: Long) => Number(a) + Number(b) : add
  const rows = (run: Run): Row[] => {
    const [start, end, by] = [from!, to!, step].map((expr) => expr.eval([], run) as Long | null)
    const made: Row[] = []
    if (start == null || end == null || by == null || Number(by) === 0) return made
    for (let at: Long = start; by > 0 ? at <= end : at >= end; at = plus(at, by)) {
      if (made.push([at]) > MOST) return unsupported(node, `A range of more than ${MOST} values`)
    }
    return made
  }
  return { columns: [column!], stable: false, ordered: true, rows }
}

/** `datatable`: rows written out in the query. */
export function datatable(node: SyntaxNode, names: Names, compiler: Compiler): Plan {
  const columns: readonly Column[] = resultOf(node)
  const scope = scopeOf([], names)
  const exprs = listOf(node, 'Values').map((item, at) => {
    const expr = compileScalar(compiler, item, scope)
    return expr.type === 'null' ? expr : convertedTo(expr, columns[at % columns.length]!.type)
  })
  const width = columns.length
  let made: Row[] | undefined
  const rows = (run: Run) => {
    made ??= Array.from({ length: exprs.length / width }, (_, row) =>
      columns.map((_column, at) => exprs[row * width + at]!.eval([], run)),
    )
    return made
  }
  return { columns, stable: true, rows }
}

export const sourceOperators = { PrintOperator: print, RangeOperator: range }
