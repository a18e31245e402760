import type { SyntaxNode } from '../syntax.js'
import type { Compiler } from './compiler.js'
import { emptyOf } from './convert.js'
import { constantValue, over, unsupported } from './expressions.js'
import { add, type Long } from './long.js'
import type { Expr, Run } from './model.js'

type WindowFunction = (node: SyntaxNode, args: readonly Expr[], compiler: Compiler) => Expr

function looking(direction: 1 | -1): WindowFunction {
  return (node, args) => {
    const [value, by, otherwise] = args
    if (!value) return unsupported(node)
    const distance = by ? constantValue(by) : 1
    if (typeof distance !== 'number') return unsupported(node, 'A distance that is no constant')
    return windowed(args, value.type, (_, run) => {
      const at = run.index + direction * distance
      const other = run.rows[at]
      if (!other) return otherwise ? otherwise.eval(run.rows[run.index]!, run) : emptyOf(value.type)
      return value.eval(other, run)
    })
  }
}

function windowed(args: readonly Expr[], type: string, evaluate: Expr['eval']): Expr {
  return { ...over(args, type, evaluate), eval: evaluate, run: true, window: true }
}

/** A value carried from row to row, started anew where `restart` holds. */
function carried(
  compiler: Compiler,
  args: readonly Expr[],
  type: string,
  next: (before: Long | undefined, run: Run) => Long,
  restart?: Expr,
): Expr {
  const slot = compiler.slot()
  return windowed(args, type, (row, run) => {
    const anew = run.index === 0 || restart?.eval(row, run) === true
    const value = next(anew ? undefined : (run.slots[slot] as Long), run)
    run.slots[slot] = value
    return value
  })
}

const rowNumber: WindowFunction = (node, args, compiler) => {
  const [start, restart] = args
  const first = start ? constantValue(start) : 1
  if (typeof first !== 'number') return unsupported(node, 'row_number() from what is no constant')
  return carried(compiler, args, 'long', (before) => (before === undefined ? first : add(before, 1)), restart)
}

const cumulativeSum: WindowFunction = (node, args, compiler) => {
  const [value, restart] = args
  if (!value || !['int', 'long', 'real', 'timespan'].includes(value.type))
    return unsupported(node, 'row_cumsum() of this type')
  const sum = value.type === 'real' ? (a: Long, b: Long) => Number(a) + Number(b) : add
  const type = value.type === 'int' ? 'long' : value.type
  return carried(
    compiler,
    args,
    type,
    (before, run) => sum(before ?? 0, (value.eval(run.rows[run.index]!, run) as Long | null) ?? 0),
    restart,
  )
}

/** Functions that look at the rows around. */
export const windowFunctions: Readonly<Record<string, WindowFunction>> = {
  prev: looking(-1),
  next: looking(1),
  row_number: rowNumber,
  row_cumsum: cumulativeSum,
}
