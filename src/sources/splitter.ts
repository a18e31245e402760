import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isBlank,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  trimEnd,
} from '../records/bytes.js'
import { Held } from './held.js'
import { Nesting } from './nesting.js'

/** One JSON value of an input, as bytes, with its position; not parsed. */
export interface Piece {
  /** The value without the blanks around it; only the first `keepBytes` when it is too large. */
  bytes: Buffer
  /** Line on which it starts, from 1. */
  line: number
  /** Byte at which it starts in the uncompressed input, from 0. */
  offset: number
  /** Full length in bytes, also of what was cut off. */
  length: number
  /**
   * `too-large`: longer than `maxBytes`. `incomplete`: the input ended, or a new value began at the start of
   * a line, before this one was closed. An array that breaks off between two elements gives an incomplete
   * piece of length 0 at that place.
   */
  problem?: 'too-large' | 'incomplete'
}

export interface SplitterOptions {
  /** Largest value in bytes; 16 MiB. */
  maxBytes?: number
  /** Bytes kept of a value that is larger; 64 KiB, at most maxBytes. */
  keepBytes?: number
}

const EMPTY = Buffer.alloc(0)
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
/** A line starting with `{` and ending on one of these goes on in the next line. */
const CONTINUES: ReadonlySet<number | undefined> = new Set([OPEN_OBJECT, OPEN_ARRAY, COMMA, COLON])

/**
 * Splits NDJSON, JSON arrays and pretty-printed objects, in any mixture, into their values. It neither parses
 * nor validates: what is not JSON comes out line by line for the decoder to reject. The pieces do not depend
 * on how the input is cut into chunks, and are slices of the chunk where a value lies within one: a chunk
 * must not be written to while its pieces are in use. Holds at most `maxBytes` between two chunks.
 */
export class Splitter {
  readonly #maxBytes: number
  readonly #keepBytes: number
  readonly #held: Held
  readonly #nesting = new Nesting()
  #pieces: Piece[] = []
  /** First bytes of the input while they may still be a byte order mark; undefined afterwards. */
  #head: Buffer | undefined = EMPTY

  #mode: 'line' | 'object' | 'array' = 'line'
  /** Offset of the first byte of the buffer at hand, and of the first byte of the current line. */
  #base = 0
  #lineOffset = 0
  #line = 1
  #pieceOffset = 0
  #pieceLine = 1
  /** A scanned value ended on this line: the rest of it is scanned too, so no byte is looked at twice. */
  #midLine = false
  /** Array mode: within an element; an element ended and no comma followed; a break was reported. */
  #inElement = false
  #wantsComma = false
  #broken = false

  constructor(options: SplitterOptions = {}) {
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024
    this.#keepBytes = Math.min(options.keepBytes ?? 64 * 1024, this.#maxBytes)
    this.#held = new Held(this.#maxBytes, this.#keepBytes)
  }

  /** The values that end in this chunk. */
  push(chunk: Buffer): Piece[] {
    const bytes = this.#withoutHead(chunk)
    if (bytes === undefined) return []
    return this.#split(bytes)
  }

