/**
 * A 64-bit whole number of KQL: a JavaScript number where that is exact, a bigint beyond 2^53. Never both for one
 * value, so that `===` and maps compare values. Ticks of datetimes and timespans are kept the same way.
 */
export type Long = number | bigint

/** The number as KQL's 64 bits hold it, wrapped around on overflow. */
export function long(value: bigint): Long {
  const wrapped = BigInt.asIntN(64, value)
  const number = Number(wrapped)
  return Number.isSafeInteger(number) ? number : wrapped
}

export function add(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return long(BigInt(a) + BigInt(b))
}

export function subtract(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference)) return difference
  }
  return long(BigInt(a) - BigInt(b))
}

export function multiply(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product)) return product + 0
  }
  return long(BigInt(a) * BigInt(b))
}

/** Whole part of the quotient, towards zero; null when dividing by zero. */
export function divide(a: Long, b: Long): Long | null {
  if (Number(b) === 0) return null
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0
  return long(BigInt(a) / BigInt(b))
}

/** The remainder, never negative; null when dividing by zero. */
export function modulo(a: Long, b: Long): Long | null {
  if (Number(b) === 0) return null
  if (typeof a === 'number' && typeof b === 'number') {
    const size = Math.abs(b)
    const rest = a % size
    return (rest < 0 ? rest + size : rest) + 0
  }
  const size = BigInt(b) < 0n ? -BigInt(b) : BigInt(b)
  const rest = BigInt(a) % size
  return long(rest < 0n ? rest + size : rest)
}

/** The largest multiple of `step` that is not above the value; null if the step is not positive. */
export function floorTo(value: Long, step: Long): Long | null {
  if (step <= 0) return null
  return subtract(value, modulo(value, step)!)
}

/** A real number cut to a whole one and to the range of 64 bits; null for what is not finite. */
export function truncated(value: number): Long | null {
  if (!Number.isFinite(value)) return null
  if (Math.abs(value) >= 2 ** 63) return value < 0 ? -(2n ** 63n) : 2n ** 63n - 1n
  const whole = Math.trunc(value) + 0
  if (Number.isSafeInteger(whole)) return whole
  return BigInt(whole)
}

/** A whole number from decimal or hexadecimal text; undefined if it is none or exceeds 64 bits. */
export function parseLong(text: string): Long | undefined {
  const trimmed = text.trim()
  if (/^0x[0-9a-f]{1,16}$/i.test(trimmed)) return long(BigInt(trimmed))
  if (!/^[+-]?\d+$/.test(trimmed)) return undefined
  const number = Number(trimmed)
  if (Number.isSafeInteger(number)) return number + 0
  const big = BigInt(trimmed.replace(/^\+/, ''))
  return BigInt.asIntN(64, big) === big ? big : undefined
}
