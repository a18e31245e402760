import type { HourSets } from './hours.js'
import { EMPTY, FREE, inserted, retained, sizeOf } from './packed-list.js'
import { HourlyTotals } from './totals.js'
import { LATE_HOURS } from './window.js'

const RING = 512

/**
 * How many different values each hour showed. The values themselves are kept for the last day only, so that a
 * late row is counted once too; from then on the number stands.
 */
export class HourlyDistinct {
  readonly totals: HourlyTotals
  /** `value * 512 + hour mod 512` of the last day, and some older ones: they are dropped once a day. */
  #recent = EMPTY

  /** @param sets - where the hours of a quiet series are kept. */
  constructor(sets?: HourSets) {
    this.totals = new HourlyTotals(sets)
  }

  /** Notes a value; false if its hour shows `limit` values and this one is new, and so not counted. */
  add(value: number, hour: number, limit: number): boolean {
    if (dayOf(hour) > dayOf(this.totals.newest)) this.#forget(hour)
    const packed = value * RING + (hour % RING)
    const total = this.totals.at(hour)
    if (this.#holds(packed, total)) return true
    if (total >= limit) return false
    this.#hold(packed)
    this.totals.add(hour, 1)
    return true
  }

  /** The ids of the values that are still held, for sweeping. */
  *ids(): Iterable<number> {
    for (const [id] of this.recent()) yield id
  }

  /** What is held, for saving. */
  *recent(): Iterable<[id: number, hour: number]> {
    for (const packed of this.#recent) {
      if (packed === FREE) return
      const hour = this.#hourOf(packed)
      if (this.totals.newest - hour <= LATE_HOURS) yield [Math.floor(packed / RING), hour]
    }
  }

  /** Takes up a saved value; its hour's total is restored apart. */
  restore(id: number, hour: number): void {
    this.#hold(id * RING + (hour % RING))
  }

  /** Looks from the end on, where the newest hour is, and no further than the hour has values. */
  #holds(packed: number, ofHour: number): boolean {
    let left = ofHour
    for (let at = this.#recent.length - 1; at >= 0 && left > 0; at--) {
      const one = this.#recent[at]!
      if (one === packed) return true
      if (one !== FREE && (one - packed) % RING === 0) left--
    }
    return false
  }

  #hold(packed: number): void {
    this.#recent = inserted(this.#recent, sizeOf(this.#recent), packed)
  }

  #hourOf(packed: number): number {
    const newest = this.totals.newest
    return newest - ((((newest - packed) % RING) + RING) % RING)
  }

  #forget(hour: number): void {
    this.#recent = retained(this.#recent, (packed) => hour - this.#hourOf(packed) <= LATE_HOURS)
  }
}

function dayOf(hour: number): number {
  return Math.floor(hour / 24)
}
