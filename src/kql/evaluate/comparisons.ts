import { kindOf, type SyntaxNode, textOf } from '../syntax.js'
import { converter } from './convert.js'
import { dynamicType, unboxed } from './dynamic.js'
import { KqlError } from './errors.js'
import { constantValue, over, unsupported } from './expressions.js'
import { add, divide, type Long, modulo, multiply, subtract, truncated } from './long.js'
import type { Expr, Row, Run } from './model.js'
import { regex } from './regex.js'
import { folded, has } from './text.js'
import { inRange } from './time.js'

type Compute = (a: never, b: never) => unknown

/** Compiles an operator with two sides, given by its node or its sign. */
export function binaryOperator(operator: SyntaxNode | string, left: Expr, right: Expr, type: string): Expr {
  const sign = typeof operator === 'string' ? operator : textOf(operator.Operator as SyntaxNode)
  try {
    if (sign === 'and' || sign === 'or') return logical(sign, left, right)
    if (sign in ARITHMETIC) return arithmetic(sign, left, right, type)
    if (sign in ORDER) return ordered(sign, left, right)
    if (sign === '==' || sign === '!=' || sign === '<>') return equality(sign === '==', left, right)
    return textual(sign, left, right)
  } catch (error) {
    if (!(error instanceof KqlError) || error.start !== undefined || typeof operator === 'string') throw error
    throw new KqlError(error.code, error.message, operator.TextStart, { cause: error })
  }
}

/** Of three values: what one side decides holds even if the other is null. */
function logical(sign: string, left: Expr, right: Expr): Expr {
  const deciding = sign === 'or'
  return over([left, right], 'bool', (row, run) => {
    const first = left.eval(row, run)
    if (first === deciding) return deciding
    const second = right.eval(row, run)
    if (second === deciding) return deciding
    return first === null || second === null ? null : !deciding
  })
}

const isWhole = (type: string) => type === 'int' || type === 'long'
const isNumber = (type: string) => isWhole(type) || type === 'real'

interface Arithmetic {
  readonly whole: (a: Long, b: Long) => Long | null
  readonly real: (a: number, b: number) => number
}

const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': { whole: add, real: (a, b) => a + b },
  '-': { whole: subtract, real: (a, b) => a - b },
  '*': { whole: multiply, real: (a, b) => a * b },
  '/': { whole: divide, real: (a, b) => a / b },
  '%': { whole: modulo, real: remainder },
}

/** Never negative. */
function remainder(a: number, b: number): number {
  return a - Math.abs(b) * Math.floor(a / Math.abs(b))
}

function arithmetic(sign: string, left: Expr, right: Expr, type: string): Expr {
  if (left.type === 'dynamic' && isNumber(right.type))
    return arithmetic(sign, cast(left, right.type), right, type)
  if (right.type === 'dynamic' && isNumber(left.type))
    return arithmetic(sign, left, cast(right, left.type), type)
  const compute = computation(sign, left.type, right.type)
  if (!compute || type === 'unknown' || type === 'dynamic') {
    throw new KqlError('unsupported', `${left.type} ${sign} ${right.type} is not supported`)
  }
  const result = type === 'int' ? 'long' : type
  const check = type === 'datetime' ? inRange : undefined
  return over([left, right], result, (row, run) => {
    const a = left.eval(row, run)
    if (a === null) return null
    const b = right.eval(row, run)
    if (b === null) return null
    const value = compute(a as never, b as never)
    return check && value !== null ? check(value as Long) : value
  })
}

function cast(expr: Expr, type: string): Expr {
  const convert = converter('dynamic', type)
  return over([expr], type, (row, run) => convert(expr.eval(row, run)))
}

const isTime = (type: string) => type === 'datetime' || type === 'timespan'

function computation(sign: string, left: string, right: string): Compute | undefined {
  const { whole, real } = ARITHMETIC[sign]!
  if (isWhole(left) && isWhole(right)) return whole
  if (isNumber(left) && isNumber(right)) return (a: Long, b: Long) => real(Number(a), Number(b))
  if (isTime(left) && isTime(right)) return timeComputation(sign, left, right)
  if (left === 'timespan' && isNumber(right)) return scaled(sign, right)
  if (right === 'timespan' && isNumber(left) && sign === '*') {
    const compute = scaled(sign, left)
    return compute && ((a: Long, b: Long) => compute(b as never, a as never))
  }
  return undefined
}

