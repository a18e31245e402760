import { kindOf, type SyntaxNode } from '../syntax.js'
import type { Compiler } from './compiler.js'
import { converter } from './convert.js'
import { KqlError } from './errors.js'
import type { Expr, Row, Run, Scope } from './model.js'

/** Fails for what is not evaluated here. */
export function unsupported(node: SyntaxNode, what = kindOf(node)): never {
  throw new KqlError('unsupported', `${what} is not supported`, node.TextStart)
}

/** An expression with a fixed value. */
export function constant(value: unknown, type: string): Expr {
  return { type, eval: () => value, scope: undefined, run: false, window: false }
}

/** Whether an expression has the same value in every row and run. */
function isConstant(expr: Expr): boolean {
  return expr.scope === undefined && !expr.run && !expr.window
}

/** An expression over others: it depends on what they depend on. */
export function over(parts: readonly Expr[], type: string, evaluate: Expr['eval']): Expr {
  const scopes = new Set(parts.map(({ scope }) => scope).filter((scope) => scope !== undefined))
  if (scopes.size > 1)
    throw new KqlError('unsupported', 'An expression over the rows of two tables is not supported')
  const expr = {
    type,
    eval: evaluate,
    scope: [...scopes][0],
    run: parts.some(({ run }) => run),
    window: parts.some(({ window }) => window),
  }
  return isConstant(expr) ? lazily(expr) : expr
}

/** Works a constant out once, when it is first needed. */
function lazily(expr: Expr): Expr {
  let known = false
  let value: unknown
  return {
    ...expr,
    eval: (row, run) => {
      if (!known) {
        value = expr.eval(row, run)
        known = true
      }
      return value
    },
  }
}

/** Works an expression that no row changes out once a run. */
export function oncePerRun(expr: Expr, compiler: Compiler): Expr {
  if (expr.scope !== undefined || expr.window || !expr.run) return expr
  const slot = compiler.slot()
  return { ...expr, eval: (row, run) => once(run, slot, () => expr.eval(row, run)) }
}

/** What stands in a slot of the run, worked out when first asked for. */
export function once<T>(run: Run, slot: number, work: () => T): T {
  const known = run.slots[slot] as { value: T } | undefined
  if (known) return known.value
  const value = work()
  run.slots[slot] = { value }
  return value
}

const NO_ROW: Row = []
const NO_RUN = { slots: [], rows: [], index: 0 } as unknown as Run

/** The value of a constant expression; undefined if it is none. */
export function constantValue(expr: Expr): unknown {
  return isConstant(expr) ? expr.eval(NO_ROW, NO_RUN) : undefined
}

/** The same expression, converted to a type. */
export function convertedTo(expr: Expr, type: string): Expr {
  if (expr.type === type) return expr
  const convert = converter(expr.type, type)
  return over([expr], type, (row, run) => convert(expr.eval(row, run)))
}

/** An expression that reads a column. */
export function columnExpr(index: number, type: string, scope: Scope): Expr {
  return { type, eval: (row) => row[index], scope, run: false, window: false }
}

/** The error with a position, if it has none yet. */
export function located(error: unknown, node: SyntaxNode): unknown {
  if (!(error instanceof KqlError) || error.start !== undefined) return error
  return new KqlError(error.code, error.message, node.TextStart, { cause: error })
}
