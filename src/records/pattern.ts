import { Buffer } from 'node:buffer'
import { afterSlot, type ReadRecord, type Selected, type Slot, valueAt } from './careful.js'
import { NOT_SURE } from './skip.js'

/** The bytes of a message, also as words of four bytes at any place. */
export interface Message {
  readonly bytes: Buffer
  readonly view: DataView
}

/** A record, and the index after its last byte. */
export interface Read {
  readonly record: Selected
  readonly end: number
}

/** A record that was read key by key, for reading others that are like it. */
export class Pattern {
  readonly #record: Selected
  readonly #slots: readonly Slot[]
  readonly #length: number
  readonly #view: DataView
  /** The values in which the record at hand differs: number of the slot, start and end in the message, of each. */
  readonly #noted: Int32Array
  #changes = 0

  /** @param from - where the record starts in the bytes. */
  constructor(bytes: Buffer, from: number, { record, slots, end }: ReadRecord) {
    this.#record = record
    this.#slots = slots
    this.#length = end - from
    this.#noted = new Int32Array(3 * slots.length)
    // A copy, so that the chunk which the bytes are a part of is not kept.
    this.#view = viewOf(Buffer.from(bytes.subarray(from, end)))
  }

  /**
   * Reads the record that starts at `from` of a message, if it is like this one: the same keys in the same order,
   * and the same blanks. Whatever differs lies within values, and each of those is read by itself; the record that
   * is made of this one and JSON values in place of others is JSON. Values that are the same are shared.
   *
   * Cost: 0.3 ns a byte that is the same, about 0.2 us a value that is not.
   */
  read(message: Message, from: number): Read | undefined {
    const end = this.#endOf(message, from)
    return end === undefined ? undefined : { record: this.#changed(message.bytes), end }
  }

  /** The index after the record, if it is like this one. Where a value should stand and none does, it is not. */
  #endOf(message: Message, from: number): number | undefined {
    try {
      return this.#compare(message, from)
    } catch (error) {
      if (error === NOT_SURE) return undefined
      throw error
    }
  }

  /** Notes which wanted values differ, and where they stand. Returns the index after the record, if it is like this. */
  #compare({ bytes, view }: Message, from: number): number | undefined {
    this.#changes = 0
    let [at, here, next] = [from, 0, 0]
    for (;;) {
      const same = this.#same(here, view, at)
      here += same
      at += same
      if (here === this.#length) return at
      next = this.#slotAt(here, next)
      const slot = this.#slots[next]
      if (slot === undefined || slot.start > here) return undefined
      const start = at - (here - slot.start)
      const end = afterSlot(bytes, start)
      if (slot.key !== undefined) this.#note(next, start, end)
      here = slot.end
      at = end
      next++
    }
  }

  #note(slot: number, start: number, end: number): void {
    const change = this.#changes++ * 3
    this.#noted[change] = slot
    this.#noted[change + 1] = start
    this.#noted[change + 2] = end
  }

  /** A copy of the record with the values that were noted. */
  #changed(bytes: Buffer): Selected {
    const record = this.#copy()
    for (let change = 0; change < this.#changes * 3; change += 3) {
      const { key, inner } = this.#slots[this.#noted[change]!]!
      const values = inner ? record.properties! : record
      values[key!] = valueAt(bytes, this.#noted[change + 1]!, this.#noted[change + 2]!)
    }
    return record
  }

  #copy(): Selected {
    const { properties } = this.#record
    return properties ? { ...this.#record, properties: { ...properties } } : { ...this.#record }
  }

  /** Number of the first slot, from `next` on, that does not end before a place: behind its end a number may go on. */
  #slotAt(place: number, next: number): number {
    let number = next
    while (number < this.#slots.length && this.#slots[number]!.end < place) number++
    return number
  }

  /** How many bytes from `here` on are the same as in the message from `at` on. */
  #same(here: number, message: DataView, at: number): number {
    const mine = this.#view
    const length = Math.min(this.#length - here, message.byteLength - at)
    let count = 0
    for (; count + 4 <= length; count += 4) {
      const difference = mine.getInt32(here + count, true) ^ message.getInt32(at + count, true)
      if (difference !== 0) return count + lowestByte(difference)
    }
    while (count < length && mine.getInt8(here + count) === message.getInt8(at + count)) count++
    return count
  }
}

/** The same bytes, to be read as words. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Index of the lowest byte of a word that is not 0. */
function lowestByte(word: number): number {
  return (31 - Math.clz32(word & -word)) >> 3
}
