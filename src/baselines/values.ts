import { Blocks } from './blocks.js'
import { KEPT_HOURS, windowStart } from './window.js'

/** Numbers a value takes: its id, the newest hour, a mask of the 31 hours before, the newest hour before those. */
const STRIDE = 4
const MASKED_HOURS = 31

/** The values of all agents: blocks of them and, as an object a set would take longer than what is in it, their heads. */
export class ValueSets {
  readonly blocks = new Blocks(STRIDE)
  /** Of each set where its block starts, and how many values it has. */
  readonly heads = new Blocks(2)

  /** An empty set, as a whole number. */
  allocate(): number {
    const set = this.heads.allocate(0)
    this.heads.words.fill(0, set, set + 2)
    return set
  }

  /** Gives back a set, which has to be empty. */
  release(set: number): void {
    this.heads.release(set, 0)
  }
}

/**
 * Which values an agent showed and when last, exact for every hour that may still be judged: for the newest
 * day and a bit each hour is known, before that the last one. 8 bytes a set and 16 a value, sorted by id in a shared
 * block that doubles when it is full. This is only a way to look at a set: `at` turns it to another.
 */
export class SeenValues {
  readonly #blocks: Blocks
  readonly #heads: Blocks
  #set: number

  constructor(sets: ValueSets = new ValueSets(), set = sets.allocate()) {
    this.#blocks = sets.blocks
    this.#heads = sets.heads
    this.#set = set
  }

  /** Looks at another set from now on. */
  at(set: number): this {
    this.#set = set
    return this
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
    const size = this.#size
    if (size === 0 || size === 1 << powerOf(size)) this.#grow()
    const at = this.#find(id)
    this.#blocks.words.copyWithin(at + STRIDE, at, this.#end)
    this.#blocks.words.set([id, newest, mask, older], at)
    this.#heads.words[this.#set + 1] = size + 1
  }

  /** Forgets all values and gives their room back. */
  release(): void {
    if (this.#size > 0) this.#blocks.release(this.#start, powerOf(this.#size))
    this.#heads.words[this.#set + 1] = 0
  }

  get #start(): number {
    return this.#heads.words[this.#set]!
  }

  get #size(): number {
    return this.#heads.words[this.#set + 1]!
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
    const size = this.#size
    const start = this.#blocks.allocate(size === 0 ? 0 : powerOf(size) + 1)
    this.#blocks.words.copyWithin(start, from, this.#end)
    if (size > 0) this.#blocks.release(from, powerOf(size))
    this.#heads.words[this.#set] = start
  }

  /** Binary search: where the id stands, or would. */
  #find(id: number): number {
    const { words } = this.#blocks
    const start = this.#start
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >> 1
      if (words[start + middle * STRIDE]! < id) low = middle + 1
      else high = middle
    }
    return start + low * STRIDE
  }
}

/** The block of so many values has room for two to the power of this. */
function powerOf(size: number): number {
  return 32 - Math.clz32(size - 1)
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
