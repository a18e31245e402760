import { columnsOf, kindOf, nameOf, needed, type SyntaxNode, symbolOf, typeOf } from '../syntax.js'
import type { Compiler } from './compiler.js'
import { emptyOf } from './convert.js'
import { once, oncePerRun } from './expressions.js'
import type { Expr, Run, Scope } from './model.js'

/** Whether what stands here is a table. */
export function isTabular(node: SyntaxNode, scope: Scope): boolean {
  const plain = kindOf(node) === 'ParenthesizedExpression' ? needed(node, 'Expression') : node
  if (scope.names.get(nameOf(plain))?.kind === 'table' && kindOf(plain) === 'NameReference') return true
  return columnsOf(node) !== undefined && symbolOf(plain)?.kind !== 'column' && typeOf(plain) !== 'dynamic'
}

/** The first column of a table as a list. */
export function setOf(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const plan = compiler.table(node, scope.names)
  const slot = compiler.slot()
  const list = (run: Run) => once(run, slot, () => plan.rows(run).map((row) => row[0]))
  const type = plan.columns[0]!.type
  return { type: `list of ${type}`, eval: (_, run) => list(run), scope: undefined, run: true, window: false }
}

/** `toscalar()`. */
export function scalarOf(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const expression = needed(node, 'Expression')
  if (columnsOf(expression) === undefined) return oncePerRun(compiler.scalar(expression, scope), compiler)
  return firstValue(compiler, expression, scope)
}

/** The first value of a table. */
export function firstValue(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const plan = compiler.table(node, scope.names)
  const slot = compiler.slot()
  const type = plan.columns[0]!.type
  const value = (run: Run) => once(run, slot, () => plan.rows(run)[0]?.[0] ?? emptyOf(type))
  return { type, eval: (_, run) => value(run), scope: undefined, run: true, window: false }
}
