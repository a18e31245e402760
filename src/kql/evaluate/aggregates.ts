import type { SyntaxNode } from '../syntax.js'
import { converter, emptyOf } from './convert.js'
import { isBag } from './dynamic.js'
import { constantValue, unsupported } from './expressions.js'
import { dynamicKey } from './functions/dynamics.js'
import { add, type Long } from './long.js'
import type { Expr, Row, Run } from './model.js'

/** What an aggregate has gathered of one group. */
export interface Gathering {
  add(row: Row, run: Run): void
  result(): unknown
}

/** Starts an aggregate for a group. */
export type Gather = () => Gathering

/** Compiles a call of an aggregate with these arguments. */
type Aggregate = (args: readonly Expr[], node: SyntaxNode) => Gather

/** Counts the rows that a condition lets through. */
const counting =
  (conditionAt?: number): Aggregate =>
  (args, node) => {
    if (conditionAt === undefined && args.length > 0) return unsupported(node, 'count() with an argument')
    const condition = conditionAt === undefined ? undefined : args[conditionAt]
    return () => {
      let count = 0
      return {
        add(row, run) {
          if (!condition || condition.eval(row, run) === true) count++
        },
        result: () => count,
      }
    }
  }

/**
 * Gathers the values of the first argument that are not null, of rows where the second holds if there is one;
 * with `nulls`, also those that are null within a dynamic.
 */
function overValues(
  take: (type: string, node: SyntaxNode, rest: readonly Expr[]) => () => Taker,
  conditional = false,
  nulls = false,
): Aggregate {
  return (args, node) => {
    const [value, ...others] = args
    if (!value) return unsupported(node, 'An aggregate without arguments')
    const condition = conditional ? others.shift() : undefined
    const start = take(value.type, node, others)
    const keepsNull = nulls && value.type === 'dynamic'
    return () => {
      const taker = start()
      return {
        add(row, run) {
          if (condition && condition.eval(row, run) !== true) return
          const item = value.eval(row, run)
          if (item !== null || keepsNull) taker.take(item)
        },
        result: taker.result,
      }
    }
  }
}

interface Taker {
  take(value: unknown): void
  result(): unknown
}

function sum(type: string, node: SyntaxNode): () => Taker {
  if (type === 'dynamic' || type === 'datetime') return unsupported(node, `The sum of ${type}s`)
  return () => {
    let total: Long = 0
    const plus = type === 'real' ? (a: Long, b: Long) => (a as number) + (b as number) : add
    return {
      take(value) {
        total = plus(total, value as Long)
      },
      result: () => total,
    }
  }
}

function average(type: string, node: SyntaxNode): () => Taker {
  if (type === 'dynamic' || type === 'datetime') return unsupported(node, `The average of ${type}s`)
  const whole = type !== 'real'
  return () => {
    let total: Long = 0
    let count = 0
    return {
      take(value) {
        total = whole ? add(total, value as Long) : (total as number) + (value as number)
        count++
      },
      result() {
        if (type === 'timespan') return count === 0 ? null : Math.round(Number(total) / count)
        return Number(total) / count
      },
    }
  }
}

function extreme(better: (a: never, b: never) => boolean) {
  return (type: string, node: SyntaxNode): (() => Taker) => {
    if (type === 'dynamic') return unsupported(node, 'The least or greatest of dynamics')
    return () => {
      let best: unknown
      return {
        take(value) {
          if (best === undefined || better(value as never, best as never)) best = value
        },
        result: () => best ?? emptyOf(type),
      }
    }
  }
}

/** Variance of a sample by Welford's method; 0 of fewer than two values. */
function variance(finish: (squares: number, count: number) => number) {
  return (type: string, node: SyntaxNode): (() => Taker) => {
    if (!['int', 'long', 'real'].includes(type)) return unsupported(node, `The variance of ${type}s`)
    return () => {
      let [count, mean, squares] = [0, 0, 0]
      return {
        take(value) {
          const number = Number(value)
          const before = number - mean
          mean += before / ++count
          squares += before * (number - mean)
        },
        result: () => finish(squares, count),
      }
    }
  }
}

const sample = (squares: number, count: number) => (count < 2 ? 0 : squares / (count - 1))
const population = (squares: number, count: number) => (count < 1 ? 0 : squares / count)

const limitOf = (rest: readonly Expr[]) => {
  const limit = rest[0] && constantValue(rest[0])
  return limit === undefined ? 1_048_576 : Number(limit)
}

/** A list; lists among dynamics are what is in them. */
function makeList(type: string, _: SyntaxNode, rest: readonly Expr[]): () => Taker {
  const limit = limitOf(rest)
  const convert = converter(type, 'dynamic')
  return () => {
    const list: unknown[] = []
    return {
      take(value) {
        const items = Array.isArray(value) ? value : [convert(value)]
        for (const item of items) if (list.length < limit) list.push(item)
      },
      result: () => list,
    }
  }
}

