import { dynamicType, formatReal, parseJson, toDynamic, toJson, unboxed } from './dynamic.js'
import { KqlError } from './errors.js'
import { add, type Long, parseLong, subtract, truncated } from './long.js'
import {
  formatDatetime,
  formatTimespan,
  inRange,
  parseDatetime,
  parseTimespan,
  TICKS_TO_EPOCH,
} from './time.js'

/** Turns a value of one type into one of another; null (for text, the empty one) if it can't be. */
export type Convert = (value: unknown) => unknown

const MAX_INT = 2 ** 31

/** What a column of a type holds where there is no value. */
export function emptyOf(type: string): unknown {
  return type === 'string' ? '' : null
}

/** The conversion from one type to another, as `tostring()` and its like do it. */
export function converter(from: string, to: string): Convert {
  if (from === to) return same
  if (from === 'dynamic') return (value) => convertDynamic(value, to)
  return converters[to]?.(from) ?? unknownType(to)
}

function unknownType(type: string): never {
  throw new KqlError('unsupported', `The type ${type} is not supported`)
}

const same: Convert = (value) => value

const notNull =
  (convert: (value: never) => unknown): Convert =>
  (value) =>
    value === null || value === undefined ? null : convert(value as never)

const converters: Readonly<Record<string, (from: string) => Convert>> = {
  string: (from) => textOf(from),
  int: (from) => notNull(INTS[from] ?? nothing),
  long: (from) => notNull(LONGS[from] ?? nothing),
  real: (from) => notNull(REALS[from] ?? nothing),
  bool: (from) => notNull(BOOLS[from] ?? nothing),
  datetime: (from) => notNull(DATETIMES[from] ?? nothing),
  timespan: (from) => notNull(TIMESPANS[from] ?? nothing),
  guid: (from) => notNull(from === 'string' ? toGuid : nothing),
  dynamic: (from) => (value) => toDynamic(value, from),
}

const nothing = () => null

function textOf(from: string): Convert {
  const text = TEXTS[from] ?? String
  return (value) => (value === null || value === undefined ? '' : text(value as never))
}

const TEXTS: Readonly<Record<string, (value: never) => string>> = {
  real: (value: number) => formatReal(value),
  bool: (value: boolean) => (value ? 'True' : 'False'),
  datetime: formatDatetime,
  timespan: formatTimespan,
}

/** A text must be in the range of an int; a whole number is cut to its 32 bits, a real one to the range. */
const INTS: Readonly<Record<string, (value: never) => unknown>> = {
  long: (value: Long) => Number(BigInt.asIntN(32, BigInt(value))),
  bool: Number,
  real: (value: number) =>
    !Number.isFinite(value) ? null : Math.trunc(Math.min(Math.max(value, -MAX_INT), MAX_INT - 1)) + 0,
  string: (value: string) => {
    const number = parseLong(value)
    return number !== undefined && number >= -MAX_INT && number < MAX_INT ? number : null
  },
}

const LONGS: Readonly<Record<string, (value: never) => unknown>> = {
  int: same,
  string: (value: string) => parseLong(value) ?? null,
  real: truncated,
  bool: Number,
  datetime: (value: Long) => add(value, TICKS_TO_EPOCH),
  timespan: same,
}

const REALS: Readonly<Record<string, (value: never) => unknown>> = {
  int: same,
  long: Number,
  bool: Number,
  string: parseReal,
  timespan: Number,
  datetime: (value: Long) => Number(add(value, TICKS_TO_EPOCH)),
}

function parseReal(text: string): number | null {
  const trimmed = text.trim()
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed)
  if (/^nan$/i.test(trimmed)) return Number.NaN
  const infinite = /^([+-])?(?:inf|Infinity)$/.exec(trimmed)
  return infinite ? (infinite[1] === '-' ? -Infinity : Infinity) : null
}

const BOOLS: Readonly<Record<string, (value: never) => unknown>> = {
  int: (value: Long) => Number(value) !== 0,
  long: (value: Long) => Number(value) !== 0,
  real: (value: number) => value !== 0,
  string: (value: string) => {
    const word = value.toLowerCase()
    if (word === 'true') return true
    if (word === 'false') return false
    const number = parseLong(word)
    return number === undefined ? null : Number(number) !== 0
  },
}

const DATETIMES: Readonly<Record<string, (value: never) => unknown>> = {
  string: (value: string) => {
    const time = parseDatetime(value)
    if (time !== undefined) return time
    throw new KqlError('runtime', `The notation of the time ${JSON.stringify(value)} is not supported`)
  },
  int: (value: Long) => inRange(subtract(value, TICKS_TO_EPOCH)),
  long: (value: Long) => inRange(subtract(value, TICKS_TO_EPOCH)),
}

const TIMESPANS: Readonly<Record<string, (value: never) => unknown>> = {
  string: parseTimespan,
  int: same,
  long: same,
}

function toGuid(text: string): string | null {
  const hex = text
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .toLowerCase()
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(hex) ? hex : null
}

/** A dynamic as a scalar: a text is read, a number or truth value converted. Bags and lists become JSON text only. */
function convertDynamic(value: unknown, to: string): unknown {
  if (value === null || value === undefined) return emptyOf(to)
  const type = dynamicType(value)
  if (type === 'array' || type === 'dictionary') return to === 'string' ? toJson(value) : null
  if (to === 'string' && type === 'bool') return String(value)
  return converter(type, to)(unboxed(value))
}

/** `parse_json()`: the value that a JSON text denotes, or the text itself if it is none. */
export function jsonOf(text: string): unknown {
  if (text === '') return null
  const value = parseJson(text)
  return value === undefined ? text : value
}
