import { Buffer } from 'node:buffer'
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isBlank,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './bytes.js'

/**
 * What is thrown where bytes are not surely what `JSON.parse` would accept: no error but the word to read them
 * again by other means. There is only one, since making an error costs more than reading a record.
 */
export const NOT_SURE: Error = new Error('may not be JSON')

/** What a byte means within a text: a plain letter of ASCII, a part of any other letter, or something special. */
const [PLAIN, LETTER, SPECIAL] = [0, 1, 2]
const IN_TEXT = new Uint8Array(256).fill(SPECIAL, 0, 0x20).fill(LETTER, 0x80)
IN_TEXT[QUOTE] = IN_TEXT[BACKSLASH] = SPECIAL

const [MINUS, PLUS, DOT, ZERO, NINE] = [0x2d, 0x2b, 0x2e, 0x30, 0x39]
const [SMALL_A, SMALL_E, SMALL_F, SMALL_U] = [0x61, 0x65, 0x66, 0x75]
/** The bit in which small letters differ from capital ones. */
const SMALL = 0x20
const SPACE = 0x20
const ESCAPES: ReadonlySet<number | undefined> = new Set(Buffer.from('"\\/bfnrt'))
const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word))

/** Index of the first byte from `from` on that is no blank. */
export function afterBlanks(bytes: Buffer, from: number): number {
  let at = from
  // Asked first, as looking beyond the end makes every later look slower.
  while (at < bytes.length && bytes[at]! <= SPACE && isBlank(bytes[at])) at++
  return at
}

/** Index after a byte that has to stand at `at`. @throws NOT_SURE if another one does. */
export function afterByte(bytes: Buffer, at: number, byte: number): number {
  if (bytes[at] !== byte) throw NOT_SURE
  return at + 1
}

/** Index of the first byte from `from` on that is not plain ASCII in a text: its quote, or something special. */
export function afterPlain(bytes: Buffer, from: number): number {
  let at = from
  while (IN_TEXT[bytes[at]!] === PLAIN) at++
  return at
}

/**
 * Index after the JSON value that starts at `from`. Accepts exactly JSON's grammar, as long as the bytes are UTF-8,
 * but for values of more than `levels` levels. Cost: about 2 ns a byte.
 * @throws NOT_SURE
 */
export function afterValue(bytes: Buffer, from: number, levels: number): number {
  const first = bytes[from]
  if (first === QUOTE) return afterText(bytes, from)
  if (first === OPEN_OBJECT) return afterObject(bytes, from, levels)
  if (first === OPEN_ARRAY) return afterList(bytes, from, levels)
  if (first === MINUS || isDigit(first)) return afterNumber(bytes, from)
  return afterLiteral(bytes, from)
}

/** Index after the text whose opening quote stands at `from`. @throws NOT_SURE */
export function afterText(bytes: Buffer, from: number): number {
  let at = from + 1
  for (;;) {
    while (IN_TEXT[bytes[at]!]! < SPECIAL) at++
    if (bytes[at] === QUOTE) return at + 1
    at = afterEscape(bytes, afterByte(bytes, at, BACKSLASH))
  }
}

/** Index after the colon and the blanks that follow a key. @throws NOT_SURE */
export function afterColon(bytes: Buffer, from: number): number {
  return afterBlanks(bytes, afterByte(bytes, afterBlanks(bytes, from), COLON))
}

function afterEscape(bytes: Buffer, at: number): number {
  if (bytes[at] === SMALL_U) return afterHex(bytes, at + 1)
  if (ESCAPES.has(bytes[at])) return at + 1
  throw NOT_SURE
}

function afterHex(bytes: Buffer, from: number): number {
  for (let at = from; at < from + 4; at++) {
    const letter = bytes[at]! | SMALL
    if (!isDigit(bytes[at]) && !(letter >= SMALL_A && letter <= SMALL_F)) throw NOT_SURE
  }
  return from + 4
}

function afterObject(bytes: Buffer, from: number, levels: number): number {
  if (levels === 0) throw NOT_SURE
  let at = afterBlanks(bytes, from + 1)
  if (bytes[at] === CLOSE_OBJECT) return at + 1
  for (;;) {
    if (bytes[at] !== QUOTE) throw NOT_SURE
    const value = afterColon(bytes, afterText(bytes, at))
    at = afterBlanks(bytes, afterValue(bytes, value, levels - 1))
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    at = afterBlanks(bytes, afterByte(bytes, at, COMMA))
  }
}

function afterList(bytes: Buffer, from: number, levels: number): number {
  if (levels === 0) throw NOT_SURE
  let at = afterBlanks(bytes, from + 1)
  if (bytes[at] === CLOSE_ARRAY) return at + 1
  for (;;) {
    at = afterBlanks(bytes, afterValue(bytes, at, levels - 1))
    if (bytes[at] === CLOSE_ARRAY) return at + 1
    at = afterBlanks(bytes, afterByte(bytes, at, COMMA))
  }
}

function afterNumber(bytes: Buffer, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from
  at = bytes[at] === ZERO ? at + 1 : afterDigits(bytes, at)
  if (bytes[at] === DOT) at = afterDigits(bytes, at + 1)
  return (bytes[at]! | SMALL) === SMALL_E ? afterExponent(bytes, at + 1) : at
}

function afterExponent(bytes: Buffer, from: number): number {
  const signed = bytes[from] === MINUS || bytes[from] === PLUS
  return afterDigits(bytes, signed ? from + 1 : from)
}

/** Index after at least one digit. */
function afterDigits(bytes: Buffer, from: number): number {
  let at = from
  while (isDigit(bytes[at])) at++
  if (at === from) throw NOT_SURE
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

function afterLiteral(bytes: Buffer, from: number): number {
  for (const word of LITERALS) {
    if (bytes[from] === word[0]) return afterWord(bytes, from, word)
  }
  throw NOT_SURE
}

function afterWord(bytes: Buffer, from: number, word: Buffer): number {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) throw NOT_SURE
  return from + word.length
}
