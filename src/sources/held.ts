import { trimEnd } from '../records/bytes.js'

const NOTHING = Buffer.alloc(0)

/**
 * The bytes of a piece that did not end in the chunk it began in. They are copied, so no chunk is kept
 * alive. At most `maxBytes` are stored, and only the first `keepBytes` once the piece is known to be larger.
 */
export class Held {
  #bytes: Buffer = NOTHING
  #stored = 0
  #total = 0
  #length = 0

  constructor(
    readonly maxBytes: number,
    readonly keepBytes: number,
  ) {}

  /** True from the first add() to take(). */
  get active(): boolean {
    return this.#total > 0
  }

  /** Length of the piece in bytes without trailing blanks, also of what was not stored. */
  get length(): number {
    return this.#length
  }

  get tooLarge(): boolean {
    return this.#length > this.maxBytes
  }

  /** First byte of the piece. */
  get first(): number | undefined {
    return this.#bytes[0]
  }

  /** Last byte of the piece that is not blank; undefined when not all is stored, blanks included. */
  get last(): number | undefined {
    return this.#total > this.maxBytes ? undefined : this.#bytes[this.#length - 1]
  }

  add(chunk: Buffer, from: number, to: number): void {
    const end = trimEnd(chunk, from, to)
    if (end > from) this.#length = this.#total + end - from
    this.#total += to - from
    // Blanks beyond maxBytes need no place: whatever follows them makes the piece too large.
    if (this.tooLarge) this.#shrink()
    const room = (this.tooLarge ? this.keepBytes : this.maxBytes) - this.#stored
    if (room > 0) this.#store(chunk, from, Math.min(to, from + room))
  }

  /** The stored bytes without trailing blanks; nothing is held afterwards. */
  take(): Buffer {
    return this.#release(Math.min(this.#stored, this.#length))
  }

  /** The stored bytes with trailing blanks; nothing is held afterwards. */
  takeAll(): Buffer {
    return this.#release(this.#stored)
  }

  #release(length: number): Buffer {
    const bytes = this.#bytes.subarray(0, length)
    this.#bytes = NOTHING
    this.#stored = this.#total = this.#length = 0
    return bytes
  }

  #shrink(): void {
    if (this.#stored <= this.keepBytes) return
    this.#bytes = Buffer.from(this.#bytes.subarray(0, this.keepBytes))
    this.#stored = this.keepBytes
  }

  #store(chunk: Buffer, from: number, to: number): void {
    const needed = this.#stored + to - from
    if (needed > this.#bytes.length) this.#grow(needed)
    chunk.copy(this.#bytes, this.#stored, from, to)
    this.#stored = needed
  }

  #grow(needed: number): void {
    const doubled = Math.min(2 * this.#bytes.length, this.maxBytes)
    const grown = Buffer.allocUnsafe(Math.max(needed, doubled))
    this.#bytes.copy(grown, 0, 0, this.#stored)
    this.#bytes = grown
  }
}
