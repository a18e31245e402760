import { Blocks } from './blocks.js'
import { KEPT_HOURS, windowStart } from './window.js'

/** Numbers a value takes: its id, the newest hour, a mask of the 31 hours before, the newest hour before those. */
const STRIDE = 4
const MASKED_HOURS = 31

/** Where the values of all agents are. */
export function valueBlocks(): Blocks {
  return new Blocks(STRIDE)
}

/**
 * Which values an agent showed and when last, exact for every hour that may still be judged: for the newest
 * day and a bit each hour is known, before that the last one. 16 bytes a value, sorted by id in a shared block that
 * doubles when it is full.
 */
export class SeenValues {
  readonly #blocks: Blocks
  #start = 0
  #size = 0
  /** The block has room for `2 ** #power` values; there is none yet at -1. */
  #power = -1

  constructor(blocks: Blocks = valueBlocks()) {
    this.#blocks = blocks
  }

  /** How many values are remembered. */
  get size(): number {
    return this.#size
  }

  /** Notes a value. Returns false, and forgets the value, if it is new and `limit` values are held already. */
  add(id: number, hour: number, limit: number): boolean {
    const at = this.#find(id)
    if (this.#isAt(id, at)) this.#note(at, hour)
    else {
      if (this.#size >= limit) this.#expire(hour)
      if (this.#size >= limit) return false
      this.restore(id, hour, 0, 0)
    }
    return true
  }

  /** Whether a value was shown in the baseline window of `hour`, that is before `hour`. O(log values). */
  seenBefore(id: number, hour: number): boolean {
    const at = this.#find(id)
    return this.#isAt(id, at) && this.#lastBefore(at, hour) >= windowStart(hour)
  }

  /** The values shown in the baseline window of `hour`. */
  before(hour: number): number[] {
    const ids: number[] = []
    for (let at = this.#start; at < this.#end; at += STRIDE) {
      if (this.#lastBefore(at, hour) >= windowStart(hour)) ids.push(this.#blocks.words[at]!)
    }
    return ids
  }

  /**
   * Of the hours at which each value of the baseline window of `hour` was shown last, the first; `hour` itself if there
   * is no value. O(values).
   */
  oldest(hour: number): number {
    let oldest = hour
    for (let at = this.#start; at < this.#end; at += STRIDE) {
      const last = this.#lastBefore(at, hour)
      if (last >= windowStart(hour) && last < oldest) oldest = last
    }
    return oldest
  }

  /** All ids held, for sweeping. */
  *ids(): Iterable<number> {
    for (let at = this.#start; at < this.#end; at += STRIDE) yield this.#blocks.words[at]!
  }

  /** The value's plain numbers, for saving: newest hour, mask, newest hour before the mask. */
  *saved(): Iterable<[id: number, newest: number, mask: number, older: number]> {
    const { words } = this.#blocks
    for (let at = this.#start; at < this.#end; at += STRIDE) {
      yield [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
    }
  }

  /** Takes up a saved value. */
  restore(id: number, newest: number, mask: number, older: number): void {
    if (this.#power < 0 || this.#size === 1 << this.#power) this.#grow()
    const at = this.#find(id)
    this.#blocks.words.copyWithin(at + STRIDE, at, this.#end)
    this.#blocks.words.set([id, newest, mask, older], at)
    this.#size++
  }

  /** Forgets all values and gives their room back. */
  release(): void {
    if (this.#power >= 0) this.#blocks.release(this.#start, this.#power)
    this.#size = 0
    this.#power = -1
  }

  get #end(): number {
    return this.#start + this.#size * STRIDE
  }

  #isAt(id: number, at: number): boolean {
    return at < this.#end && this.#blocks.words[at] === id
  }

  /** The newest hour before `hour` at which the value was shown; 0 if there is none that is remembered. */
  #lastBefore(at: number, hour: number): number {
    const { words } = this.#blocks
    const newest = words[at + 1]!
    if (newest < hour) return newest
    const mask = words[at + 2]!
    for (let back = Math.max(0, newest - hour); back < MASKED_HOURS; back++) {
      if (mask & (1 << back)) return newest - 1 - back
    }
    const older = words[at + 3]!
    return older < hour ? older : 0
  }

  #note(at: number, hour: number): void {
    const { words } = this.#blocks
    const newest = words[at + 1]!
    if (hour > newest) this.#advance(at, newest, hour)
    else if (hour < newest && newest - hour <= MASKED_HOURS) words[at + 2]! |= 1 << (newest - hour - 1)
    else if (hour < newest) words[at + 3] = Math.max(words[at + 3]!, hour)
  }

  #advance(at: number, newest: number, hour: number): void {
    const { words } = this.#blocks
    const by = hour - newest
    const mask = words[at + 2]!
    const dropped = lastDropped(mask, newest, by)
    words[at + 1] = hour
    words[at + 2] = by > MASKED_HOURS ? 0 : shifted(mask, by) | (1 << (by - 1))
    if (dropped > words[at + 3]!) words[at + 3] = dropped
  }

  #expire(hour: number): void {
    const kept = Array.from(this.saved()).filter(([, newest]) => hour - newest < KEPT_HOURS)
    if (kept.length === this.#size) return
    this.release()
    for (const entry of kept) this.restore(...entry)
  }

  #grow(): void {
    const from = this.#start
    const end = this.#end
    const start = this.#blocks.allocate(this.#power + 1)
    this.#blocks.words.copyWithin(start, from, end)
    if (this.#power >= 0) this.#blocks.release(from, this.#power)
    this.#start = start
    this.#power++
  }

  /** Binary search: where the id stands, or would. */
  #find(id: number): number {
    const { words } = this.#blocks
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >> 1
      if (words[this.#start + middle * STRIDE]! < id) low = middle + 1
      else high = middle
    }
    return this.#start + low * STRIDE
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