function makeSet(type: string, _: SyntaxNode, rest: readonly Expr[]): () => Taker {
  const limit = limitOf(rest)
  const convert = converter(type, 'dynamic')
  const keyOf = type === 'dynamic' ? dynamicKey : (value: unknown) => value
  return () => {
    const found = new Map<unknown, unknown>()
    const put = (value: unknown) => {
      const key = keyOf(value)
      if (found.size < limit && !found.has(key)) found.set(key, convert(value))
    }
    return {
      take(value) {
        if (Array.isArray(value)) value.forEach(put)
        else put(value)
      },
      result: () => [...found.values()],
    }
  }
}

function makeBag(): () => Taker {
  return () => {
    const bag = new Map<string, unknown>()
    return {
      take(value) {
        if (!isBag(value)) return
        for (const [key, inner] of Object.entries(value)) if (!bag.has(key)) bag.set(key, inner)
      },
      result: () => Object.fromEntries(bag),
    }
  }
}

/** Counts distinct values, exactly. */
function distinctCount(type: string, node: SyntaxNode): () => Taker {
  if (type === 'dynamic') return unsupported(node, 'Counting distinct dynamics')
  return () => {
    const seen = new Set<unknown>()
    return { take: (value) => void seen.add(value), result: () => seen.size }
  }
}

/** The value at a percentile by nearest rank. */
function percentile(type: string, node: SyntaxNode, rest: readonly Expr[]): () => Taker {
  const rank = rest[0] && constantValue(rest[0])
  if (typeof rank !== 'number' || rest.length !== 1 || type === 'dynamic')
    return unsupported(node, 'This percentile')
  return () => {
    const values: unknown[] = []
    return {
      take: (value) => void values.push(value),
      result() {
        const sorted = values.sort((a, b) => ((a as number) < (b as number) ? -1 : 1))
        return sorted[Math.max(Math.ceil((rank / 100) * sorted.length), 1) - 1] ?? emptyOf(type)
      },
    }
  }
}

/** Lists with nulls where the argument is null. */
const listWithNulls: Aggregate = (args) => {
  const convert = converter(args[0]!.type, 'dynamic')
  return () => {
    const list: unknown[] = []
    return {
      add: (row, run) => void list.push(convert(args[0]!.eval(row, run))),
      result: () => list,
    }
  }
}

/** Aggregates that give one value. */
export const aggregates: Readonly<Record<string, Aggregate>> = {
  count: counting(),
  countif: counting(0),
  sum: overValues(sum),
  sumif: overValues(sum, true),
  avg: overValues(average),
  avgif: overValues(average, true),
  min: overValues(extreme((a, b) => a < b)),
  minif: overValues(
    extreme((a, b) => a < b),
    true,
  ),
  max: overValues(extreme((a, b) => a > b)),
  maxif: overValues(
    extreme((a, b) => a > b),
    true,
  ),
  stdev: overValues(variance((squares, count) => Math.sqrt(sample(squares, count)))),
  stdevif: overValues(
    variance((squares, count) => Math.sqrt(sample(squares, count))),
    true,
  ),
  stdevp: overValues(variance((squares, count) => Math.sqrt(population(squares, count)))),
  variance: overValues(variance(sample)),
  varianceif: overValues(variance(sample), true),
  variancep: overValues(variance(population)),
  make_list: overValues(makeList, false, true),
  make_list_if: overValues(makeList, true, true),
  make_list_with_nulls: listWithNulls,
  make_set: overValues(makeSet),
  make_set_if: overValues(makeSet, true),
  make_bag: overValues(makeBag),
  make_bag_if: overValues(makeBag, true),
  dcount: overValues(distinctCount),
  dcountif: overValues(distinctCount, true),
  count_distinct: overValues(distinctCount),
  count_distinctif: overValues(distinctCount, true),
  percentile: overValues(percentile),
}

/** Aggregates that give values of one chosen row: which rows are chosen, and from which argument values start. */
export const choosing: Readonly<Record<string, 'max' | 'min' | 'any' | 'anyif'>> = {
  arg_max: 'max',
  arg_min: 'min',
  take_any: 'any',
  any: 'any',
  take_anyif: 'anyif',
  anyif: 'anyif',
}

/**
 * Keeps the row at which the first expression is greatest or least, or any row; of equals the first. A row without
 * the value is taken only if there is no other.
 */
export function chosenRow(
  how: 'max' | 'min' | 'any' | 'anyif',
  by: Expr,
): () => { add(row: Row, run: Run): void; readonly row: Row | undefined } {
  return () => {
    let [best, chosen]: [unknown, Row | undefined] = [null, undefined]
    return {
      add(row, run) {
        if (how === 'any' && chosen) return
        const value = by.eval(row, run)
        if (how === 'anyif') {
          if (!chosen && value === true) chosen = row
        } else if (!chosen || isBetter(how, value, best)) [best, chosen] = [value, row]
      },
      get row() {
        return chosen
      },
    }
  }
}

function isBetter(how: string, value: unknown, best: unknown): boolean {
  if (how === 'any' || value === null) return false
  if (best === null) return true
  return how === 'max' ? (value as number) > (best as number) : (value as number) < (best as number)
}