function timeComputation(sign: string, left: string, right: string): Compute | undefined {
  if (sign === '-' && (left === 'datetime' || right === 'timespan')) return subtract
  if (sign === '+' && (left === 'timespan' || right === 'timespan')) return add
  if (left !== 'timespan' || right !== 'timespan') return undefined
  if (sign === '/') return (a: Long, b: Long) => Number(a) / Number(b)
  return sign === '%' ? modulo : undefined
}

function scaled(sign: string, type: string): Compute | undefined {
  if (sign === '*') return isWhole(type) ? multiply : (a: Long, b: number) => truncated(Number(a) * b)
  if (sign === '/') return isWhole(type) ? divide : (a: Long, b: number) => truncated(Number(a) / b)
  return undefined
}

const ORDER: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** Comparison by order: null if a side is null. */
function ordered(sign: string, left: Expr, right: Expr): Expr {
  const [first, second] = comparable(left, right)
  const compare = ORDER[sign]!
  return over([first, second], 'bool', (row, run) => {
    const a = first.eval(row, run)
    if (a === null) return null
    const b = second.eval(row, run)
    return b === null ? null : compare(a as never, b as never)
  })
}

const EMPTY_AND_NULL = 'A dynamic without a value is compared with the empty text; convert it with tostring()'

/** Equality: null equals no value, and differs from every one; of two nulls it is not known. */
function equality(equal: boolean, left: Expr, right: Expr): Expr {
  const [first, second] = comparable(left, right)
  return over([first, second], 'bool', (row, run) => {
    const a = first.eval(row, run)
    const b = second.eval(row, run)
    if (a === null || b === null) {
      if (a === b) return null
      if (a === '' || b === '') throw new KqlError('runtime', EMPTY_AND_NULL)
      return !equal
    }
    return same(a, b) === equal
  })
}

/** Whether two values are the same; a long may be a bigint where a real is a number. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  return typeof a === 'bigint' && typeof b === 'number'
    ? Number(a) === b
    : typeof b === 'bigint' && Number(b) === a
}

/** Both sides in types that can be compared. A dynamic is read as what the other side is. */
function comparable(left: Expr, right: Expr): [Expr, Expr] {
  if (left.type === 'dynamic' && right.type === 'dynamic') {
    throw new KqlError('syntax', 'Two dynamics cannot be compared; convert one with tostring() or tolong()')
  }
  if (left.type === 'dynamic') return [asType(left, right.type), right]
  if (right.type === 'dynamic') return [left, asType(right, left.type)]
  if (left.type === right.type || (isNumber(left.type) && isNumber(right.type))) return [left, right]
  if (left.type === 'null' || right.type === 'null') return [left, right]
  throw new KqlError('syntax', `A ${left.type} cannot be compared with a ${right.type}; convert one of them`)
}

/**
 * A dynamic that is compared with a scalar. What lies in it must be of the scalar's kind: how the service compares
 * others is not known here, and a query is clearer with a conversion.
 */
function asType(expr: Expr, type: string): Expr {
  return over([expr], type, (row, run) => {
    const value = expr.eval(row, run)
    if (value === null) return null
    const own = dynamicType(value)
    if (own === type || (isNumber(own) && isNumber(type))) return unboxed(value)
    throw new KqlError('runtime', `A dynamic with a ${own} is compared with a ${type}; convert it first`)
  })
}

type Test = (text: string, sought: string) => boolean

const TESTS: Readonly<Record<string, { readonly test: Test; readonly cased: boolean }>> = {
  '=~': { test: (a, b) => a === b, cased: false },
  has: { test: (a, b) => has(a, b), cased: false },
  hasprefix: { test: (a, b) => has(a, b, true, false), cased: false },
  hassuffix: { test: (a, b) => has(a, b, false, true), cased: false },
  contains: { test: (a, b) => a.includes(b), cased: false },
  startswith: { test: (a, b) => a.startsWith(b), cased: false },
  endswith: { test: (a, b) => a.endsWith(b), cased: false },
}

