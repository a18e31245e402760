import type { Compiler } from './compiler.js'
import type { Bounds, StoredTable } from './data.js'
import { KqlError } from './errors.js'
import { constantValue, oncePerRun } from './expressions.js'
import type { Column, Expr, Plan, Row, Run } from './model.js'
import type { Ticks } from './time.js'

/** One step over a single row: what becomes of it, or nothing if it is dropped. */
type Step = (row: Row, run: Run) => Row | undefined

/** A limit of a time column. */
export interface Limit {
  readonly column: number
  readonly sign: '<' | '<=' | '>' | '>='
  readonly value: Expr
}

/** A table of the data that a chain of steps starts from. */
interface Scan {
  readonly name: string
  readonly columns: readonly Column[]
  readonly limits: readonly Limit[]
  /** Where the query names it. */
  readonly start: number
}

/**
 * A source and steps over its single rows. The outcome for a row is kept from run to run, by the row's identity, as
 * long as the steps depend on nothing else.
 */
interface Chain {
  readonly source: Plan
  readonly scan: Scan | undefined
  readonly steps: readonly Step[]
  /** Which column of the source each column is, unchanged; -1 for others. */
  readonly origins: readonly number[]
}

/** A table of the data. */
export function scanPlan(scan: Scan): Plan {
  const { name, columns, limits } = scan
  const rows = (run: Run): readonly Row[] => {
    const table = tableOf(scan, run)
    return limits.length === 0 ? table.rows : Array.from(placesOf(scan, run), (place) => table.rows[place]!)
  }
  const source: Plan = { columns, rows, stable: true, name }
  const origins = columns.map((_, index) => index)
  return { ...source, chain: { source, scan, steps: [], origins } satisfies Chain }
}

function tableOf({ name, columns, start }: Scan, { data }: Run): StoredTable {
  if (!data.has(name)) throw new KqlError('no-table', `The data have no table ${name}`, start)
  return data.table(name, columns)
}

/** Which rows of the table lie within the limits, in the table's order. An index serves the first limits' column. */
function placesOf(scan: Scan, run: Run): Iterable<number> {
  const table = tableOf(scan, run)
  const { limits } = scan
  if (limits.length === 0) return table.rows.keys()
  const byColumn = groupedByColumn(limits)
  const [first, ...others] = [...byColumn].map(([at, group]) => ({ at, bounds: boundsOf(group, run) }))
  const places = table.between(first!.at, first!.bounds)
  return others.reduce((left, { at, bounds }) => within(left, table.rows, at, bounds), places)
}

/** The places whose time in a column lies within the limits. Asked of every row of a window each hour. */
function within(places: Uint32Array, rows: readonly Row[], column: number, bounds: Bounds): Uint32Array {
  const found = new Uint32Array(places.length)
  let count = 0
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!
    if (isWithin(rows[place]![column] as Ticks | null, bounds)) found[count++] = place
  }
  return found.subarray(0, count)
}

function groupedByColumn(limits: readonly Limit[]): Map<number, Limit[]> {
  const groups = new Map<number, Limit[]>()
  for (const limit of limits) groups.set(limit.column, [...(groups.get(limit.column) ?? []), limit])
  return groups
}

function isWithin(time: Ticks | null, bounds: Bounds): boolean {
  if (time === null) return false
  const { from, to } = bounds
  if (from !== undefined && (time < from || (time === from && !bounds.fromIncluded))) return false
  return to === undefined || time < to || (time === to && bounds.toIncluded)
}

const NEVER: Bounds = { from: 1, to: 0, fromIncluded: false, toIncluded: false }

/** The strictest of the limits; a limit that is null lets nothing through. */
function boundsOf(limits: readonly Limit[], run: Run): Bounds {
  let bounds: Bounds = { from: undefined, to: undefined, fromIncluded: true, toIncluded: true }
  for (const { sign, value } of limits) {
    const at = value.eval([], run) as Ticks | null
    if (at === null) return NEVER
    bounds = sign.startsWith('>') ? raised(bounds, at, sign === '>=') : lowered(bounds, at, sign === '<=')
  }
  return bounds
}

