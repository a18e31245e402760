import { kindOf, listOf, nameOf, needed, type SyntaxNode } from '../../syntax.js'
import type { Compiler } from '../compiler.js'
import { emptyOf } from '../convert.js'
import { unsupported } from '../expressions.js'
import { Keys } from '../keys.js'
import { type Expr, type Names, type Plan, type Row, type Run, type Scope, scopeOf } from '../model.js'
import { compileScalar } from '../scalars.js'
import { agreed, type Operation, type Operator, parametersOf, resultOf } from './operator.js'

interface Sides {
  readonly left: Plan
  readonly right: Plan
  readonly leftKeys: readonly Expr[]
  readonly rightKeys: readonly Expr[]
}

/** What becomes of the rows of both sides: rows that match, and those of either side that don't. */
interface Kind {
  readonly pairs: boolean
  readonly left: boolean
  readonly right: boolean
  /** Only the first row of each key on the left counts. */
  readonly unique?: boolean
  /** The result has the columns of one side only, and which of its rows: those with a match or those without. */
  readonly only?: { readonly side: 'left' | 'right'; readonly matched: boolean }
}

const KINDS: Readonly<Record<string, Kind>> = {
  innerunique: { pairs: true, left: false, right: false, unique: true },
  inner: { pairs: true, left: false, right: false },
  leftouter: { pairs: true, left: true, right: false },
  rightouter: { pairs: true, left: false, right: true },
  fullouter: { pairs: true, left: true, right: true },
  leftsemi: { pairs: false, left: false, right: false, only: { side: 'left', matched: true } },
  rightsemi: { pairs: false, left: false, right: false, only: { side: 'right', matched: true } },
  leftanti: { pairs: false, left: false, right: false, only: { side: 'left', matched: false } },
  anti: { pairs: false, left: false, right: false, only: { side: 'left', matched: false } },
  leftantisemi: { pairs: false, left: false, right: false, only: { side: 'left', matched: false } },
  rightanti: { pairs: false, left: false, right: false, only: { side: 'right', matched: false } },
  rightantisemi: { pairs: false, left: false, right: false, only: { side: 'right', matched: false } },
}

const join: Operator = ({ node, input, names, compiler }: Operation) => {
  const name = parametersOf(node, ['kind', 'withsource']).get('kind') ?? 'innerunique'
  const kind = KINDS[name] ?? unsupported(node, `join kind=${name}`)
  const right = compiler.table(needed(node, 'Expression'), names)
  const sides = sidesOf(needed(node, 'ConditionClause'), input, right, names, compiler)
  const columns = resultOf(node)
  if (kind.only) return oneSided(node, kind.only, sides)
  agreed(node, columns, input.columns.length + right.columns.length)
  const all = right.columns.map((_, at) => at)
  return { columns, stable: false, rows: (run) => joined(sides, kind, all, run) }
}

/** `lookup`: the right table without its key columns. */
const lookup: Operator = ({ node, input, names, compiler }: Operation) => {
  const name = parametersOf(node, ['kind']).get('kind') ?? 'leftouter'
  const kind = ['leftouter', 'inner'].includes(name) ? KINDS[name]! : unsupported(node, `lookup kind=${name}`)
  const right = compiler.table(needed(node, 'Expression'), names)
  const clause = needed(node, 'LookupClause')
  const sides = sidesOf(clause, input, right, names, compiler)
  const keys = new Set(listOf(clause, 'Expressions').map((item) => keyNames(item).right))
  const kept = right.columns.flatMap(({ name: column }, at) => (keys.has(column) ? [] : [at]))
  const columns = agreed(node, resultOf(node), input.columns.length + kept.length)
  return { columns, stable: false, rows: (run) => joined(sides, kind, kept, run) }
}

function keyNames(node: SyntaxNode): { left: string; right: string } {
  if (kindOf(node) !== 'EqualExpression') return { left: nameOf(node), right: nameOf(node) }
  const sides = [needed(node, 'Left'), needed(node, 'Right')].map((side) => ({
    of: nameOf(needed(side, 'Expression')),
    name: nameOf(needed(side, 'Selector')),
  }))
  const find = (of: string) =>
    sides.find((side) => side.of === of)?.name ?? unsupported(node, 'This join condition')
  return { left: find('$left'), right: find('$right') }
}