  /** What is left when the input ends. A last line without line feed is no problem, an open value is. */
  end(): Piece[] {
    const head = this.#head ?? EMPTY
    this.#head = undefined
    const pieces = this.#split(head)
    while (this.#mode === 'line' && this.#held.active) this.#endHeldLine()
    if (this.#held.active) this.#emit(EMPTY, 0, 0, 'incomplete')
    else if (this.#mode === 'array') this.#breakArray(0)
    return pieces
  }

  /**
   * Byte of the uncompressed input from which a new splitter would go on as this one: the beginning of the value that
   * is open, or the end of what was pushed. `undefined` within an array, which a new one would not know of.
   */
  get restart(): number | undefined {
    if (this.#head !== undefined) return 0
    if (this.#mode === 'array' || this.#midLine) return undefined
    return this.#held.active ? this.#pieceOffset : this.#base
  }

  /** The chunk, preceded by what was put aside before it; undefined while a byte order mark is undecided. */
  #withoutHead(chunk: Buffer): Buffer | undefined {
    if (this.#head === undefined) return chunk
    const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const mark = BYTE_ORDER_MARK.subarray(0, head.length)
    const marked = head.subarray(0, mark.length).equals(mark)
    this.#head = marked && head.length < BYTE_ORDER_MARK.length ? head : undefined
    if (this.#head !== undefined) return undefined
    if (!marked) return head
    this.#base = BYTE_ORDER_MARK.length
    return head.subarray(BYTE_ORDER_MARK.length)
  }

  #split(bytes: Buffer): Piece[] {
    const pieces: Piece[] = []
    this.#pieces = pieces
    this.#run(bytes)
    this.#base += bytes.length
    return pieces
  }

  #run(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#mode === 'line') at = this.#lines(bytes, at)
      else if (this.#mode === 'object') at = this.#value(bytes, at)
      else at = this.#elements(bytes, at)
    }
  }

  /** Goes on line by line up to the end of the bytes or to a value that has to be scanned. */
  #lines(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length) {
      if (!this.#held.active) at = this.#beginLine(bytes, at)
      if (at === bytes.length || this.#mode !== 'line') break
      const lineFeed = bytes.indexOf(LF, at)
      if (lineFeed === -1) return this.#hold(bytes, at)
      at = this.#held.active ? this.#endHeldLine(bytes, at, lineFeed) : this.#endLine(bytes, at, lineFeed)
      if (this.#mode !== 'line') break
    }
    return at
  }

  /** Index of the first byte of the next value; changes the mode when this byte tells that it is scanned. */
  #beginLine(bytes: Buffer, from: number): number {
    const at = this.#skipSeparators(bytes, from)
    if (at === bytes.length) return at
    if (bytes[at] === OPEN_ARRAY) return this.#openArray(at)
    this.#beginPiece(at)
    if (this.#midLine && bytes[at] === OPEN_OBJECT) this.#scanObject()
    return at
  }

  #endLine(bytes: Buffer, from: number, lineFeed: number): number {
    const end = bytes[lineFeed - 1] === CLOSE_OBJECT ? lineFeed : trimEnd(bytes, from, lineFeed)
    const fits = lineFeed - from <= this.#maxBytes
    if (fits && bytes[from] === OPEN_OBJECT && CONTINUES.has(bytes[end - 1])) {
      this.#scanObject()
      return from
    }
    this.#emitSlice(bytes, from, end)
    return lineFeed
  }

  /** Ends a line that began in an earlier chunk. Returns the index of its line feed, which is yet to be read. */
  #endHeldLine(bytes: Buffer = EMPTY, from = 0, lineFeed = 0): number {
    this.#held.add(bytes, from, lineFeed)
    if (this.#held.first === OPEN_OBJECT && CONTINUES.has(this.#held.last)) this.#rescan()
    else this.#emit(EMPTY, 0, 0)
    return lineFeed
  }

  /** Scans a held line that turned out to begin an object of several lines. */
  #rescan(): void {
    const base = this.#base
    this.#base = this.#pieceOffset
    this.#scanObject()
    this.#run(this.#held.takeAll())
    this.#base = base
  }

  #scanObject(): void {
    this.#mode = 'object'
    this.#nesting.reset()
  }

  /** Goes on within an object or an array element, to its end or to the end of the bytes. */
  #value(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length) {
      if (this.#startsAnew(bytes, at)) return this.#abandonValue(bytes, from, at)
      at = this.#nesting.advance(bytes, at)
      if (this.#nesting.ended) return this.#endValue(bytes, from, at)
      if (at < bytes.length) this.#countLine(at++)
    }
    return this.#hold(bytes, from)
  }

  /** A bracket in the first column within a value: the value was cut off and another one begins. */
  #startsAnew(bytes: Buffer, at: number): boolean {
    const offset = this.#base + at
    if (offset !== this.#lineOffset || offset === this.#pieceOffset) return false
    return bytes[at] === OPEN_OBJECT || bytes[at] === OPEN_ARRAY
  }

  #endValue(bytes: Buffer, from: number, to: number): number {
    this.#emit(bytes, from, to)
    this.#leaveValue()
    return to
  }

  #leaveValue(): void {
    this.#midLine = true
    this.#inElement = false
    this.#wantsComma = true
    if (this.#mode === 'object') this.#mode = 'line'
  }

  /** An array stays open, as one element a line is common; a second `[` in the first column is a new array. */
  #abandonValue(bytes: Buffer, from: number, at: number): number {
    this.#emit(bytes, from, at, 'incomplete')
    this.#leaveValue()
    this.#midLine = false
    this.#wantsComma = false
    this.#broken = true
    if (bytes[at] === OPEN_ARRAY) this.#mode = 'line'
    return at
  }