function raised(bounds: Bounds, at: Ticks, included: boolean): Bounds {
  if (bounds.from !== undefined && (bounds.from > at || (bounds.from === at && !bounds.fromIncluded)))
    return bounds
  return { ...bounds, from: at, fromIncluded: included }
}

function lowered(bounds: Bounds, at: Ticks, included: boolean): Bounds {
  if (bounds.to !== undefined && (bounds.to < at || (bounds.to === at && !bounds.toIncluded))) return bounds
  return { ...bounds, to: at, toIncluded: included }
}

function chainOf(plan: Plan): Chain {
  const known = plan.chain as Chain | undefined
  return known ?? { source: plan, scan: undefined, steps: [], origins: plan.columns.map((_, index) => index) }
}

/** A plan with a further step; `pure` if the step depends on nothing but the row. */
function withStep(
  plan: Plan,
  columns: readonly Column[],
  step: Step,
  pure: boolean,
  origins: readonly number[],
): Plan {
  const ordered = plan.ordered ?? false
  if (plan.legs) {
    return plan.legs.join(plan.legs.plans.map((leg) => withStep(leg, columns, step, pure, origins)))
  }
  if (!pure || !plan.stable) {
    return {
      columns,
      ordered,
      stable: plan.stable && columns === plan.columns,
      rows: (run) => stepped(plan.rows(run), step, run),
    }
  }
  const before = chainOf(plan)
  const chain: Chain = {
    ...before,
    steps: [...before.steps, step],
    origins: origins.map((at) => before.origins[at] ?? -1),
  }
  return { columns, ordered, stable: true, rows: kept(chain), chain }
}

function stepped(rows: readonly Row[], step: Step, run: Run): Row[] {
  const result: Row[] = []
  for (const row of rows) {
    const made = step(row, run)
    if (made) result.push(made)
  }
  return result
}

/** Runs a chain, keeping what became of each row: by its place in a table of the data, else by its identity. */
function kept(chain: Chain): Plan['rows'] {
  const through = (row: Row, run: Run): Row | null => {
    let made: Row | undefined = row
    for (const step of chain.steps) {
      made = step(made, run)
      if (!made) return null
    }
    return made
  }
  return chain.scan ? keptByPlace(chain.scan, through) : keptByIdentity(chain.source, through)
}

type Through = (row: Row, run: Run) => Row | null

function keptByPlace(scan: Scan, through: Through): Plan['rows'] {
  const known = new WeakMap<object, (Row | null | undefined)[]>()
  const knownOf = getOrMake(known, () => [])
  return (run) => {
    const table = tableOf(scan, run)
    const outcomes = knownOf(table)
    const result: Row[] = []
    for (const place of placesOf(scan, run)) {
      let made = outcomes[place]
      if (made === undefined) {
        made = through(table.rows[place]!, run)
        outcomes[place] = made
      }
      if (made) result.push(made)
    }
    return result
  }
}

function getOrMake<V>(map: WeakMap<object, V>, make: () => V): (key: object) => V {
  return (key) => {
    const known = map.get(key)
    if (known !== undefined) return known
    const made = make()
    map.set(key, made)
    return made
  }
}

function keptByIdentity(source: Plan, through: Through): Plan['rows'] {
  const known = new WeakMap<Row, Row | null>()
  return (run) => {
    const result: Row[] = []
    for (const row of source.rows(run)) {
      let made = known.get(row)
      if (made === undefined) {
        made = through(row, run)
        known.set(row, made)
      }
      if (made) result.push(made)
    }
    return result
  }
}

const isPure = (exprs: readonly Expr[]) => exprs.every(({ run, window }) => !run && !window)

/** Whether a function looks at the rows around. */
const isWindowed = (exprs: readonly Expr[]) => exprs.some(({ window }) => window)

/** Keeps the rows for which all conditions hold. */
function filtered(plan: Plan, conditions: readonly Expr[]): Plan {
  if (isWindowed(conditions)) return windowed(plan, plan.columns, (row, run) => passes(conditions, row, run))
  const identity = plan.columns.map((_, index) => index)
  let result = plan
  for (const pure of [true, false]) {
    const some = conditions.filter((condition) => isPure([condition]) === pure)
    if (some.length > 0)
      result = withStep(result, plan.columns, (row, run) => passes(some, row, run), pure, identity)
  }
  return result
}

