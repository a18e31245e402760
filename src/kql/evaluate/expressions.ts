import {
  calledBody,
  columnsOf,
  kindOf,
  listOf,
  literalOf,
  nameOf,
  needed,
  partOf,
  type SyntaxNode,
  symbolOf,
  textOf,
  typeOf,
} from '../syntax.js'
import { binaryOperator, membership } from './comparisons.js'
import type { Compiler } from './compiler.js'
import { converter, emptyOf } from './convert.js'
import { dynamicNumber, element, member, toDynamic } from './dynamic.js'
import { KqlError } from './errors.js'
import type { Apply, Call } from './functions/define.js'
import { scalarFunctions } from './functions/index.js'
import { parseLong, subtract } from './long.js'
import type { Expr, Row, Run, Scope } from './model.js'
import { parseDatetime, parseTimespan } from './time.js'
import { windowFunctions } from './window.js'

/** Fails for what is not evaluated here. */
export function unsupported(node: SyntaxNode, what = kindOf(node)): never {
  throw new KqlError('unsupported', `${what} is not supported`, node.TextStart)
}

/** An expression with a fixed value. */
export function constant(value: unknown, type: string): Expr {
  return { type, eval: () => value, scope: undefined, run: false, window: false }
}

/** Whether an expression has the same value in every row and run. */
export function isConstant(expr: Expr): boolean {
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

/** The error with a position, if it has none yet. */
export function located(error: unknown, node: SyntaxNode): unknown {
  if (!(error instanceof KqlError) || error.start !== undefined) return error
  return new KqlError(error.code, error.message, node.TextStart, { cause: error })
}

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

/** The value of a literal. */
function literal(node: SyntaxNode): Expr {
  const type = typeOf(node)
  if (type === 'string') return constant(literalOf(node), 'string')
  const text = textOf(node)
    .replace(/^\w+\(([\s\S]*)\)$/, '$1')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
  if (text === 'null') return constant(emptyOf(type), type)
  const value = LITERALS[type]?.(text)
  if (value === undefined) return unsupported(node, `The literal ${textOf(node)}`)
  return constant(value, type)
}

const LITERALS: Readonly<Record<string, (text: string) => unknown>> = {
  long: parseLong,
  int: parseLong,
  real: (text) => converter('string', 'real')(text) ?? undefined,
  bool: (text) => converter('string', 'bool')(text) ?? undefined,
  datetime: (text) => parseDatetime(text) ?? undefined,
  timespan: (text) => parseTimespan(text) ?? undefined,
  guid: (text) => converter('string', 'guid')(text) ?? undefined,
  null: () => null,
}

/** The value of what stands in `dynamic()`. */
function json(node: SyntaxNode): unknown {
  const kind = kindOf(node)
  if (kind === 'JsonArrayExpression') return listOf(node, 'Values').map(json)
  if (kind === 'JsonObjectExpression') {
    return Object.fromEntries(
      listOf(node, 'Pairs').map((pair) => [key(needed(pair, 'Name')), json(needed(pair, 'Value'))]),
    )
  }
  if (kind === 'NullLiteralExpression') return null
  if (kind === 'DynamicExpression') return json(needed(node, 'Expression'))
  if (/^(Long|Int|Real)Literal|^Unary/.test(kind) && /^-?\s*[\d.]/.test(textOf(node))) return numberIn(node)
  const { type, eval: evaluate } = literal(node)
  return toDynamic(evaluate(NO_ROW, NO_RUN), type)
}

function numberIn(node: SyntaxNode): unknown {
  const text = textOf(node).replace(/\s/g, '')
  if (/^-?\d+$/.test(text) && parseLong(text) === undefined) return unsupported(node, `The number ${text}`)
  return dynamicNumber(text)
}

function key(node: SyntaxNode): string {
  return (literalOf(node) as string | undefined) ?? JSON.parse(textOf(node))
}

/** A column, or a name that `let` has given. */
function reference(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
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

/** An expression that reads a column. */
export function columnExpr(index: number, type: string, scope: Scope): Expr {
  return { type, eval: (row) => row[index], scope, run: false, window: false }
}

function path(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const left = needed(node, 'Expression')
  const selector = needed(node, 'Selector')
  const side = { $left: scope.sides?.left, $right: scope.sides?.right }[textOf(left)]
  if (side) return compileScalar(compiler, selector, side)
  const from = compileScalar(compiler, left, scope)
  if (from.type !== 'dynamic') return unsupported(node, `Access to a member of a ${from.type}`)
  const name = kindOf(selector) === 'BracketedExpression' ? undefined : nameOf(selector)
  if (name === undefined) return unsupported(selector)
  return over([from], 'dynamic', (row, run) => member(from.eval(row, run), name))
}

function index(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const from = compileScalar(compiler, needed(node, 'Expression'), scope)
  const at = compileScalar(compiler, needed(node, 'Selector'), scope)
  if (from.type !== 'dynamic') return unsupported(node, `Access to a member of a ${from.type}`)
  return over([from, at], 'dynamic', (row, run) => {
    const [value, where] = [from.eval(row, run), at.eval(row, run)]
    if (typeof where === 'string') return member(value, where)
    return typeof where === 'number' ? element(value, where) : null
  })
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
  if (nodes.length === 1 && first && isTabular(compiler, first, scope)) {
    return membership(node, left, [setOf(compiler, first, scope)])
  }
  return membership(
    node,
    left,
    nodes.map((item) => oncePerRun(compileScalar(compiler, item, scope), compiler)),
  )
}

function isTabular(_: Compiler, node: SyntaxNode, scope: Scope): boolean {
  const plain = kindOf(node) === 'ParenthesizedExpression' ? needed(node, 'Expression') : node
  if (scope.names.get(nameOf(plain))?.kind === 'table' && kindOf(plain) === 'NameReference') return true
  return columnsOf(node) !== undefined && symbolOf(plain)?.kind !== 'column' && typeOf(plain) !== 'dynamic'
}

/** The first column of a table as a list. */
function setOf(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const plan = compiler.table(node, scope.names)
  const slot = compiler.slot()
  const list = (run: Run) => once(run, slot, () => plan.rows(run).map((row) => row[0]))
  const type = plan.columns[0]!.type
  return { type: `list of ${type}`, eval: (_, run) => list(run), scope: undefined, run: true, window: false }
}

function scalarOf(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const expression = needed(node, 'Expression')
  if (columnsOf(expression) === undefined)
    return oncePerRun(compileScalar(compiler, expression, scope), compiler)
  return firstValue(compiler, expression, scope)
}

/** The first value of a table. */
function firstValue(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const plan = compiler.table(node, scope.names)
  const slot = compiler.slot()
  const type = plan.columns[0]!.type
  const value = (run: Run) => once(run, slot, () => plan.rows(run)[0]?.[0] ?? emptyOf(type))
  return { type, eval: (_, run) => value(run), scope: undefined, run: true, window: false }
}

const CONDITIONAL = new Set(['iff', 'iif', 'case'])

function call(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
  const name = nameOf(needed(node, 'Name'))
  const args = listOf(partOf(node, 'ArgumentList'), 'Expressions')
  const binding = scope.names.get(name)
  if (binding?.kind === 'function') return compiler.scalarCall(node, binding, args, scope)
  if (calledBody(node) && !scalarFunctions[name]) return unsupported(node, `The function ${name}()`)
  if (name === 'now' || name === 'ago') return clock(compiler, name, args, scope)
  if (name === 'ingestion_time')
    return reference(compiler, { ...INGESTION, TextStart: node.TextStart } as never, scope)
  if (name === 'pack_all') return packAll(node, args, scope)
  if (name in windowFunctions) {
    return windowFunctions[name]!(
      node,
      args.map((arg) => compileScalar(compiler, arg, scope)),
      compiler,
    )
  }
  if (compiler.isAggregate(name)) {
    if (!scope.aggregate)
      throw new KqlError('syntax', `${name}() is only allowed in summarize`, node.TextStart)
    return scope.aggregate(node)
  }
  const exprs = args.map((arg) => compileScalar(compiler, arg, scope))
  if (CONDITIONAL.has(name)) return conditional(exprs, typeOf(node), node)
  return builtIn(name, node, exprs)
}

const INGESTION = { SimpleName: 'TimeGenerated' }

/** `now()` and `ago()`, which come from the run. */
function clock(compiler: Compiler, name: string, args: readonly SyntaxNode[], scope: Scope): Expr {
  const [by] = args.map((arg) => compileScalar(compiler, arg, scope))
  const now: Expr = {
    type: 'datetime',
    eval: (_, run) => run.now,
    scope: undefined,
    run: true,
    window: false,
  }
  return by ? binaryOperator(name === 'ago' ? '-' : '+', now, by, 'datetime') : now
}

function packAll(node: SyntaxNode, args: readonly SyntaxNode[], scope: Scope): Expr {
  if (args.length > 0) return unsupported(node, 'pack_all() with an argument')
  const columns = [...scope.columns].map(([name, { index: at, type }]) => ({
    name,
    at,
    convert: converter(type, 'dynamic'),
  }))
  const pack = (row: Row) =>
    Object.fromEntries(columns.map(({ name, at, convert }) => [name, convert(row[at])]))
  return { type: 'dynamic', eval: pack, scope, run: false, window: false }
}

/** Leaves unevaluated what is not chosen. A condition that is null is not met. */
function conditional(exprs: readonly Expr[], type: string, node: SyntaxNode): Expr {
  const result = type === 'unknown' ? unsupported(node, 'A choice between values of different types') : type
  const last = exprs.length - 1
  const parts = exprs.map((expr, at) => (at % 2 === 1 || at === last ? convertedTo(expr, result) : expr))
  return over(parts, result, (row, run) => {
    for (let at = 0; at < last; at += 2) {
      if (parts[at]!.eval(row, run) === true) return parts[at + 1]!.eval(row, run)
    }
    return parts[last]!.eval(row, run)
  })
}

/** A call of a function of the table. */
function builtIn(name: string, node: SyntaxNode, args: readonly Expr[]): Expr {
  const definition = Object.hasOwn(scalarFunctions, name) ? scalarFunctions[name] : undefined
  if (!definition) return unsupported(node, `The function ${name}()`)
  const call: Call = {
    types: args.map((arg) => arg.type),
    type: typeOf(node),
    constants: args.map(constantValue),
  }
  const kinds = kindsOf(definition.parameters, args.length, node, name)
  try {
    const parts = args.map((arg, at) => parameter(arg, kinds[at]!))
    return over(parts, call.type, applied(definition.make(call), parts, kinds))
  } catch (error) {
    throw located(error, node)
  }
}

function kindsOf(parameters: string, count: number, node: SyntaxNode, name: string): string[] {
  const kinds = parameters.match(/[a-z][?*]?/g) ?? []
  const repeated = kinds.find((kind) => kind.endsWith('*'))
  if (count > kinds.length && !repeated) return unsupported(node, `${name}() with ${count} arguments`)
  return Array.from({ length: count }, (_, at) => (kinds[at] ?? repeated)![0]!)
}

const KIND_TYPES: Readonly<Record<string, string>> = {
  s: 'string',
  l: 'long',
  r: 'real',
  t: 'datetime',
  p: 'timespan',
  b: 'bool',
  d: 'dynamic',
}

function parameter(arg: Expr, kind: string): Expr {
  const type = KIND_TYPES[kind]
  if (kind === 'n' && arg.type === 'dynamic') return convertedTo(arg, 'real')
  return type === undefined ? arg : convertedTo(arg, type)
}

/** Calls a function with the values of its arguments; null if one that must not be null is. */
function applied(apply: Apply, args: readonly Expr[], kinds: readonly string[]): Expr['eval'] {
  const strict = kinds.map((kind) => !'sda'.includes(kind))
  const call = apply as (...values: unknown[]) => unknown
  const [first] = args
  if (args.length === 1 && first) {
    if (!strict[0]) return (row, run) => call(first.eval(row, run))
    return (row, run) => {
      const value = first.eval(row, run)
      return value === null ? null : call(value)
    }
  }
  return (row, run) => {
    const values: unknown[] = []
    for (let at = 0; at < args.length; at++) {
      const value = args[at]!.eval(row, run)
      if (value === null && strict[at]) return null
      values.push(value)
    }
    return call(...values)
  }
}
