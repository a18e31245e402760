import type { ViewRow } from '../views/view.js'

/** Finds something out about a row. Pure but for the numbers that new texts get. */
export type Fact<Value> = (row: ViewRow) => Value

/**
 * What is found out about the row at hand, once however many detections ask: whether a condition holds, the number of
 * a value. Only the last row's answer is kept.
 */
export class RowFacts {
  readonly #facts = new Map<string, Fact<unknown>>()

  /** The fact of this name; equal names must mean the same. */
  once<Value>(name: string, find: Fact<Value>): Fact<Value> {
    const known = this.#facts.get(name)
    if (known) return known as Fact<Value>
    const fact = keptFor(find)
    this.#facts.set(name, fact)
    return fact
  }
}

function keptFor<Value>(find: Fact<Value>): Fact<Value> {
  let last: ViewRow | undefined
  let value: Value
  return (row) => {
    if (row !== last) {
      value = find(row)
      last = row
    }
    return value
  }
}
