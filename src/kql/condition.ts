import { parseRange } from '../where/address.js'
import type { Comparison, Condition, Operator } from '../where/condition.js'
import { allowedText } from './allowance.js'
import { literal, literals } from './text.js'

/**
 * A condition as a KQL predicate that is never null, so that `not` means the same as in the streaming engine.
 * @param nameOf - the KQL column of a condition's column; columns of the inventory have a dot in their name.
 */
export function conditionText(condition: Condition, nameOf: (column: string) => string = kqlName): string {
  if (condition.type === 'compare') return comparisonText(condition, nameOf(condition.column))
  if (condition.type === 'allowed') return allowedText(nameOf(condition.column), condition.field)
  if (condition.type === 'not') return `not(${conditionText(condition.of, nameOf)})`
  const word = condition.type === 'all' ? ' and ' : ' or '
  return condition.of.map((part) => partText(part, condition.type, nameOf)).join(word)
}

/** The conditions that must all hold, each to stand in a `where` of its own. */
export function conjuncts(condition: Condition): readonly Condition[] {
  return condition.type === 'all' ? condition.of.flatMap(conjuncts) : [condition]
}

/** `agent.owner` is no name in KQL; the inventory's columns are called `Agent_owner` there. */
function kqlName(column: string): string {
  return column.startsWith('agent.') ? `Agent_${column.slice('agent.'.length)}` : column
}

function partText(part: Condition, within: 'all' | 'any', nameOf: (column: string) => string): string {
  const text = conditionText(part, nameOf)
  const isList = part.type === 'all' || part.type === 'any'
  const isSeveral = part.type === 'compare' && part.values.length > 1 && !isMembership(part)
  return (isList && part.type !== within) || isSeveral ? `(${text})` : text
}

function isMembership({ operator, every }: Comparison): boolean {
  return operator === 'equals' && !every
}

function comparisonText(comparison: Comparison, name: string): string {
  const { operator, values, every, columnType } = comparison
  if (isMembership(comparison) && values.length > 1) {
    return `${name} ${columnType === 'string' ? 'in~' : 'in'} (${literals(values)})`
  }
  return values.map((value) => TEXTS[operator](name, value, columnType)).join(every ? ' and ' : ' or ')
}

type Text = (name: string, value: string | number | boolean, type: Comparison['columnType']) => string

const binary =
  (operator: string): Text =>
  (name, value) =>
    `${name} ${operator} ${literal(value)}`

/** A null compared is null, and `not` of it too; so nulls are said to be false. */
const number =
  (operator: string): Text =>
  (name, value) =>
    `(isnotnull(${name}) and ${name} ${operator} ${literal(value)})`

const TEXTS: Record<Operator, Text> = {
  equals: (name, value, type) => `${name} ${type === 'string' ? '=~' : '=='} ${literal(value)}`,
  contains: binary('contains'),
  startswith: binary('startswith'),
  endswith: binary('endswith'),
  cidr: (name, value) => cidr(name, String(value)),
  exists: (name, value, type) => exists(name, value === true, type),
  lt: number('<'),
  lte: number('<='),
  gt: number('>'),
  gte: number('>='),
}

function exists(name: string, wanted: boolean, type: Comparison['columnType']): string {
  if (type === 'string') return `${wanted ? 'isnotempty' : 'isempty'}(${name})`
  return `${wanted ? 'isnotnull' : 'isnull'}(${name})`
}

function cidr(name: string, range: string): string {
  const family = parseRange(range)?.address.bits === 128 ? 'ipv6' : 'ipv4'
  return `coalesce(${family}_is_in_range(${name}, ${literal(range)}), false)`
}
