import { kindOf, listOf, literalOf, needed, partOf, type SyntaxNode, textOf, typeOf } from '../syntax.js'
import { call } from './calls.js'
import { binaryOperator, membership } from './comparisons.js'
import type { Compiler } from './compiler.js'
import { constant, located, oncePerRun, over, unsupported } from './expressions.js'
import { json, literal } from './literals.js'
import { subtract } from './long.js'
import type { Expr, Scope } from './model.js'
import { index, path, reference } from './names.js'
import { isTabular, scalarOf, setOf } from './subqueries.js'

/** Compiles a scalar expression. */
export function compileScalar(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const compile = FORMS[kindOf(node)]
  if (compile) return positioned(compile(compiler, node, scope), node)
  const operator = partOf(node, 'Operator')
  if (operator && partOf(node, 'Left')) return positioned(binary(compiler, node, scope), node)
  if (/LiteralExpression$/.test(kindOf(node))) return literal(node)
  return unsupported(node)
}

/** Names the place in the text if working the expression out fails. */
function positioned(expr: Expr, node: SyntaxNode): Expr {
  const evaluate = expr.eval
  if (!CAN_FAIL.has(kindOf(node))) return expr
  return {
    ...expr,
    eval: (row, run) => {
      try {
        return evaluate(row, run)
      } catch (error) {
        throw located(error, node)
      }
    },
  }
}

const CAN_FAIL = new Set(['FunctionCallExpression', 'EqualExpression', 'NotEqualExpression'])

type Form = (compiler: Compiler, node: SyntaxNode, scope: Scope) => Expr

const inner: Form = (compiler, node, scope) => compileScalar(compiler, needed(node, 'Expression'), scope)

const FORMS: Readonly<Record<string, Form>> = {
  ParenthesizedExpression: inner,
  SimpleNamedExpression: inner,
  BracketedExpression: inner,
  NameReference: reference,
  BracketedNameReference: reference,
  PathExpression: path,
  ElementExpression: index,
  FunctionCallExpression: call,
  UnaryMinusExpression: minus,
  UnaryPlusExpression: inner,
  DynamicExpression: (_, node) => constant(json(needed(node, 'Expression')), 'dynamic'),
  TypeOfLiteralExpression: (_, node) => constant(textOf(node), 'type'),
  ToScalarExpression: scalarOf,
  InExpression: inList,
  NotInExpression: inList,
  InCsExpression: inList,
  NotInCsExpression: inList,
  HasAnyExpression: inList,
  HasAllExpression: inList,
  BetweenExpression: between,
  NotBetweenExpression: between,
  CompoundStringLiteralExpression: (_, node) => constant(literalOf(node), 'string'),
}

function minus(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const expr = inner(compiler, node, scope)
  if (expr.type === 'real') return over([expr], 'real', (row, run) => negated(expr.eval(row, run)))
  if (!['int', 'long', 'timespan'].includes(expr.type))
    return unsupported(node, `Minus before a ${expr.type}`)
  return over([expr], expr.type, (row, run) => {
    const value = expr.eval(row, run)
    return value === null ? null : subtract(0, value as number)
  })
}

function negated(value: unknown): number | null {
  return value === null ? null : -(value as number)
}

function binary(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const left = compileScalar(compiler, needed(node, 'Left'), scope)
  const right = compileScalar(compiler, needed(node, 'Right'), scope)
  return binaryOperator(node, left, right, typeOf(node))
}

function between(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const value = compileScalar(compiler, needed(node, 'Left'), scope)
  const couple = needed(node, 'Right')
  const low = compileScalar(compiler, needed(couple, 'First'), scope)
  const end = compileScalar(compiler, needed(couple, 'Second'), scope)
  const high =
    value.type === 'datetime' && end.type === 'timespan' ? binaryOperator('+', low, end, 'datetime') : end
  const above = binaryOperator('>=', value, low, 'bool')
  const below = binaryOperator('<=', value, high, 'bool')
  const negative = kindOf(node) === 'NotBetweenExpression'
  return over([above, below], 'bool', (row, run) => {
    const [from, to] = [above.eval(row, run), below.eval(row, run)]
    if (from === null || to === null) return null
    return (from === true && to === true) !== negative
  })
}

function inList(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const left = compileScalar(compiler, needed(node, 'Left'), scope)
  const nodes = listOf(needed(node, 'Right'), 'Expressions')
  const [first] = nodes
  if (nodes.length === 1 && first && isTabular(first, scope)) {
    return membership(node, left, [setOf(compiler, first, scope)])
  }
  return membership(
    node,
    left,
    nodes.map((item) => oncePerRun(compileScalar(compiler, item, scope), compiler)),
  )
}
