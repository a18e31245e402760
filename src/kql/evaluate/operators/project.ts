import { kindOf, listOf, nameOf, needed, type SyntaxNode } from '../../syntax.js'
import { columnExpr, convertedTo, unsupported } from '../expressions.js'
import { type Column, type Expr, type Plan, type Scope, scopeOf } from '../model.js'
import { mapped } from '../rows.js'
import { compileScalar } from '../scalars.js'
import { agreed, type Operation, type Operator, parametersOf, resultOf } from './operator.js'

/** The name that an expression gives its column, if it says one. */
function givenName(node: SyntaxNode): string | undefined {
  const kind = kindOf(node)
  if (kind === 'SimpleNamedExpression') return nameOf(needed(node, 'Name'))
  return kind === 'NameReference' ? nameOf(node) : undefined
}

/** Chooses columns of the input by their positions. */
export function chosen(
  input: Plan,
  columns: readonly Column[],
  positions: readonly number[],
  scope: Scope,
): Plan {
  const exprs = positions.map((at) => columnExpr(at, input.columns[at]!.type, scope))
  return { ...mapped(input, columns, exprs, positions), ordered: input.ordered ?? false }
}

const project: Operator = ({ node, input, names, compiler }: Operation) => {
  const scope = scopeOf(input.columns, names)
  const nodes = listOf(node, 'Expressions')
  const exprs = nodes.map((item) => compileScalar(compiler, item, scope))
  const columns = agreed(node, resultOf(node), exprs.length)
  return mapped(input, columns, typedAs(columns, exprs), originsOf(nodes, input.columns))
}

/** Expressions in the types of their columns. */
export function typedAs(columns: readonly Column[], exprs: readonly Expr[]): Expr[] {
  return exprs.map((expr, at) => (expr.type === 'null' ? expr : convertedTo(expr, columns[at]!.type)))
}

function originsOf(nodes: readonly SyntaxNode[], columns: readonly Column[]): number[] {
  return nodes.map((item) => {
    const value = kindOf(item) === 'SimpleNamedExpression' ? needed(item, 'Expression') : item
    return kindOf(value) === 'NameReference' ? columns.findIndex(({ name }) => name === nameOf(value)) : -1
  })
}

/** `extend` and `serialize`: a new column at the end, or another value for one that there is. */
const extend: Operator = (operation: Operation) => {
  const { node, names, compiler } = operation
  parametersOf(node, [])
  const serialized = kindOf(node) === 'SerializeOperator'
  const input: Plan = serialized ? { ...operation.input, ordered: true } : operation.input
  const scope = scopeOf(input.columns, names)
  const columns = resultOf(node)
  const nodes = listOf(node, 'Expressions')
  const given = new Set(nodes.map(givenName))
  const unnamed = columns.slice(input.columns.length).filter(({ name }) => !given.has(name))
  const exprs = columns.map((_, at) =>
    at < input.columns.length ? columnExpr(at, input.columns[at]!.type, scope) : undefined,
  )
  const origins = columns.map((_, at) => (at < input.columns.length ? at : -1))
  for (const item of nodes) {
    const name = givenName(item) ?? unnamed.shift()?.name
    const at = columns.findIndex((column) => column.name === name)
    if (at < 0) return unsupported(item)
    exprs[at] = compileScalar(compiler, item, scope)
    origins[at] = -1
  }
  if (exprs.includes(undefined)) return unsupported(node)
  return mapped(input, columns, typedAs(columns, exprs as Expr[]), origins)
}

/** `project-away`, `-keep`, `-reorder`: the binder says which columns are left in which order. */
const byBinder: Operator = ({ node, input, names }: Operation) => {
  const columns = resultOf(node)
  const positions = columns.map(({ name }) => input.columns.findIndex((column) => column.name === name))
  if (positions.includes(-1)) return unsupported(node)
  return chosen(input, columns, positions, scopeOf(input.columns, names))
}

const rename: Operator = ({ node, input, names }: Operation) => {
  const renamed = new Map(
    listOf(node, 'Expressions').map((item) => [
      nameOf(needed(item, 'Name')),
      nameOf(needed(item, 'Expression')),
    ]),
  )
  const columns = resultOf(node)
  const positions = columns.map(({ name }) => {
    const before = renamed.get(name) ?? name
    return input.columns.findIndex((column) => column.name === before)
  })
  if (positions.includes(-1)) return unsupported(node)
  return chosen(input, columns, positions, scopeOf(input.columns, names))
}

const as: Operator = ({ node, input, names, compiler }: Operation) => {
  const name = nameOf(needed(node, 'Name'))
  const plan = { ...compiler.cached(input), name }
  names.set(name, { kind: 'table', plan })
  return plan
}

const distinct: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const nodes = listOf(node, 'Expressions')
  const scope = scopeOf(input.columns, names)
  const star = nodes.length === 1 && kindOf(nodes[0]!) === 'StarExpression'
  const columns = resultOf(node)
  const exprs = star
    ? input.columns.map(({ type }, at) => columnExpr(at, type, scope))
    : nodes.map((item) => compileScalar(compiler, item, scope))
  agreed(node, columns, exprs.length)
  return compiler.grouped(node, input, exprs, columns)
}

export const projectOperators = {
  ProjectOperator: project,
  ExtendOperator: extend,
  SerializeOperator: extend,
  ProjectAwayOperator: byBinder,
  ProjectKeepOperator: byBinder,
  ProjectReorderOperator: byBinder,
  ProjectRenameOperator: rename,
  AsOperator: as,
  DistinctOperator: distinct,
}
