import { kindOf, nameOf, needed, type SyntaxNode, symbolOf, textOf } from '../syntax.js'
import type { Compiler } from './compiler.js'
import { element, member } from './dynamic.js'
import { columnExpr, over, unsupported } from './expressions.js'
import type { Expr, Scope } from './model.js'
import { firstValue } from './subqueries.js'

/** A column, or a name that `let` has given. */
export function reference(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const name = nameOf(node)
  const column = scope.columns.get(name)
  if (column && symbolOf(node)?.kind !== 'variable') return columnExpr(column.index, column.type, scope)
  const binding = scope.names.get(name)
  if (binding?.kind === 'scalar') return inScope(binding.expr, node, scope)
  if (column) return columnExpr(column.index, column.type, scope)
  if (binding?.kind === 'table') return firstValue(compiler, node, scope)
  return unsupported(node, `The name ${name} in this place`)
}

/** An argument of a function may depend on the row of the caller; a subquery within has other rows. */
function inScope(expr: Expr, node: SyntaxNode, scope: Scope): Expr {
  if (expr.scope === undefined || expr.scope === scope || expr.scope === scope.caller) return expr
  return unsupported(node, `${textOf(node)}, which depends on another table's row,`)
}

/** A member of a dynamic, or a column of one side of a join. */
export function path(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const left = needed(node, 'Expression')
  const selector = needed(node, 'Selector')
  const side = { $left: scope.sides?.left, $right: scope.sides?.right }[textOf(left)]
  if (side) return compiler.scalar(selector, side)
  const from = compiler.scalar(left, scope)
  if (from.type !== 'dynamic') return unsupported(node, `Access to a member of a ${from.type}`)
  const name = kindOf(selector) === 'BracketedExpression' ? undefined : nameOf(selector)
  if (name === undefined) return unsupported(selector)
  return over([from], 'dynamic', (row, run) => member(from.eval(row, run), name))
}

/** A member of a dynamic by its name or place. */
export function index(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const from = compiler.scalar(needed(node, 'Expression'), scope)
  const at = compiler.scalar(needed(node, 'Selector'), scope)
  if (from.type !== 'dynamic') return unsupported(node, `Access to a member of a ${from.type}`)
  return over([from, at], 'dynamic', (row, run) => {
    const [value, where] = [from.eval(row, run), at.eval(row, run)]
    if (typeof where === 'string') return member(value, where)
    return typeof where === 'number' ? element(value, where) : null
  })
}
