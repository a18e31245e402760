import { kindOf, needed, type SyntaxNode } from '../../syntax.js'
import { binaryOperator } from '../comparisons.js'
import type { Expr, Scope } from '../model.js'
import { scopeOf } from '../model.js'
import { type Limit, type LimitTest, narrowed } from '../rows.js'
import { compileScalar } from '../scalars.js'
import { type Operation, type Operator, parametersOf } from './operator.js'

/** `where`: conditions on times narrow the scan of a table down, others are tested row by row. */
const where: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const scope = scopeOf(input.columns, names)
  const [limits, rest] = [[] as LimitTest[], [] as Expr[]]
  for (const part of conjuncts(needed(node, 'Condition'))) {
    const found = limitsOf(part, scope, (one) => compileScalar(compiler, one, scope))
    if (found.length > 0) limits.push(...found)
    else rest.push(compileScalar(compiler, part, scope))
  }
  return narrowed(input, limits, rest, compiler)
}

/** The parts of a condition that must all hold. */
function conjuncts(node: SyntaxNode): SyntaxNode[] {
  const kind = kindOf(node)
  if (kind === 'ParenthesizedExpression') return conjuncts(needed(node, 'Expression'))
  if (kind !== 'AndExpression') return [node]
  return [...conjuncts(needed(node, 'Left')), ...conjuncts(needed(node, 'Right'))]
}

const SIGNS: Readonly<Record<string, Limit['sign']>> = {
  LessThanExpression: '<',
  LessThanOrEqualExpression: '<=',
  GreaterThanExpression: '>',
  GreaterThanOrEqualExpression: '>=',
}

const FLIPPED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** The limits that a condition sets to a time, if that is all it says. */
function limitsOf(
  node: SyntaxNode,
  scope: Scope,
  compile: (node: SyntaxNode) => Expr,
): { limit: Limit; expr: Expr }[] {
  const kind = kindOf(node)
  if (kind === 'BetweenExpression') return betweenLimits(node, scope, compile)
  const sign = SIGNS[kind]
  if (!sign) return []
  const [left, right] = [needed(node, 'Left'), needed(node, 'Right')]
  const found =
    limitOf(left, sign, compile(right), scope, compile) ??
    limitOf(right, FLIPPED[sign], compile(left), scope, compile)
  return found ? [found] : []
}

function limitOf(
  node: SyntaxNode,
  sign: Limit['sign'],
  value: Expr,
  scope: Scope,
  compile: (node: SyntaxNode) => Expr,
) {
  if (kindOf(node) !== 'NameReference') return undefined
  const column = scope.columns.get(node.SimpleName as string)
  if (column?.type !== 'datetime' || value.type !== 'datetime') return undefined
  if (value.scope !== undefined || value.window) return undefined
  const time = compile(node)
  if (time.scope !== scope) return undefined
  return { limit: { column: column.index, sign, value }, expr: binaryOperator(sign, time, value, 'bool') }
}

function betweenLimits(node: SyntaxNode, scope: Scope, compile: (node: SyntaxNode) => Expr) {
  const couple = needed(node, 'Right')
  const [low, end] = [compile(needed(couple, 'First')), compile(needed(couple, 'Second'))]
  const high = end.type === 'timespan' ? binaryOperator('+', low, end, 'datetime') : end
  const left = needed(node, 'Left')
  const found = [limitOf(left, '>=', low, scope, compile), limitOf(left, '<=', high, scope, compile)]
  return found.includes(undefined) ? [] : found.map((one) => one!)
}

export const whereOperators = { FilterOperator: where }