/** The keys of both sides, from the `on` clause. */
function sidesOf(clause: SyntaxNode, left: Plan, right: Plan, names: Names, compiler: Compiler): Sides {
  if (kindOf(clause) !== 'JoinOnClause') return unsupported(clause)
  const scopes = { left: scopeOf(left.columns, names), right: scopeOf(right.columns, names) }
  const keys = listOf(clause, 'Expressions').map((item) => keyOf(item, scopes, compiler))
  return { left, right, leftKeys: keys.map((key) => key.left), rightKeys: keys.map((key) => key.right) }
}

function keyOf(
  node: SyntaxNode,
  sides: { left: Scope; right: Scope },
  compiler: Compiler,
): { left: Expr; right: Expr } {
  if (kindOf(node) === 'NameReference') {
    return {
      left: compileScalar(compiler, node, sides.left),
      right: compileScalar(compiler, node, sides.right),
    }
  }
  if (kindOf(node) !== 'EqualExpression') return unsupported(node, 'This join condition')
  const scope = scopeOf([], sides.left.names, { sides })
  const both = [needed(node, 'Left'), needed(node, 'Right')].map((side) =>
    compileScalar(compiler, side, scope),
  )
  const find = (of: Scope) =>
    both.find((expr) => expr.scope === of) ?? unsupported(node, 'This join condition')
  const [left, right] = [find(sides.left), find(sides.right)]
  const numbers = new Set(['int', 'long', 'real'])
  if (left.type !== right.type && !(numbers.has(left.type) && numbers.has(right.type))) {
    return unsupported(node, `A join of a ${left.type} with a ${right.type}`)
  }
  return { left, right }
}

/** Rows of one side by the number of their key. */
function byKey(rows: readonly Row[], keys: Keys, run: Run): Map<number, Row[]> {
  const found = new Map<number, Row[]>()
  for (const row of rows) {
    const id = keys.of(row, run)
    const same = found.get(id)
    if (same) same.push(row)
    else found.set(id, [row])
  }
  return found
}

function joined(
  { left, right, leftKeys, rightKeys }: Sides,
  kind: Kind,
  kept: readonly number[],
  run: Run,
): Row[] {
  const leftRows = left.rows(run)
  if (leftRows.length === 0 && !kind.right) return []
  const keys = new Keys(rightKeys)
  const matches = byKey(right.rows(run), keys, run)
  const probe = new Keys(leftKeys, keys)
  const seen = new Set<number>()
  const none = kept.map((at) => emptyOf(right.columns[at]!.type))
  const result: Row[] = []
  for (const row of leftRows) {
    const id = probe.of(row, run, kind.unique === true)
    const found = matches.get(id)
    if (!(kind.unique && seen.has(id)) && found) {
      for (const other of found) result.push(besides(row, other, kept))
    } else if (!found && kind.left) result.push([...row, ...none])
    seen.add(id)
  }
  if (kind.right) result.push(...unmatched(matches, seen, left))
  return result
}

/** A row with some values of another after its own. */
function besides(row: Row, other: Row, kept: readonly number[]): Row {
  const both = row.slice()
  for (const at of kept) both.push(other[at])
  return both
}

/** Rows of the right side whose key no row of the left has. */
function unmatched(
  matches: ReadonlyMap<number, readonly Row[]>,
  seen: ReadonlySet<number>,
  left: Plan,
): Row[] {
  const none = left.columns.map(({ type }) => emptyOf(type))
  return [...matches]
    .filter(([id]) => !seen.has(id))
    .flatMap(([, rows]) => rows.map((row) => [...none, ...row]))
}

/** Semi and anti joins: rows of one side, as they are. */
function oneSided(node: SyntaxNode, { side, matched }: NonNullable<Kind['only']>, sides: Sides): Plan {
  const { left, right, leftKeys, rightKeys } = sides
  const [own, other] = side === 'left' ? [left, right] : [right, left]
  const [ownKeys, otherKeys] = side === 'left' ? [leftKeys, rightKeys] : [rightKeys, leftKeys]
  agreed(node, resultOf(node), own.columns.length)
  return {
    columns: resultOf(node),
    stable: own.stable,
    rows(run) {
      // Nothing is left of no rows, nor of rows that are to match none: then one side need not be worked out.
      const rows = matched ? undefined : own.rows(run)
      if (rows?.length === 0) return rows
      const others = other.rows(run)
      if (others.length === 0) return rows ?? []
      const keys = new Keys(otherKeys)
      for (const row of others) keys.of(row, run)
      const probe = new Keys(ownKeys, keys)
      return (rows ?? own.rows(run)).filter((row) => probe.of(row, run, false) >= 0 === matched)
    },
  }
}

export const joinOperators = { JoinOperator: join, LookupOperator: lookup }
