import { HourlyTotals } from './totals.js'
import { LATE_HOURS } from './window.js'

const RING = 512

/** Lists up to this length are copied when they grow, and so take no more room than their values. */
const SMALL = 32

/** Stands for all lists that are empty. */
const NONE: number[] = []

/**
 * How many different values each hour showed. The values themselves are kept for the last day only, so that a
 * late row is counted once too; from then on the number stands.
 */
export class HourlyDistinct {
  readonly totals = new HourlyTotals()
  /** `value * 512 + hour mod 512` of the last day. */
  #recent = NONE

  /** Notes a value; false if its hour shows `limit` values and this one is new, and so not counted. */
  add(value: number, hour: number, limit: number): boolean {
    if (hour > this.totals.newest) this.#forget(hour)
    const packed = value * RING + (hour % RING)
    if (this.#recent.includes(packed)) return true
    if (this.totals.at(hour) >= limit) return false
    this.#hold(packed)
    this.totals.add(hour, 1)
    return true
  }

  /** The ids of the values that are still held, for sweeping. */
  *ids(): Iterable<number> {
    for (const packed of this.#recent) yield Math.floor(packed / RING)
  }

  /** What is held, for saving. */
  *recent(): Iterable<[id: number, hour: number]> {
    for (const packed of this.#recent) yield [Math.floor(packed / RING), this.#hourOf(packed)]
  }

  /** Takes up a saved value; its hour's total is restored apart. */
  restore(id: number, hour: number): void {
    this.#hold(id * RING + (hour % RING))
  }

  #hold(packed: number): void {
    if (this.#recent.length < SMALL) this.#recent = this.#recent.concat(packed)
    else this.#recent.push(packed)
  }

  #hourOf(packed: number): number {
    const newest = this.totals.newest
    return newest - ((((newest - packed) % RING) + RING) % RING)
  }

  #forget(hour: number): void {
    const kept = this.#recent.filter((packed) => hour - this.#hourOf(packed) <= LATE_HOURS)
    if (kept.length < this.#recent.length) this.#recent = kept.length === 0 ? NONE : kept.slice()
  }
}
