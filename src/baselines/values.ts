import { KEPT_HOURS, windowStart } from './window.js'

/** Numbers a value takes: its id, the newest hour, a mask of the 31 hours before, the newest hour before those. */
const STRIDE = 4
const MASKED_HOURS = 31

/** Stands for all lists that are empty; a list that gets a value is made anew. */
const NONE: number[] = []

/**
 * Which values an agent showed and when last, exact for every hour that may still be judged: for the newest
 * day and a bit each hour is known, before that the last one. 32 bytes a value, in one sorted list.
 */
export class SeenValues {
  #entries = NONE

  /** How many values are remembered. */
  get size(): number {
    return this.#entries.length / STRIDE
  }

  /** Notes a value. Returns false, and forgets the value, if it is new and `limit` values are held already. */
  add(id: number, hour: number, limit: number): boolean {
    const at = this.#find(id)
    if (this.#entries[at] === id) this.#note(at, hour)
    else {
      if (this.size >= limit) this.#expire(hour)
      if (this.size >= limit) return false
      this.restore(id, hour, 0, 0)
    }
    return true
  }

  /** Whether a value was shown in the baseline window of `hour`, that is before `hour`. O(log values). */
  seenBefore(id: number, hour: number): boolean {
    const at = this.#find(id)
    return this.#entries[at] === id && this.#lastBefore(at, hour) >= windowStart(hour)
  }

  /** The values shown in the baseline window of `hour`. */
  before(hour: number): number[] {
    const ids: number[] = []
    for (let at = 0; at < this.#entries.length; at += STRIDE) {
      if (this.#lastBefore(at, hour) >= windowStart(hour)) ids.push(this.#entries[at]!)
    }
    return ids
  }

  /** All ids held, for sweeping. */
  *ids(): Iterable<number> {
    for (let at = 0; at < this.#entries.length; at += STRIDE) yield this.#entries[at]!
  }

  /** The value's plain numbers, for saving: newest hour, mask, newest hour before the mask. */
  *saved(): Iterable<[id: number, newest: number, mask: number, older: number]> {
    const e = this.#entries
    for (let at = 0; at < e.length; at += STRIDE) yield [e[at]!, e[at + 1]!, e[at + 2]!, e[at + 3]!]
  }

  /** Takes up a saved value. Copies the list, so that it takes no more room than its values. */
  restore(id: number, newest: number, mask: number, older: number): void {
    this.#entries = this.#entries.toSpliced(this.#find(id), 0, id, newest, mask, older)
  }

  /** The newest hour before `hour` at which the value was shown; 0 if there is none that is remembered. */
  #lastBefore(at: number, hour: number): number {
    const newest = this.#entries[at + 1]!
    if (newest < hour) return newest
    const mask = this.#entries[at + 2]!
    for (let back = Math.max(0, newest - hour); back < MASKED_HOURS; back++) {
      if (mask & (1 << back)) return newest - 1 - back
    }
    const older = this.#entries[at + 3]!
    return older < hour ? older : 0
  }

  #note(at: number, hour: number): void {
    const newest = this.#entries[at + 1]!
    if (hour > newest) this.#advance(at, newest, hour)
    else if (hour < newest && newest - hour <= MASKED_HOURS)
      this.#entries[at + 2]! |= 1 << (newest - hour - 1)
    else if (hour < newest) this.#entries[at + 3] = Math.max(this.#entries[at + 3]!, hour)
  }

  #advance(at: number, newest: number, hour: number): void {
    const by = hour - newest
    const mask = this.#entries[at + 2]!
    const dropped = lastDropped(mask, newest, by)
    this.#entries[at + 1] = hour
    this.#entries[at + 2] = by > MASKED_HOURS ? 0 : shifted(mask, by) | (1 << (by - 1))
    if (dropped > this.#entries[at + 3]!) this.#entries[at + 3] = dropped
  }

  #expire(hour: number): void {
    const kept: number[] = []
    for (const entry of this.saved()) if (hour - entry[1] < KEPT_HOURS) kept.push(...entry)
    this.#entries = kept
  }

  /** Binary search: where the id stands, or would. */
  #find(id: number): number {
    let low = 0
    let high = this.#entries.length / STRIDE
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#entries[middle * STRIDE]! < id) low = middle + 1
      else high = middle
    }
    return low * STRIDE
  }
}

function shifted(mask: number, by: number): number {
  return by >= MASKED_HOURS ? 0 : (mask << by) & 0x7fff_ffff
}

/** The newest hour that leaves the mask when the newest hour moves on by `by`; 0 if none does. */
function lastDropped(mask: number, newest: number, by: number): number {
  if (by > MASKED_HOURS) return newest
  for (let back = MASKED_HOURS - by; back < MASKED_HOURS; back++) {
    if (back >= 0 && mask & (1 << back)) return newest - 1 - back
  }
  return 0
}