function passes(conditions: readonly Expr[], row: Row, run: Run): Row | undefined {
  for (const condition of conditions) if (condition.eval(row, run) !== true) return undefined
  return row
}

/** Rows with a value for each column. `origins` says which column of the input a column is, unchanged; else -1. */
export function mapped(
  plan: Plan,
  columns: readonly Column[],
  exprs: readonly Expr[],
  origins: readonly number[],
): Plan {
  const evaluators = exprs.map((expr) => expr.eval)
  const step: Step = (row, run) => {
    const made = new Array<unknown>(evaluators.length)
    for (let at = 0; at < evaluators.length; at++) made[at] = evaluators[at]!(row, run)
    return made
  }
  if (isWindowed(exprs)) return windowed(plan, columns, step)
  return withStep(plan, columns, step, isPure(exprs), origins)
}

/** A step that looks at the rows around. The service rejects it where their order means nothing. */
function windowed(plan: Plan, columns: readonly Column[], step: Step): Plan {
  if (!plan.ordered) throw new KqlError('syntax', 'The rows have no order here: sort or serialize them first')
  const rows = (run: Run) => {
    const all = plan.rows(run)
    const [before, at] = [run.rows, run.index]
    const result: Row[] = []
    for (let index = 0; index < all.length; index++) {
      run.rows = all
      run.index = index
      const made = step(all[index]!, run)
      if (made) result.push(made)
    }
    run.rows = before
    run.index = at
    return result
  }
  return { columns, stable: false, ordered: true, rows }
}

/** A limit together with the same condition as an expression. */
export interface LimitTest {
  readonly limit: Limit
  readonly expr: Expr
}

/** Keeps the rows within the limits for which all conditions hold; where it can, the limits narrow a scan down. */
export function narrowed(
  plan: Plan,
  limits: readonly LimitTest[],
  conditions: readonly Expr[],
  compiler: Compiler,
): Plan {
  if (plan.legs) {
    return plan.legs.join(plan.legs.plans.map((leg) => narrowed(leg, limits, conditions, compiler)))
  }
  const { chain, left } = limited(plan, limits, compiler)
  const start = chain ? { ...plan, rows: rowsOf(chain), chain } : plan
  return filtered(start, [...left.map(({ expr }) => expr), ...conditions])
}

function rowsOf(chain: Chain): Plan['rows'] {
  return chain.steps.length === 0 ? chain.source.rows : kept(chain)
}

/** The chain with its scan narrowed by those limits whose column comes from the table unchanged, and other limits. */
function limited(plan: Plan, limits: readonly LimitTest[], compiler: Compiler) {
  const before = plan.chain as Chain | undefined
  if (!before?.scan) return { chain: undefined, left: limits }
  const [taken, left] = [[] as Limit[], [] as LimitTest[]]
  for (const test of limits) {
    const column = before.origins[test.limit.column] ?? -1
    if (column < 0) left.push(test)
    else taken.push({ ...test.limit, column, value: oncePerRun(test.limit.value, compiler) })
  }
  if (taken.length === 0) return { chain: undefined, left }
  const narrow = scanPlan({ ...before.scan, limits: [...before.scan.limits, ...taken] }).chain as Chain
  return { chain: { ...before, source: narrow.source, scan: narrow.scan }, left }
}

/** A plan whose rows are worked out once a run, however often it is asked. */
export function cached(plan: Plan, compiler: Compiler): Plan {
  const chain = plan.chain as Chain | undefined
  if (chain?.steps.length === 0) return plan
  const slot = compiler.slot()
  const rows = (run: Run) => {
    const known = run.slots[slot] as readonly Row[] | undefined
    if (known) return known
    const made = plan.rows(run)
    run.slots[slot] = made
    return made
  }
  const { name: _, ...rest } = plan
  return { ...rest, rows }
}

/** A row count that a query gives; it must not depend on rows. */
export function countOf(expr: Expr, run: Run): number {
  const value = constantValue(expr) ?? expr.eval([], run)
  return value === null ? 0 : Number(value)
}
