import { KqlError } from './errors.js'
import type { Expr, Row, Run } from './model.js'

const SIDE = 2 ** 26

/**
 * Numbers combinations of values: equal ones get the same number. Each value is looked up alone and the numbers are
 * paired, so that no text is built for a row.
 */
export class Keys {
  readonly #exprs: readonly Expr[]
  readonly #values: Map<unknown, number>[]
  readonly #pairs: Map<number, number>[]

  /** `like` shares the numbers of another, so that keys of two tables can be compared. */
  constructor(exprs: readonly Expr[], like?: Keys) {
    for (const { type } of exprs) {
      if (type === 'dynamic')
        throw new KqlError('syntax', 'A dynamic cannot be a key; convert it with tostring()')
    }
    this.#exprs = exprs
    this.#values = like ? like.#values : exprs.map(() => new Map())
    this.#pairs = like ? like.#pairs : exprs.map(() => new Map())
  }

  /** The number of the row's key; -1 if it is not known and none is to be given. */
  of(row: Row, run: Run, give = true): number {
    let id = 0
    for (let at = 0; at < this.#exprs.length; at++) {
      const value = numberOf(this.#values[at]!, this.#exprs[at]!.eval(row, run), give)
      if (value < 0) return -1
      id = at === 0 ? value : numberOf(this.#pairs[at]!, id * SIDE + value, give)
      if (id < 0) return -1
    }
    return id
  }
}

function numberOf<K>(known: Map<K, number>, value: K, give: boolean): number {
  const found = known.get(value)
  if (found !== undefined) return found
  if (!give) return -1
  const id = known.size
  if (id >= SIDE) throw new KqlError('runtime', `More than ${SIDE} different keys`)
  known.set(value, id)
  return id
}
