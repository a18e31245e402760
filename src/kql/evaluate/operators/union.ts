import { kindOf, listOf, type SyntaxNode, symbolOf } from '../../syntax.js'
import { emptyOf } from '../convert.js'
import { KqlError } from '../errors.js'
import { columnExpr, constant, unsupported } from '../expressions.js'
import { type Column, type Plan, type Row, type Run, scopeOf } from '../model.js'
import { mapped } from '../rows.js'
import { type Operation, type Operator, parametersOf, resultOf } from './operator.js'

/** `union`: rows of all tables. With `isfuzzy=true`, a table that does not exist is left out. */
const union: Operator = ({ node, input, names, compiler }: Operation) => {
  const parameters = parametersOf(node, ['kind', 'withsource', 'isfuzzy'])
  const fuzzy = parameters.get('isfuzzy') === 'true'
  const source = parameters.get('withsource')
  const columns = resultOf(node)
  const plans = listOf(node, 'Expressions')
    .filter((leg) => !(fuzzy && isUnknown(leg)))
    .map((leg) => compiler.table(leg, names))
  const legs = input.columns.length === 0 && plans.length > 0 && isSource(input) ? plans : [input, ...plans]
  const mappedLegs = legs.map((leg, at) => aligned(leg, columns, source, leg.name ?? `union_arg${at}`, node))
  return joinedLegs(mappedLegs, fuzzy)
}

/** The rows of all legs; further steps over single rows are taken leg by leg. */
function joinedLegs(plans: readonly Plan[], fuzzy: boolean): Plan {
  return {
    columns: plans[0]!.columns,
    stable: plans.every(({ stable }) => stable),
    rows: (run) => appended(plans.map((leg) => rowsOf(leg, fuzzy, run))),
    legs: { plans, join: (others) => joinedLegs(others, fuzzy) },
  }
}

/** The rows of all parts; of a single part with rows itself, since they are many and asked for each hour. */
function appended(parts: readonly (readonly Row[])[]): readonly Row[] {
  const [first = [], ...others] = parts.filter(({ length }) => length > 0)
  return others.length === 0 ? first : first.concat(...others)
}

const isSource = (plan: Plan) => plan.name === '(none)'

/** A leg that names a table which the language does not know. */
function isUnknown(node: SyntaxNode): boolean {
  if (kindOf(node) === 'NameReference') return symbolOf(node) === undefined
  return kindOf(node) === 'ParenthesizedExpression' && isUnknownSource(node.Expression as SyntaxNode)
}

function isUnknownSource(node: SyntaxNode): boolean {
  if (kindOf(node) === 'PipeExpression') return isUnknownSource(node.Expression as SyntaxNode)
  return isUnknown(node)
}

function rowsOf(leg: Plan, fuzzy: boolean, run: Run) {
  try {
    return leg.rows(run)
  } catch (error) {
    if (fuzzy && error instanceof KqlError && error.code === 'no-table') return []
    throw error
  }
}

/** A leg with the columns of the result; those that it has not are empty. */
function aligned(
  leg: Plan,
  columns: readonly Column[],
  source: string | undefined,
  name: string,
  node: SyntaxNode,
): Plan {
  const scope = scopeOf(leg.columns, undefined as never)
  const used = new Set<number>()
  const origins = columns.map((column) => {
    const exact = leg.columns.findIndex((own) => own.name === column.name && own.type === column.type)
    const split = leg.columns.findIndex(
      (own) => `${own.name}_${own.type}` === column.name && own.type === column.type,
    )
    const at = exact >= 0 ? exact : split
    if (at >= 0) used.add(at)
    return at
  })
  const exprs = columns.map((column, at) => {
    if (column.name === source && origins[at]! < 0) return constant(name, 'string')
    return origins[at]! < 0
      ? constant(emptyOf(column.type), column.type)
      : columnExpr(origins[at]!, column.type, scope)
  })
  if (columns.length === leg.columns.length && origins.every((at, index) => at === index))
    return { ...leg, columns }
  if (source !== undefined && origins[0]! >= 0)
    return unsupported(node, 'A source column that a table has already')
  return mapped(leg, columns, exprs, origins)
}

export const unionOperators = { UnionOperator: union }
