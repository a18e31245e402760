import { Buffer } from 'node:buffer'
import { CUT_COLUMN, type CustomRow } from './tables.js'

/** What ends a text that was cut: nothing is cut without it. */
export const MARKER = '… [cut by agentwarden]'

/** Limits in bytes of JSON as UTF-8: of one field, and of a whole row. */
export interface SizeLimits {
  readonly field: number
  readonly row: number
}

/** The service cuts fields above 64 kB without a word. */
const USUAL_LIMITS: SizeLimits = { field: 64_000, row: 900_000 }

/** For a row that is still too large, or that the service finds too large. */
export const TIGHT_LIMITS: SizeLimits = { field: 8_000, row: 250_000 }

/** Bytes of a value's JSON as UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '')
}

/**
 * The row with every field within a limit, and the names of the cut ones in `CutFields`. A text is cut at its end; an
 * object or a list becomes the beginning of its JSON, as a text. Both end with the marker.
 */
export function fitted(row: CustomRow, limits: SizeLimits = USUAL_LIMITS): CustomRow {
  const cut = fieldsWithin(row, limits.field)
  return jsonBytes(cut) <= limits.row || limits === TIGHT_LIMITS ? cut : fieldsWithin(row, TIGHT_LIMITS.field)
}

function fieldsWithin(row: CustomRow, most: number): CustomRow {
  const large = Object.keys(row).filter((name) => jsonBytes(row[name]) > most)
  if (large.length === 0) return row
  const cut = large.map((name) => [name, shortened(row[name], most)] as const)
  return { ...row, ...Object.fromEntries(cut), [CUT_COLUMN]: large }
}

function shortened(value: unknown, most: number): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  let [fits, tooLong] = [0, text.length]
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2)
    if (jsonBytes(beginning(text, middle) + MARKER) <= most) fits = middle
    else tooLong = middle
  }
  return beginning(text, fits) + MARKER
}

/** The first so many UTF-16 units, but no half of a character. */
function beginning(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}
