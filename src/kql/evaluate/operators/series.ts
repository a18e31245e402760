import { kindOf, listOf, needed, partOf, type SyntaxNode } from '../../syntax.js'
import { converter } from '../convert.js'
import { convertedTo, unsupported } from '../expressions.js'
import { Keys } from '../keys.js'
import { add, type Long, subtract } from '../long.js'
import { type Expr, type Row, type Run, scopeOf } from '../model.js'
import { compileScalar } from '../scalars.js'
import { agreed, type Operation, type Operator, parametersOf, resultOf } from './operator.js'
import { gatherOf } from './summarize.js'

interface Axis {
  readonly on: Expr
  readonly from: Expr
  readonly to: Expr
  readonly step: Expr
}

/** `make-series` from, to and step given: lists of an aggregate at regular points of an axis. */
const makeSeries: Operator = ({ node, input, names, compiler }: Operation) => {
  parametersOf(node, [])
  const scope = scopeOf(input.columns, names)
  const axis = axisOf(node, (one) => compileScalar(compiler, one, scope))
  const by = listOf(partOf(node, 'ByClause'), 'Expressions').map((item) =>
    compileScalar(compiler, item, scope),
  )
  const columns = resultOf(node)
  const series = listOf(node, 'Aggregates').map((item) => {
    const named = needed(item, 'Expression')
    const call = kindOf(named) === 'SimpleNamedExpression' ? needed(named, 'Expression') : named
    if (kindOf(call) !== 'FunctionCallExpression') return unsupported(call, 'This aggregate of make-series')
    const clause = partOf(item, 'DefaultExpression')
    const type = (call.ResultType as { Name: string }).Name
    const otherwise = clause
      ? compileScalar(compiler, needed(clause, 'Expression'), scopeOf([], names))
      : undefined
    return {
      gather: gatherOf(compiler, call, scope),
      convert: converter(type, 'dynamic'),
      otherwise: otherwise && convertedTo(otherwise, type),
    }
  })
  agreed(node, columns, by.length + series.length + 1)
  const toAxis = converter(axis.on.type, 'dynamic')
  const rows = (run: Run): Row[] => {
    const points = pointsOf(axis, run)
    if (points.length === 0) return []
    return groupsOf(input.rows(run), by, run).map(({ key, members }) => {
      const bins = binned(members, axis, points, run)
      const lists = series.map(({ gather, convert, otherwise }) =>
        bins.map((bin) => {
          if (bin.length === 0) return convert(otherwise ? otherwise.eval([], run) : 0)
          const gathering = gather()
          for (const row of bin) gathering.add(row, run)
          return convert(gathering.result() ?? (otherwise ? otherwise.eval([], run) : 0))
        }),
      )
      return [...key, ...lists, points.map(toAxis)]
    })
  }
  return { columns, stable: false, rows }
}

function axisOf(node: SyntaxNode, compile: (node: SyntaxNode) => Expr): Axis {
  const range = needed(node, 'RangeClause')
  const on = compile(needed(needed(node, 'OnClause'), 'Expression'))
  if (kindOf(range) !== 'MakeSeriesFromToStepClause') return unsupported(range, 'make-series in range()')
  const clause = (name: string) => {
    const found = partOf(range, name)
    return found
      ? compile(needed(found, 'Expression'))
      : unsupported(range, 'make-series without from and to')
  }
  return {
    on,
    from: clause('MakeSeriesFromClause'),
    to: clause('MakeSeriesToClause'),
    step: clause('MakeSeriesStepClause'),
  }
}

const STEPS = 1_048_576

function pointsOf({ on, from, to, step }: Axis, run: Run): Long[] {
  const plus = on.type === 'real' ? (a: Long, b: Long) => Number(a) + Number(b) : add
  const [start, end, by] = [from, to, step].map((expr) => expr.eval([], run) as Long | null)
  if (start == null || end == null || by == null || by <= 0) return []
  const points: Long[] = []
  for (let at: Long = start; at < end && points.length < STEPS; at = plus(at, by)) points.push(at)
  return points
}

function groupsOf(rows: readonly Row[], by: readonly Expr[], run: Run): { key: unknown[]; members: Row[] }[] {
  const keys = new Keys(by)
  const found: { key: unknown[]; members: Row[] }[] = by.length === 0 ? [{ key: [], members: [] }] : []
  for (const row of rows) {
    const id = keys.of(row, run)
    found[id] ??= { key: by.map((expr) => expr.eval(row, run)), members: [] }
    found[id].members.push(row)
  }
  return found
}

/** Rows by the point of the axis at or before theirs. */
function binned(rows: readonly Row[], { on, step }: Axis, points: readonly Long[], run: Run): Row[][] {
  const bins: Row[][] = points.map(() => [])
  const [start, by] = [points[0]!, step.eval([], run) as Long]
  for (const row of rows) {
    const value = on.eval(row, run) as Long | null
    if (value === null) continue
    const distance = on.type === 'real' ? Number(value) - Number(start) : subtract(value, start)
    bins[Math.floor(Number(distance) / Number(by))]?.push(row)
  }
  return bins
}

export const seriesOperators = { MakeSeriesOperator: makeSeries }
