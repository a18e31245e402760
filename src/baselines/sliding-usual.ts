import type { Usual } from './statistics.js'

/**
 * Median and MAD of values that come and go, as of a window that moves on hour by hour: the same numbers as `usual`,
 * at O(values) a question but without sorting.
 */
export class SlidingUsual {
  readonly #sorted: number[] = []

  /** Takes a value in. O(log values), and moving those above it. */
  add(value: number): void {
    this.#sorted.splice(this.#find(value), 0, value)
  }

  /** Takes a value out that was taken in. */
  remove(value: number): void {
    this.#sorted.splice(this.#find(value), 1)
  }

  /** What is usual of the values that are in; nothing where there are none. */
  usual(): Usual | undefined {
    const of = this.#sorted.length
    if (of === 0) return undefined
    const middle = mean(this.#sorted[(of - 1) >> 1]!, this.#sorted[of >> 1]!)
    return { median: middle, mad: this.#deviation(middle), of }
  }

  /** The median of the distances from the middle, by walking outwards from it: they come in ascending order. */
  #deviation(middle: number): number {
    const values = this.#sorted
    const half = values.length >> 1
    let above = this.#find(middle)
    let below = above - 1
    let [last, previous] = [0, 0]
    for (let taken = 0; taken <= half; taken++) {
      const down = below >= 0 ? middle - values[below]! : Number.POSITIVE_INFINITY
      const up = above < values.length ? values[above]! - middle : Number.POSITIVE_INFINITY
      previous = last
      last = Math.min(down, up)
      if (down <= up) below--
      else above++
    }
    return values.length % 2 === 1 ? last : mean(previous, last)
  }

  /** The first place whose value is not less. */
  #find(value: number): number {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sorted[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Of a number and one that is not less; written like the library's own, so that the last digit is the same. */
function mean(a: number, b: number): number {
  return a + 0.5 * (b - a)
}
