import type { ViewRow, ViewValue } from '../views/view.js'
import { inRange, parseAddress, parseRange } from './address.js'
import { isAllowed } from './allowance.js'
import type { Comparison, Condition } from './condition.js'

/** Says whether a row satisfies a condition. Pure. */
export type Predicate = (row: ViewRow) => boolean

type Test = (value: ViewValue) => boolean

/**
 * Turns a condition into a function. A column without a value equals the empty text, and satisfies no other
 * comparison; `not` is true wherever its condition is false.
 */
export function predicate(condition: Condition): Predicate {
  if (condition.type === 'not') {
    const inner = predicate(condition.of)
    return (row) => !inner(row)
  }
  if (condition.type === 'compare') return comparison(condition)
  if (condition.type === 'allowed') return isAllowed(condition)
  const parts = condition.of.map(predicate)
  return condition.type === 'all' ? allOf(parts) : anyOf(parts)
}

/** Written out, as are those below: `every` and `some` take twice as long. */
function allOf(parts: readonly Predicate[]): Predicate {
  return (row) => {
    for (const part of parts) if (!part(row)) return false
    return true
  }
}

function anyOf(parts: readonly Predicate[]): Predicate {
  return (row) => {
    for (const part of parts) if (part(row)) return true
    return false
  }
}

function comparison({ column, values, every, operator }: Comparison): Predicate {
  if (operator === 'equals' && !every && values.length > 1) return equalsAny(column, values)
  const tests = values.map((value) => TESTS[operator](value))
  const [only] = tests
  if (only && tests.length === 1) return (row) => only(row[column])
  const on =
    (test: Test): Predicate =>
    (row) =>
      test(row[column])
  return every ? allOf(tests.map(on)) : anyOf(tests.map(on))
}

const TESTS: Record<Comparison['operator'], (value: string | number | boolean) => Test> = {
  equals: (wanted) => (typeof wanted === 'string' ? equalText(wanted) : (value) => value === wanted),
  contains: (wanted) => folded(wanted, (text, part) => text.includes(part)),
  startswith: (wanted) => folded(wanted, (text, part) => text.startsWith(part)),
  endswith: (wanted) => folded(wanted, (text, part) => text.endsWith(part)),
  cidr: (wanted) => inCidr(String(wanted)),
  exists: (wanted) => (value) => (value !== undefined) === wanted,
  lt: (wanted) => number((value) => value < Number(wanted)),
  lte: (wanted) => number((value) => value <= Number(wanted)),
  gt: (wanted) => number((value) => value > Number(wanted)),
  gte: (wanted) => number((value) => value >= Number(wanted)),
}

function equalText(wanted: string): Test {
  const small = wanted.toLowerCase()
  const mayBe = ofLengthOf([small])
  return (value) => {
    if (value === wanted) return true
    if (value === undefined) return wanted === ''
    return typeof value === 'string' && mayBe(value) && value.toLowerCase() === small
  }
}

function equalsAny(column: string, values: readonly (string | number | boolean)[]): Predicate {
  const wanted: ReadonlySet<unknown> = new Set(values.map(folding))
  const mayBe = ofLengthOf(values.filter((value) => typeof value === 'string').map(folding))
  return (row) => {
    const value = row[column] ?? ''
    return typeof value === 'string' ? mayBe(value) && wanted.has(value.toLowerCase()) : wanted.has(value)
  }
}

function folding<Value>(value: Value): Value | string {
  return typeof value === 'string' ? value.toLowerCase() : value
}

/**
 * Tells most texts that can't equal any of these, case ignored, without folding them. No letter outside ASCII becomes
 * more or fewer letters of ASCII.
 */
function ofLengthOf(small: readonly string[]): (text: string) => boolean {
  if (!small.every(isAscii)) return () => true
  const lengths = new Set(small.map(({ length }) => length))
  return ({ length }) => lengths.has(length)
}

function isAscii(text: string): boolean {
  return Array.from(text).every((letter) => letter < '\u0080')
}

function folded(wanted: string | number | boolean, test: (text: string, part: string) => boolean): Test {
  const part = String(wanted).toLowerCase()
  return (value) => typeof value === 'string' && test(value.toLowerCase(), part)
}

function number(test: (value: number) => boolean): Test {
  return (value) => typeof value === 'number' && test(value)
}

function inCidr(text: string): Test {
  const range = parseRange(text)!
  return (value) => {
    const address = typeof value === 'string' ? parseAddress(value) : undefined
    return address !== undefined && inRange(address, range)
  }
}
