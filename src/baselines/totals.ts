import type { HourSets } from './hours.js'
import { EMPTY, FREE, inserted, retained, sizeOf } from './packed-list.js'
import { KEPT_HOURS } from './window.js'

/** Hours of a ring that a packed entry can tell apart; a power of two above KEPT_HOURS. */
const RING = 512

/** From this many hours on, an array with a place for every hour is smaller than a list of the active ones. */
const DENSE_FROM = 168

/** A place for each hour, as wide as the largest total needs. */
type Ring = Uint8Array | Uint16Array | Uint32Array | Float64Array

/**
 * One total for each hour, over the last 352 hours: a number of rows, a sum, a number of distinct values.
 *
 * A quiet series is a sorted list of `(total + 1) * 512 + hour mod 512` (8 bytes an active hour, exact to
 * 2^44); a busy one a ring with a place for each hour that holds `total + 1` (1, 2, 4 or 8 bytes, as the largest
 * total needs). The one added tells an hour whose total is 0 from an hour without any. While each total is 1, as of a
 * nightly job, the hours are kept as a set, which takes a fifth of the list.
 */
export class HourlyTotals {
  #newest = 0
  #list: number[] | undefined
  #ring: Ring | undefined
  readonly #sets: HourSets | undefined
  /** The hours whose total is 1, while there are no others; -1 once there are. */
  #ones: number

  /** @param sets - where hours are kept; without it there is a list from the beginning. */
  constructor(sets?: HourSets) {
    this.#sets = sets
    this.#ones = sets ? sets.allocate() : -1
    this.#list = sets ? undefined : EMPTY
  }

  /** The newest hour that has a total, or 0. */
  get newest(): number {
    return this.#ones >= 0 ? this.#sets!.newest(this.#ones) : this.#newest
  }

