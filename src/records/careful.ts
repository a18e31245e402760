import type { Buffer } from 'node:buffer'
import { CLOSE_OBJECT, COMMA, OPEN_OBJECT, QUOTE } from './bytes.js'
import { isVariant, USUAL_SPELLINGS } from './envelope.js'
import { MAX_DEPTH } from './json.js'
import { KeySet } from './key-set.js'
import { afterBlanks, afterByte, afterColon, afterPlain, afterValue, NOT_SURE } from './skip.js'

/** Which values of a record are wanted: keys of its envelope, and keys of its `properties`. */
export interface Wanted {
  readonly envelope: KeySet
  readonly properties: KeySet
  /** An envelope and properties with all of these keys and no values. */
  readonly blank: Blank
}

interface Blank {
  readonly envelope: Selected
  readonly properties: Record<string, unknown>
}

/** A record that has the wanted values only; `undefined` where it has none. */
export type Selected = Record<string, unknown> & { properties?: Record<string, unknown> }

/** Where one value of the envelope or of the properties stands, wanted or not. */
export interface Slot {
  /** Index of its first byte, and of the one after its last, counted from the start of the record. */
  readonly start: number
  readonly end: number
  /** The key, if the value is wanted. */
  readonly key: string | undefined
  /** Whether it stands in the properties. */
  readonly inner: boolean
}

/** A record that was read, with where its values stand, in their order. */
export interface ReadRecord {
  readonly record: Selected
  readonly slots: readonly Slot[]
  /** Index after its last byte. */
  readonly end: number
}

const PROPERTIES = 'properties'
const USUAL = new KeySet(USUAL_SPELLINGS)
const BESIDE_RECORDS = new KeySet(['records', 'Records'])
const [ZERO, SMALL_N] = [0x30, 0x6e]
/** Far below the digits of the largest number that is exact. */
const MOST_DIGITS = 12
/** How deep a value may be: message, list, record and properties lie above it. */
const LEVELS = MAX_DEPTH - 4

/** What is wanted when these paths of keys from a record's root are read (`properties`, `ipAddress`). */
export function wantedOf(paths: readonly (readonly string[])[]): Wanted {
  const inner = paths.filter(([first]) => first === PROPERTIES).map(([, second]) => second)
  if (inner.includes(undefined)) throw new Error('wanted are keys of the properties, not all of them')
  const outer = [PROPERTIES, ...paths.map(([first]) => first!)]
  return {
    envelope: new KeySet(outer),
    properties: new KeySet(inner as string[]),
    blank: { envelope: blankOf(outer), properties: blankOf(inner as string[]) },
  }
}

/**
 * An object with these keys, parsed and not put together: one to which more than a dozen keys are added one by one
 * turns into a hash table, which takes ten times as long to copy.
 */
function blankOf(keys: readonly string[]): Record<string, unknown> {
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(keys.map((key) => [key, null]))))
  for (const key of keys) blank[key] = undefined
  return blank
}

/**
 * Reads the record that starts at `from`, key by key. Cost: one and a half times `JSON.parse`.
 * @throws NOT_SURE if it is none, or not in the usual form: a key of the envelope in another case, a wanted key
 * twice, escapes or other letters in a key, properties that are no object.
 */
export function readCarefully(bytes: Buffer, from: number, wanted: Wanted): ReadRecord {
  const record: Selected = { ...wanted.blank.envelope }
  const slots: Slot[] = []
  const value = (into: Record<string, unknown>, key: string | undefined, start: number): number => {
    const end = afterValue(bytes, start, LEVELS)
    slots.push({ start: start - from, end: end - from, key, inner: into !== record })
    if (key !== undefined) put(into, key, valueAt(bytes, start, end))
    return end
  }
  const properties = (start: number): number => {
    const inner = put(record, PROPERTIES, { ...wanted.blank.properties })
    return afterMembers(bytes, start, (name, to, at) =>
      value(inner, wanted.properties.find(bytes, name, to), at),
    )
  }
  const end = afterMembers(bytes, from, (name, to, at) => {
    const key = wanted.envelope.find(bytes, name, to)
    if (key === undefined) assertUsual(bytes, name, to)
    return key === PROPERTIES ? properties(at) : value(record, key, at)
  })
  return { record, slots, end }
}

/**
 * Index after the value that starts at `from`, somewhere in a record's envelope or properties.
 * @throws NOT_SURE if it is not JSON.
 */
export function afterSlot(bytes: Buffer, from: number): number {
  return afterValue(bytes, from, LEVELS)
}

/** The value of bytes[from, to), which are known to be JSON. A text does not keep the bytes in memory. */
export function valueAt(bytes: Buffer, from: number, to: number): unknown {
  if (bytes[from] === SMALL_N) return null
  if (bytes[from] !== QUOTE) return wholeAt(bytes, from, to) ?? JSON.parse(bytes.toString('utf8', from, to))
  const text = bytes.toString('utf8', from + 1, to - 1)
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}

/** Most numbers are of few digits and nothing else; the parser takes ten times as long for these. */
function wholeAt(bytes: Buffer, from: number, to: number): number | undefined {
  if (to - from > MOST_DIGITS) return undefined
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

/**
 * Goes through the members of the object that starts at `from`. `member` is told where each key stands, without
 * its quotes, and where its value starts, and returns the index after the value. Returns the index after the object.
 */
function afterMembers(
  bytes: Buffer,
  from: number,
  member: (name: number, to: number, value: number) => number,
): number {
  let at = afterBlanks(bytes, afterByte(bytes, from, OPEN_OBJECT))
  if (bytes[at] === CLOSE_OBJECT) return at + 1
  for (;;) {
    const name = afterByte(bytes, at, QUOTE)
    const to = afterPlain(bytes, name)
    at = afterBlanks(bytes, member(name, to, afterColon(bytes, afterByte(bytes, to, QUOTE))))
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    at = afterBlanks(bytes, afterByte(bytes, at, COMMA))
  }
}

/** Most keys of an envelope are known; one that only looks unlike a known one would be taken for it. */
function assertUsual(bytes: Buffer, from: number, to: number): void {
  if (USUAL.find(bytes, from, to) !== undefined) return
  if (BESIDE_RECORDS.find(bytes, from, to) !== undefined) throw NOT_SURE
  if (isVariant(bytes.toString('latin1', from, to))) throw NOT_SURE
}

function put<Value>(into: Record<string, unknown>, key: string, value: Value): Value {
  if (into[key] !== undefined) throw NOT_SURE
  into[key] = value
  return value
}
