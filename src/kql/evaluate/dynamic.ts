import { type Long, parseLong } from './long.js'
import { formatDatetime, formatTimespan } from './time.js'

/**
 * A value within a dynamic whose type a plain JavaScript value would not say: a real number without a fraction, a
 * time, a timespan. Everything else is plain: whole numbers are longs, other numbers reals.
 */
export class Boxed {
  readonly type: 'real' | 'datetime' | 'timespan'
  readonly value: Long

  constructor(type: Boxed['type'], value: Long) {
    this.type = type
    this.value = value
  }
}

/** A scalar of a type, as a value within a dynamic. */
export function toDynamic(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null
  if (type === 'real') return Number.isInteger(value) ? new Boxed('real', value as number) : value
  if (type === 'datetime' || type === 'timespan') return new Boxed(type, value as Long)
  return value
}

/** The type of a value within a dynamic, by KQL's name. */
export function dynamicType(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Boxed) return value.type
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real'
  if (typeof value === 'boolean') return 'bool'
  return { string: 'string', bigint: 'long', object: 'dictionary' }[typeof value as string] ?? 'null'
}

/** The value without its box. */
export function unboxed(value: unknown): unknown {
  return value instanceof Boxed ? value.value : value
}

/** Whether the value is a property bag. */
export function isBag(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Boxed)
}

/** A dynamic as JSON text, as KQL prints it. */
export function toJson(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return formatReal(value, Number.isInteger(value))
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (value instanceof Boxed) return boxedJson(value)
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${toJson(inner)}`)
  return `{${pairs.join(',')}}`
}

function boxedJson({ type, value }: Boxed): string {
  if (type === 'real') return formatReal(value as number, false)
  return JSON.stringify(type === 'datetime' ? formatDatetime(value) : formatTimespan(value))
}

/** A number as .NET prints it; a real one without a fraction gets `.0` unless it is `whole`. */
export function formatReal(value: number, whole = false): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (whole) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    return `${digits}E${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** Whether JSON.parse would lose something: the type or digits of a number, or a key it treats specially. */
const LOSSY = /\d[.eE]|\d{16}|__proto__/

/** A dynamic from JSON text; undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return LOSSY.test(text) ? new JsonReader(text).read() : value
  } catch {
    return undefined
  }
}

/** Reads JSON that is known to be right, keeping apart whole and real numbers. */
class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): unknown {
    const first = this.#peek()
    if (first === '{') return this.#object()
    if (first === '[') return this.#array()
    if (first === '"') return this.#string()
    return this.#word()
  }

  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
    return this.#text[this.#at] ?? ''
  }

  #object(): unknown {
    const pairs: [string, unknown][] = []
    this.#list('}', () => {
      this.#peek()
      const key = this.#string()
      this.#peek()
      this.#at++
      pairs.push([key, this.read()])
    })
    return Object.fromEntries(pairs)
  }

  #array(): unknown {
    const values: unknown[] = []
    this.#list(']', () => values.push(this.read()))
    return values
  }

  #list(end: string, item: () => void): void {
    this.#at++
    while (this.#peek() !== end) {
      item()
      if (this.#peek() === ',') this.#at++
    }
    this.#at++
  }

  #string(): string {
    const start = this.#at++
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    return JSON.parse(this.#text.slice(start, ++this.#at)) as string
  }

  #word(): unknown {
    const word = /[^\s,\]}]+/y
    word.lastIndex = this.#at
    const text = word.exec(this.#text)![0]
    this.#at = word.lastIndex
    return /^[-\d]/.test(text) ? dynamicNumber(text) : JSON.parse(text)
  }
}

/** A number within a dynamic from its text. */
export function dynamicNumber(text: string): unknown {
  const whole = parseLong(text)
  return whole ?? toDynamic(Number(text), 'real')
}

/** The value at a key of a bag; null if there is none. */
export function member(value: unknown, key: string): unknown {
  if (!isBag(value) || !Object.hasOwn(value, key)) return null
  return value[key] ?? null
}

/** The value at a position of a list, from its end if negative; null if there is none. */
export function element(value: unknown, index: Long): unknown {
  if (!Array.isArray(value)) return null
  return value.at(Number(index)) ?? null
}

/** Whether two values within dynamics are the same; 1 and 1.0 are. */
export function sameDynamic(a: unknown, b: unknown): boolean {
  const [left, right] = [unboxed(a), unboxed(b)]
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object') return false
  return toJson(left) === toJson(right)
}
