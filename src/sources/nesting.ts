import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../records/bytes.js'

/** 1 for the bytes that mean something outside and inside a string: tables, as most bytes mean nothing. */
const STRUCTURAL = tableOf(QUOTE, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT, LF)
const IN_STRING = tableOf(QUOTE, BACKSLASH, LF)

function tableOf(...bytes: number[]): Uint8Array {
  const table = new Uint8Array(256)
  for (const byte of bytes) table[byte] = 1
  return table
}

/** Index of the first byte from `from` on that is in the table, or the number of bytes. */
function skipTo(table: Uint8Array, bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && table[bytes[at] as number] === 0) at++
  return at
}

/**
 * Follows one JSON value byte by byte to its end: a depth, not a stack, so depth costs nothing. The two
 * kinds of bracket are not told apart; a value that mixes them up is for the decoder to reject.
 */
export class Nesting {
  #depth = 0
  #inString = false
  #escaped = false
  #ended = false

  /** True when the value ended at the index that advance() returned last. */
  get ended(): boolean {
    return this.#ended
  }

  /** Expects the first byte of a value next. */
  reset(): void {
    this.#depth = 0
    this.#inString = this.#escaped = this.#ended = false
  }

  /**
   * Goes on from bytes[from] to the end of the value (exclusive; a scalar ends before `,` or `]`), to the
   * next line feed (not consumed), or to the end of the bytes, whichever comes first.
   */
  advance(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && !this.#ended && bytes[at] !== LF) {
      at = this.#inString ? this.#throughString(bytes, at) : this.#throughStructure(bytes, at)
    }
    return at
  }

  #throughString(bytes: Buffer, from: number): number {
    let at = from
    if (this.#escaped) {
      this.#escaped = false
      // A line feed cannot be escaped in JSON: the value is broken, the line still counts.
      if (bytes[at] !== LF) at++
    }
    at = skipTo(IN_STRING, bytes, at)
    if (at === bytes.length || bytes[at] === LF) return at
    if (bytes[at] === BACKSLASH) this.#escaped = true
    else this.#inString = false
    return at + 1
  }

  #throughStructure(bytes: Buffer, from: number): number {
    const at = skipTo(STRUCTURAL, bytes, from)
    if (at === bytes.length || bytes[at] === LF) return at
    const byte = bytes[at]
    if (byte === QUOTE) this.#inString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth++
    else if (this.#depth > 0) this.#close(byte)
    else if (byte !== CLOSE_OBJECT) return this.#end(at)
    return at + 1
  }

  /** A comma or a closing bracket inside the value. */
  #close(byte: number | undefined): void {
    if (byte !== COMMA && --this.#depth === 0) this.#ended = true
  }

  #end(at: number): number {
    this.#ended = true
    return at
  }
}