function testOf(name: string): { readonly test: Test; readonly cased: boolean } | undefined {
  const cased = name.endsWith('_cs')
  const test = TESTS[cased ? name.slice(0, -3) : name]
  return test && { test: test.test, cased }
}

/** Operators over text. */
function textual(sign: string, left: Expr, right: Expr): Expr {
  const negative = sign.startsWith('!')
  const name = sign === '!~' ? '=~' : negative ? sign.slice(1) : sign
  const [text, sought] = [left, right].map(asText) as [Expr, Expr]
  if (/^matches\s+regex$/.test(name)) {
    return over([text, sought], 'bool', (row, run) =>
      regex(sought.eval(row, run) as string).test(text.eval(row, run) as string),
    )
  }
  const found = testOf(name)
  if (!found) throw new KqlError('unsupported', `The operator ${sign} is not supported`)
  return tested(text, sought, found.cased ? found.test : foldedTest(found.test, sought), negative)
}

function tested(text: Expr, sought: Expr, test: Test, negative: boolean): Expr {
  return over(
    [text, sought],
    'bool',
    (row, run) => test(text.eval(row, run) as string, sought.eval(row, run) as string) !== negative,
  )
}

function foldedTest(test: Test, sought: Expr): Test {
  const known = constantValue(sought)
  if (typeof known !== 'string') return (a, b) => test(folded(a), folded(b))
  const lower = folded(known)
  return (a) => test(folded(a), lower)
}

function asText(expr: Expr): Expr {
  if (expr.type === 'string') return expr
  const convert = converter(expr.type, 'string')
  return over([expr], 'string', (row, run) => convert(expr.eval(row, run)))
}

/** `in`, `has_any` and their like: whether a value is among others, or a text holds some or all of them. */
export function membership(node: SyntaxNode, left: Expr, list: readonly Expr[]): Expr {
  const kind = kindOf(node)
  if (kind.startsWith('Has')) return hasSome(kind === 'HasAllExpression', left, list)
  const negative = kind.startsWith('Not')
  const cased = !kind.includes('Cs')
  const type = elementType(list)
  const value = left.type === 'dynamic' && type !== undefined ? asType(left, type) : left
  checkTypes(node, value.type, type)
  const key = cased
    ? (item: unknown) => item
    : (item: unknown) => (typeof item === 'string' ? folded(item) : item)
  const setOf = setOfList(list, key)
  return over([value, ...list], 'bool', (row, run) => {
    const item = value.eval(row, run)
    return (item !== null && setOf(row, run).has(key(item))) !== negative
  })
}

/** The set of a list's values; made anew only if the list has changed. */
function setOfList(list: readonly Expr[], key: (item: unknown) => unknown) {
  let values: readonly unknown[] = []
  let set: ReadonlySet<unknown> | undefined
  return (row: Row, run: Run): ReadonlySet<unknown> => {
    if (set && list.every((item, at) => item.eval(row, run) === values[at])) return set
    values = list.map((item) => item.eval(row, run))
    set = new Set(flattened(values).map(key))
    return set
  }
}

function elementType(list: readonly Expr[]): string | undefined {
  const types = new Set(list.map(({ type }) => type.replace(/^list of /, '')))
  types.delete('dynamic')
  return [...types][0]
}

function checkTypes(node: SyntaxNode, left: string, right: string | undefined): void {
  if (right === undefined || left === right || (isNumber(left) && isNumber(right))) return
  if (left === 'dynamic') unsupported(node, 'A dynamic among dynamics')
  throw new KqlError(
    'syntax',
    `A ${left} cannot be compared with a ${right}; convert one of them`,
    node.TextStart,
  )
}

/** Lists among the values are what is in them. */
function flattened(values: readonly unknown[]): unknown[] {
  return values.flatMap((value) => (Array.isArray(value) ? value.map(unboxed) : [value]))
}

function hasSome(all: boolean, left: Expr, list: readonly Expr[]): Expr {
  const text = asText(left)
  return over([text, ...list], 'bool', (row, run) => {
    const whole = folded(text.eval(row, run) as string)
    const terms = flattened(list.map((item) => item.eval(row, run)))
    const test = (term: unknown) => has(whole, folded(String(term)))
    return all ? terms.every(test) : terms.some(test)
  })
}
