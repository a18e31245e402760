import { Buffer } from 'node:buffer'
import { KEPT_HOURS } from './window.js'

const WORDS = 1 + KEPT_HOURS / 32
const AT_FIRST = 1_024

/** By how much the shared array grows: more would leave more of it unused. */
const GROWTH = 1.2

/**
 * In which hours something happened: many sets, each of 352 bits in a ring that ends at the newest hour.
 *
 * The sets share one array, 48 bytes each, since an object each would cost six times that at 100,000 agents.
 * A set is named by a whole number that `allocate` gives out. All costs are O(1) but where said.
 */
export class HourSets {
  /** Word 0 of a set is its newest hour, the others are the ring. */
  #words = new Int32Array(WORDS * AT_FIRST)
  #used = 0
  readonly #free: number[] = []

  /** An empty set. */
  allocate(): number {
    const slot = this.#free.pop() ?? this.#used++
    if ((slot + 1) * WORDS > this.#words.length) this.#grow()
    this.#words.fill(0, slot * WORDS, (slot + 1) * WORDS)
    return slot
  }

  /** A set with the same hours. */
  copy(from: number): number {
    const slot = this.allocate()
    this.#words.copyWithin(slot * WORDS, from * WORDS, (from + 1) * WORDS)
    return slot
  }

  /** Gives a set back; its number may be given out again. */
  release(slot: number): void {
    this.#free.push(slot)
  }

  /** Adds an hour; one that lies 352 or more behind the newest is forgotten already. */
  add(slot: number, hour: number): void {
    const base = slot * WORDS
    const newest = this.#words[base]!
    if (hour > newest) this.#advance(base, newest, hour)
    else if (newest - hour >= KEPT_HOURS) return
    const bit = hour % KEPT_HOURS
    this.#words[base + 1 + (bit >> 5)]! |= 1 << (bit & 31)
  }

  has(slot: number, hour: number): boolean {
    const base = slot * WORDS
    const newest = this.#words[base]!
    if (hour > newest || newest - hour >= KEPT_HOURS) return false
    const bit = hour % KEPT_HOURS
    return (this.#words[base + 1 + (bit >> 5)]! & (1 << (bit & 31))) !== 0
  }

  /** The newest hour, or 0 for an empty set. */
  newest(slot: number): number {
    return this.#words[slot * WORDS]!
  }

  /** How many of the hours `[from, to)` are in the set. O(hours), 32 at a time. */
  count(slot: number, from: number, to: number): number {
    let count = 0
    const end = this.#end(slot, to)
    for (let hour = this.#start(slot, from); hour < end; hour += hoursLeft(hour)) {
      const beyond = Math.max(0, 32 - (end - hour))
      count += bitsOf((this.#from(slot, hour) << beyond) >>> beyond)
    }
    return count
  }

  /** The first of the hours `[from, to)` that is in the set. O(hours), 32 at a time. */
  first(slot: number, from: number, to: number): number | undefined {
    const end = this.#end(slot, to)
    for (let hour = this.#start(slot, from); hour < end; hour += hoursLeft(hour)) {
      const bits = this.#from(slot, hour)
      if (bits === 0) continue
      const found = hour + lowestBit(bits)
      return found < end ? found : undefined
    }
    return undefined
  }

  /** The last of the hours `[from, to)` that is in the set. O(hours). */
  last(slot: number, from: number, to: number): number | undefined {
    const start = this.#start(slot, from)
    for (let hour = this.#end(slot, to) - 1; hour >= start; hour--) if (this.has(slot, hour)) return hour
    return undefined
  }

  /** The hours of `[from, to)` that are in the set, ascending. O(hours), 32 at a time. */
  list(slot: number, from: number, to: number): number[] {
    const hours: number[] = []
    const end = this.#end(slot, to)
    for (let hour = this.#start(slot, from); hour < end; hour += hoursLeft(hour)) {
      for (let bits = this.#from(slot, hour); bits !== 0; bits &= bits - 1) {
        const found = hour + lowestBit(bits)
        if (found < end) hours.push(found)
      }
    }
    return hours
  }

  /** The whole set in 64 characters, for saving: a list of its hours takes ten times as long to make. */
  saved(slot: number): string {
    return this.#bytes(slot).toString('base64')
  }

  /** Takes up a saved set, which is allocated. */
  restore(saved: string): number {
    const slot = this.allocate()
    this.#bytes(slot).write(saved, 'base64')
    return slot
  }

  /** The first hour from `from` on of which anything is known. */
  #start(slot: number, from: number): number {
    return Math.max(from, this.newest(slot) - KEPT_HOURS + 1, 0)
  }

  #end(slot: number, to: number): number {
    return Math.min(to, this.newest(slot) + 1)
  }

  /** The hours from one on as bits, lowest first, as far as its word goes. */
  #from(slot: number, hour: number): number {
    const bit = hour % KEPT_HOURS
    return this.#words[slot * WORDS + 1 + (bit >> 5)]! >>> (bit & 31)
  }

  #bytes(slot: number): Buffer {
    const { buffer, BYTES_PER_ELEMENT } = this.#words
    return Buffer.from(buffer, slot * WORDS * BYTES_PER_ELEMENT, WORDS * BYTES_PER_ELEMENT)
  }

  #advance(base: number, newest: number, hour: number): void {
    if (hour - newest >= KEPT_HOURS) this.#words.fill(0, base + 1, base + WORDS)
    else
      for (let passed = newest + 1; passed <= hour; passed++) {
        const bit = passed % KEPT_HOURS
        this.#words[base + 1 + (bit >> 5)]! &= ~(1 << (bit & 31))
      }
    this.#words[base] = hour
  }

  #grow(): void {
    const larger = new Int32Array(WORDS * Math.ceil((this.#words.length / WORDS) * GROWTH))
    larger.set(this.#words)
    this.#words = larger
  }
}

/** How many hours from one on stand in the same word. */
function hoursLeft(hour: number): number {
  return 32 - ((hour % KEPT_HOURS) & 31)
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

/** How many bits of a word are set. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555)
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