  #openArray(at: number): number {
    this.#mode = 'array'
    this.#inElement = this.#wantsComma = this.#broken = false
    return at + 1
  }

  #elements(bytes: Buffer, from: number): number {
    if (this.#inElement) return this.#value(bytes, from)
    const at = this.#skipSeparators(bytes, from)
    if (at === bytes.length) return at
    if (bytes[at] === CLOSE_ARRAY) return this.#closeArray(at)
    if (this.#wantsComma && this.#startsAnew(bytes, at)) return this.#breakArray(at)
    this.#beginPiece(at)
    this.#inElement = true
    this.#nesting.reset()
    return at
  }

  #closeArray(at: number): number {
    this.#mode = 'line'
    this.#midLine = true
    return at + 1
  }

  /** The array broke off between two elements: said by an empty piece, unless a broken element said it. */
  #breakArray(at: number): number {
    this.#beginPiece(at)
    if (!this.#broken) this.#pieces.push(this.#piece(EMPTY, 0, 'incomplete'))
    this.#mode = 'line'
    return at
  }

  /** Index of the next byte that is neither blank nor a comma between values. Counts lines. */
  #skipSeparators(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === LF) this.#countLine(at)
      else if (byte === COMMA) this.#wantsComma = false
      else if (!isBlank(byte)) return at
    }
    return bytes.length
  }

  #countLine(lineFeed: number): void {
    this.#line++
    this.#lineOffset = this.#base + lineFeed + 1
    this.#midLine = false
  }

  #beginPiece(at: number): void {
    this.#pieceOffset = this.#base + at
    this.#pieceLine = this.#line
  }

  #hold(bytes: Buffer, from: number): number {
    this.#held.add(bytes, from, bytes.length)
    return bytes.length
  }

  /** Yields what is held, if anything, followed by bytes[from, to). */
  #emit(bytes: Buffer, from: number, to: number, problem?: 'incomplete'): void {
    if (!this.#held.active) {
      this.#emitSlice(bytes, from, trimEnd(bytes, from, to), problem)
      return
    }
    this.#held.add(bytes, from, to)
    const length = this.#held.length
    this.#pieces.push(this.#piece(this.#held.take(), length, problem))
  }

  #emitSlice(bytes: Buffer, from: number, end: number, problem?: 'incomplete'): void {
    this.#pieces.push(this.#piece(bytes.subarray(from, end), end - from, problem))
  }

  #piece(bytes: Buffer, length: number, problem?: 'incomplete'): Piece {
    const piece: Piece = { bytes, line: this.#pieceLine, offset: this.#pieceOffset, length }
    if (problem !== undefined) piece.problem = problem
    if (length <= this.#maxBytes) return piece
    return { ...piece, bytes: bytes.subarray(0, this.#keepBytes), problem: 'too-large' }
  }
}
