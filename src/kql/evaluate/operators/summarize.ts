import { kindOf, listOf, nameOf, needed, partOf, type SyntaxNode, typeOf } from '../../syntax.js'
import { aggregates, choosing, chosenRow, type Gather } from '../aggregates.js'
import type { Compiler } from '../compiler.js'
import { emptyOf } from '../convert.js'
import { columnExpr, convertedTo, unsupported } from '../expressions.js'
import { Keys } from '../keys.js'
import {
  type Column,
  type Expr,
  type Names,
  type Plan,
  type Row,
  type Run,
  type Scope,
  scopeOf,
} from '../model.js'
import { compileScalar } from '../scalars.js'
import { agreed, type Operation, type Operator, parametersOf, resultOf } from './operator.js'

/** A part of a summary: what to gather of a group, and the values that follow from it. */
interface Part {
  readonly start: () => { add(row: Row, run: Run): void; values(run: Run): readonly unknown[] }
  readonly width: number
}

/** `summarize`. Without `by` there is one row, also of an empty table. */
const summarize: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const scope = scopeOf(input.columns, names)
  const byClause = partOf(node, 'ByClause')
  if (byClause && partOf(byClause, 'BinClause')) return unsupported(byClause, 'This form of bin')
  const byNodes = listOf(byClause, 'Expressions')
  const by = byNodes.map((item) => compileScalar(compiler, item, scope))
  const context = {
    compiler,
    scope,
    names,
    byNames: new Set(byNodes.flatMap(columnName)),
  }
  const parts = listOf(node, 'Aggregates').map((item) => partOfSummary(item, context))
  const columns = agreed(
    node,
    resultOf(node),
    parts.reduce((sum, { width }) => sum + width, by.length),
  )
  const keys = by.map((expr, at) => convertedTo(expr, columns[at]!.type))
  return { columns, stable: false, rows: (run) => groups(input.rows(run), keys, parts, run) }
}

/** The column that a key is, by whatever name. */
function columnName(node: SyntaxNode): string[] {
  const value = kindOf(node) === 'SimpleNamedExpression' ? needed(node, 'Expression') : node
  return kindOf(value) === 'NameReference' ? [nameOf(value)] : []
}

/** One row a group: its key, and the values of each part. */
function groups(rows: readonly Row[], by: readonly Expr[], parts: readonly Part[], run: Run): Row[] {
  const keys = new Keys(by)
  const found: { key: unknown[]; gathered: ReturnType<Part['start']>[] }[] = []
  const start = () => parts.map((part) => part.start())
  if (by.length === 0) found[0] = { key: [], gathered: start() }
  for (const row of rows) {
    const id = by.length === 0 ? 0 : keys.of(row, run)
    let group = found[id]
    if (!group) {
      group = { key: by.map((expr) => expr.eval(row, run)), gathered: start() }
      found[id] = group
    }
    for (const gathering of group.gathered) gathering.add(row, run)
  }
  return found.map(({ key, gathered }) => [...key, ...gathered.flatMap((gathering) => gathering.values(run))])
}

interface Context {
  readonly compiler: Compiler
  readonly scope: Scope
  readonly names: Names
  readonly byNames: ReadonlySet<string>
}

function partOfSummary(node: SyntaxNode, context: Context): Part {
  const named = ['SimpleNamedExpression', 'CompoundNamedExpression'].includes(kindOf(node))
  const value = named ? needed(node, 'Expression') : node
  const name = kindOf(value) === 'FunctionCallExpression' ? nameOf(needed(value, 'Name')) : ''
  const how = choosing[name]
  return how ? choice(value, how, context) : computed(value, context)
}

/** An expression over aggregates: the row it sees are their results. */
function computed(node: SyntaxNode, { compiler, scope, names }: Context): Part {
  const gathers: Gather[] = []
  const types: string[] = []
  const inner: Scope = scopeOf([], names, {
    aggregate(call) {
      gathers.push(gatherOf(compiler, call, scope))
      types.push(typeOf(call))
      return columnExpr(gathers.length - 1, types.at(-1)!, inner)
    },
  })
  const expr = compileScalar(compiler, node, inner)
  return {
    width: 1,
    start() {
      const gathered = gathers.map((gather) => gather())
      return {
        add: (row, run) => {
          for (const one of gathered) one.add(row, run)
        },
        values: (run) => [
          expr.eval(
            gathered.map((one) => one.result()),
            run,
          ),
        ],
      }
    },
  }
}

/** Compiles the call of an aggregate. */
export function gatherOf(compiler: Compiler, call: SyntaxNode, scope: Scope): Gather {
  const name = nameOf(needed(call, 'Name'))
  const aggregate = Object.hasOwn(aggregates, name) ? aggregates[name] : undefined
  if (!aggregate) return unsupported(call, `The aggregate ${name}()`)
  const args = listOf(partOf(call, 'ArgumentList'), 'Expressions')
  return aggregate(
    args.map((arg) => compileScalar(compiler, arg, scope)),
    call,
  )
}

/** `arg_max` and its like: values of one row of the group. */
function choice(
  node: SyntaxNode,
  how: 'max' | 'min' | 'any' | 'anyif',
  { compiler, scope, byNames }: Context,
): Part {
  const nodes = listOf(partOf(node, 'ArgumentList'), 'Expressions')
  const args = nodes.map((item) =>
    kindOf(item) === 'StarExpression' ? undefined : compileScalar(compiler, item, scope),
  )
  const first = nodes[0] && kindOf(nodes[0]) === 'NameReference' ? nameOf(nodes[0]) : undefined
  const skipped = new Set([...byNames, ...(how === 'any' ? [] : [first])])
  const all = [...scope.columns]
    .filter(([name]) => !skipped.has(name))
    .map(([, { index, type }]) => columnExpr(index, type, scope))
  const taken = how === 'anyif' ? args.slice(0, 1) : args
  const values = taken.flatMap((arg) => arg ?? all)
  const by = how === 'anyif' ? args[1] : args[0]
  const start = chosenRow(how, by ?? values[0]!)
  return {
    width: values.length,
    start() {
      const choosing = start()
      return {
        add: choosing.add,
        values: (run) => {
          const { row } = choosing
          return values.map((value) => (row ? value.eval(row, run) : emptyOf(value.type)))
        },
      }
    },
  }
}

/** Rows with the distinct values of some expressions. */
export function distinctRows(input: Plan, exprs: readonly Expr[], columns: readonly Column[]): Plan {
  return { columns, stable: false, rows: (run) => groups(input.rows(run), exprs, [], run) }
}

const count: Operator = ({ node, input }: Operation) => ({
  columns: resultOf(node),
  stable: false,
  rows: (run) => [[input.rows(run).length]],
})

export const aggregateOperators = { SummarizeOperator: summarize, CountOperator: count }
