import type { ViewColumnType } from '../views/view.js'
import { parseRange } from './address.js'
import { ALLOWANCES } from './allowance.js'
import type { Allowed, Comparison, Condition, Operator } from './condition.js'

/** Something wrong in a detection, at a path of keys within its YAML. */
export interface Problem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Says of a column name what it holds, or `undefined` if there is no such column. */
export type ColumnTypes = (name: string) => ViewColumnType | undefined

type Path = readonly (string | number)[]

const OPERATORS = new Map<string, { readonly operator: Operator; readonly on: readonly ViewColumnType[] }>([
  ['contains', { operator: 'contains', on: ['string'] }],
  ['startswith', { operator: 'startswith', on: ['string'] }],
  ['endswith', { operator: 'endswith', on: ['string'] }],
  ['cidr', { operator: 'cidr', on: ['string'] }],
  ['exists', { operator: 'exists', on: ['string', 'number'] }],
  ['lt', { operator: 'lt', on: ['number'] }],
  ['lte', { operator: 'lte', on: ['number'] }],
  ['gt', { operator: 'gt', on: ['number'] }],
  ['gte', { operator: 'gte', on: ['number'] }],
])

const TREE = new Set(['all', 'any', 'not'])

/**
 * Reads a `where` in Sigma's notation: a mapping of `Column` or `Column|modifier` to a value or a list of
 * values (any of them), all of which must hold; `all`, `any` and `not` build trees. Reports every problem.
 */
export function parseWhere(
  value: unknown,
  path: Path,
  types: ColumnTypes,
  problems: Problem[],
): Condition | undefined {
  const before = problems.length
  const condition = parseNode(value, path, types, problems)
  return problems.length === before ? condition : undefined
}

function parseNode(
  value: unknown,
  path: Path,
  types: ColumnTypes,
  problems: Problem[],
): Condition | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return report(problems, path, 'a condition is a mapping of columns to values, or of all, any, not')
  }
  const entries = Object.entries(value)
  if (entries.length === 0)
    return report(problems, path, 'an empty condition holds for every row; leave it out')
  const parts = entries.map(([key, inner]) =>
    TREE.has(key)
      ? parseTree(key, inner, [...path, key], types, problems)
      : parseComparison(key, inner, [...path, key], types, problems),
  )
  const known = parts.filter((part) => part !== undefined)
  return known.length === 1 ? known[0] : { type: 'all', of: known }
}

function parseTree(
  key: string,
  value: unknown,
  path: Path,
  types: ColumnTypes,
  problems: Problem[],
): Condition | undefined {
  if (key === 'not') {
    const of = parseNode(value, path, types, problems)
    return of && { type: 'not', of }
  }
  if (!Array.isArray(value) || value.length === 0) {
    return report(problems, path, `${key} takes a list of conditions`)
  }
  const of = value.map((item, index) => parseNode(item, [...path, index], types, problems))
  return { type: key as 'all' | 'any', of: of.filter((item) => item !== undefined) }
}

function parseComparison(
  key: string,
  value: unknown,
  path: Path,
  types: ColumnTypes,
  problems: Problem[],
): Comparison | Allowed | undefined {
  const [column = '', ...modifiers] = key.split('|')
  if (modifiers.join('|') === 'fieldref') return parseAllowed(column, value, path, types, problems)
  const columnType = types(column)
  if (!columnType) return report(problems, path, `there is no column ${column}`)
  const operator = operatorOf(modifiers, columnType, path, problems)
  if (!operator) return undefined
  const list = Array.isArray(value) ? value : [value]
  if (list.length === 0) return report(problems, path, 'an empty list matches nothing')
  const values = list.map((item, index) =>
    checkValue(item, operator, columnType, Array.isArray(value) ? [...path, index] : path, problems),
  )
  const every = modifiers.includes('all')
  return {
    type: 'compare',
    column,
    columnType,
    operator,
    values: values.filter((item) => item !== undefined),
    every,
  }
}

/** `IPAddress|fieldref: agent.networks`: the value stands in a list that the inventory keeps for the agent. */
function parseAllowed(
  column: string,
  value: unknown,
  path: Path,
  types: ColumnTypes,
  problems: Problem[],
): Allowed | undefined {
  const allowance = typeof value === 'string' ? ALLOWANCES.get(value) : undefined
  if (!allowance) return report(problems, path, `fieldref takes one of ${[...ALLOWANCES.keys()].join(', ')}`)
  const field = value as string
  if (allowance.column !== undefined && column !== allowance.column)
    return report(problems, path, `${field} is about ${allowance.column} alone`)
  if (allowance.column === undefined && types(column) !== 'string')
    return report(problems, path, `there is no column ${column} of texts`)
  return { type: 'allowed', column, field }
}

function operatorOf(
  modifiers: readonly string[],
  columnType: ViewColumnType,
  path: Path,
  problems: Problem[],
): Operator | undefined {
  const names = modifiers.filter((modifier) => modifier !== 'all')
  if (names.length === 0) return 'equals'
  const known = OPERATORS.get(names[0]!)
  if (!known || names.length > 1) {
    return report(
      problems,
      path,
      `unknown modifier ${names.join('|')}; known are ${[...OPERATORS.keys()].join(', ')}, fieldref, all`,
    )
  }
  if (known.on.includes(columnType)) return known.operator
  return report(problems, path, `${names[0]} does not apply to a column of type ${columnType}`)
}

function checkValue(
  value: unknown,
  operator: Operator,
  columnType: ViewColumnType,
  path: Path,
  problems: Problem[],
): string | number | boolean | undefined {
  if (operator === 'exists') {
    return typeof value === 'boolean' ? value : report(problems, path, 'exists takes true or false')
  }
  if (columnType === 'number') {
    if (typeof value === 'number' && Number.isFinite(value)) return value
    return report(
      problems,
      path,
      `a column of numbers is compared with a number, got ${JSON.stringify(value)}`,
    )
  }
  if (typeof value !== 'string') {
    return report(problems, path, `a column of texts is compared with a text: quote ${JSON.stringify(value)}`)
  }
  return checkText(value, operator, path, problems)
}

function checkText(value: string, operator: Operator, path: Path, problems: Problem[]): string | undefined {
  if (operator === 'cidr' && !parseRange(value)) return report(problems, path, `${value} is no address range`)
  if (value.includes('*'))
    return report(problems, path, 'wildcards are not known: use |contains, |startswith, |endswith')
  if (value === '' && operator !== 'equals')
    return report(problems, path, `an empty text matches every row with ${operator}`)
  return value
}

function report(problems: Problem[], path: Path, message: string): undefined {
  problems.push({ path, message })
}