  /** Adds to an hour's total and returns the new total. Hours 352 or more behind the newest are forgotten. */
  add(hour: number, amount: number): number {
    if (this.#ones >= 0) {
      if (amount === 1 && !this.#sets!.has(this.#ones, hour)) return this.#addOne(hour)
      this.#becomeList()
    }
    if (hour > this.#newest) this.#advance(hour)
    else if (this.#newest - hour >= KEPT_HOURS) return amount
    return this.#ring ? this.#addToRing(hour, amount) : this.#addToList(this.#list!, hour, amount)
  }

  /** The total of an hour; 0 where there is none. */
  at(hour: number): number {
    if (this.#ones >= 0) return Number(this.#sets!.has(this.#ones, hour))
    if (hour > this.#newest || this.#newest - hour >= KEPT_HOURS) return 0
    if (this.#ring) return Math.max(0, this.#ring[hour % KEPT_HOURS]! - 1)
    const index = this.#find(this.#list!, hour)
    const packed = this.#list![index] ?? FREE
    return packed !== FREE && this.#hourOf(packed) === hour ? totalOf(packed) : 0
  }

  /** The hours of `[from, to)` that have a total, be it 0, ascending, with their totals. */
  entries(from: number, to: number): [hour: number, total: number][] {
    const found: [number, number][] = []
    this.#visit(from, to, (hour, total) => found.push([hour, total]))
    return found
  }

  /** All totals as plain numbers, for saving: hours since the one before (the first since 1970), each with its total. */
  saved(): number[] {
    const saved: number[] = []
    let before = 0
    this.#visit(0, Number.POSITIVE_INFINITY, (hour, total) => {
      saved.push(hour - before, total)
      before = hour
    })
    return saved
  }

  /** Takes up what was saved. */
  restore(saved: readonly number[]): void {
    let hour = 0
    for (let at = 0; at < saved.length; at += 2) {
      hour += saved[at]!
      this.add(hour, saved[at + 1]!)
    }
  }

  /** To be called when it is of no use any more. */
  release(): void {
    if (this.#ones >= 0) this.#sets!.release(this.#ones)
    this.#ones = -1
    this.#list = EMPTY
    this.#ring = undefined
  }

  #addOne(hour: number): number {
    this.#sets!.add(this.#ones, hour)
    return 1
  }

  #becomeList(): void {
    const hours = this.#sets!.list(this.#ones, 0, Number.POSITIVE_INFINITY)
    this.release()
    for (const hour of hours) this.add(hour, 1)
  }

  #visit(from: number, to: number, visit: (hour: number, total: number) => void): void {
    if (this.#ones >= 0) {
      for (const hour of this.#sets!.list(this.#ones, from, to)) visit(hour, 1)
      return
    }
    const start = Math.max(from, this.#newest - KEPT_HOURS + 1)
    if (this.#list) {
      for (const packed of this.#list) {
        if (packed === FREE) break
        const hour = this.#hourOf(packed)
        if (hour >= start && hour < to) visit(hour, totalOf(packed))
      }
      return
    }
    for (let hour = start; hour < to && hour <= this.#newest; hour++) {
      const stored = this.#ring![hour % KEPT_HOURS]!
      if (stored !== 0) visit(hour, stored - 1)
    }
  }

  #hourOf(packed: number): number {
    const behind = (((this.#newest - packed) % RING) + RING) % RING
    return this.#newest - behind
  }

  #advance(hour: number): void {
    const list = this.#list
    if (!list) this.#clearPassed(this.#ring!, hour)
    else if (list.length > 0 && hour - this.#hourOf(list[0]!) >= KEPT_HOURS)
      this.#list = retained(list, (packed) => hour - this.#hourOf(packed) < KEPT_HOURS)
    this.#newest = hour
  }

  #clearPassed(ring: Ring, hour: number): void {
    if (hour - this.#newest >= KEPT_HOURS) ring.fill(0)
    else for (let passed = this.#newest + 1; passed <= hour; passed++) ring[passed % KEPT_HOURS] = 0
  }

  #addToList(list: number[], hour: number, amount: number): number {
    const index = this.#find(list, hour)
    const packed = list[index] ?? FREE
    if (packed !== FREE && this.#hourOf(packed) === hour) {
      list[index] = packed + amount * RING
      return totalOf(list[index]!)
    }
    const entry = (amount + 1) * RING + (hour % RING)
    this.#list = inserted(list, index, entry)
    if (this.#list.length > DENSE_FROM && sizeOf(this.#list) > DENSE_FROM) this.#becomeRing()
    return amount
  }

  /** Where the hour stands in the list, or would; nearly always at its end. */
  #find(list: readonly number[], hour: number): number {
    let index = sizeOf(list)
    while (index > 0 && this.#hourOf(list[index - 1]!) >= hour) index--
    return index
  }

  #addToRing(hour: number, amount: number): number {
    const before = this.#ring![hour % KEPT_HOURS]!
    const stored = before === 0 ? amount + 1 : before + amount
    if (stored > largestIn(this.#ring!)) this.#ring = widened(this.#ring!, stored)
    this.#ring![hour % KEPT_HOURS] = stored
    return stored - 1
  }

  #becomeRing(): void {
    const entries = this.entries(this.#newest - KEPT_HOURS + 1, this.#newest + 1)
    this.#ring = ringFor(Math.max(...entries.map(([, total]) => total + 1)))
    for (const [hour, total] of entries) this.#ring[hour % KEPT_HOURS] = total + 1
    this.#list = undefined
  }
}

function totalOf(packed: number): number {
  return Math.floor(packed / RING) - 1
}

function ringFor(largest: number): Ring {
  if (largest <= 0xff) return new Uint8Array(KEPT_HOURS)
  if (largest <= 0xffff) return new Uint16Array(KEPT_HOURS)
  return largest <= 0xffff_ffff ? new Uint32Array(KEPT_HOURS) : new Float64Array(KEPT_HOURS)
}

/** The largest whole number that a place of the ring holds. */
function largestIn(ring: Ring): number {
  return ring.BYTES_PER_ELEMENT === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * ring.BYTES_PER_ELEMENT) - 1
}

function widened(ring: Ring, largest: number): Ring {
  const wide = ringFor(largest)
  wide.set(ring)
  return wide
}
