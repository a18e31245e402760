import { calledBody, listOf, nameOf, needed, partOf, type SyntaxNode, typeOf } from '../syntax.js'
import { binaryOperator } from './comparisons.js'
import type { Compiler } from './compiler.js'
import { converter } from './convert.js'
import { KqlError } from './errors.js'
import { constantValue, convertedTo, located, over, unsupported } from './expressions.js'
import type { Apply, Call } from './functions/define.js'
import { scalarFunctions } from './functions/index.js'
import type { Expr, Row, Scope } from './model.js'
import { reference } from './names.js'
import { windowFunctions } from './window.js'

const CONDITIONAL = new Set(['iff', 'iif', 'case'])

/** A call: of a function that `let` has given, of the clock, of an aggregate, or of a built-in function. */
export function call(compiler: Compiler, node: SyntaxNode, scope: Scope): Expr {
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
      args.map((arg) => compiler.scalar(arg, scope)),
      compiler,
    )
  }
  if (compiler.isAggregate(name)) {
    if (!scope.aggregate)
      throw new KqlError('syntax', `${name}() is only allowed in summarize`, node.TextStart)
    return scope.aggregate(node)
  }
  const exprs = args.map((arg) => compiler.scalar(arg, scope))
  if (CONDITIONAL.has(name)) return conditional(exprs, typeOf(node), node)
  return builtIn(name, node, exprs)
}

const INGESTION = { SimpleName: 'TimeGenerated' }

/** `now()` and `ago()`, which come from the run. */
function clock(compiler: Compiler, name: string, args: readonly SyntaxNode[], scope: Scope): Expr {
  const [by] = args.map((arg) => compiler.scalar(arg, scope))
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
