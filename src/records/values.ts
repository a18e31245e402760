import { parseJson } from './json.js'
import { parseTime } from './time.js'

/** Absent, `null`, `""` and the literal `"<null>"` all mean that there is no value. */
export function isNone(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === '<null>'
}

/**
 * The text of a value as a string column of Log Analytics holds it; objects and lists become JSON.
 */
export function text(value: unknown): string | undefined {
  if (isNone(value)) return undefined
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A whole number, from a number or its decimal text; `undefined` for anything else. */
export function integer(value: unknown): number | undefined {
  const number = real(value)
  return number === undefined ? undefined : Math.trunc(number)
}

/** A finite number, from a number or its decimal text; `undefined` for anything else. */
export function real(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** A truth value, from a boolean or the text or number of one. */
export function bool(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const word = String(value).toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : undefined
}

/** Milliseconds since 1970, from the text of a time. */
export function time(value: unknown): number | undefined {
  return typeof value === 'string' ? parseTime(value) : undefined
}

/** A structured value: objects and lists as they are, JSON text parsed, any other text as it stands. */
export function dynamic(value: unknown): unknown {
  if (isNone(value)) return undefined
  if (typeof value !== 'string') return value
  const first = value.trimStart()[0]
  if (first !== '{' && first !== '[' && first !== '"') return value
  try {
    return parseJson(value)
  } catch {
    return value
  }
}

/** The value at a key of an object; `undefined` if there is no such own key or no object. */
export function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}

/** The list that a structured value is; anything else is an empty list. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
