import { Buffer } from 'node:buffer'
import type { ViewRow } from '../views/view.js'

/** Texts longer than this count as equal if they begin alike, so that no stranger fills the memory. */
export const MAX_VALUE_LENGTH = 256

/**
 * The value of a column as baselines and alerts know it: cut to its first 256 characters, and an empty text is
 * none, since a column of texts has no null in KQL.
 */
export function valueIn(row: ViewRow, column: string): string | number | undefined {
  const value = row[column]
  if (value === '') return undefined
  return typeof value === 'string' ? cut(value) : value
}

/** The value of a column, or those of several as one text; nothing where one has none. */
export function valuesIn(row: ViewRow, columns: readonly string[]): string | number | undefined {
  if (columns.length === 1) return valueIn(row, columns[0]!)
  const values = columns.map((column) => valueIn(row, column))
  return values.includes(undefined) ? undefined : values.join(' ')
}

/** The first 256 characters of a text, as a text of its own: a mere part of it would keep the whole in memory. */
export function cut(text: string): string {
  if (text.length <= MAX_VALUE_LENGTH) return text
  // UTF-16 keeps halves of characters as they are.
  return Buffer.from(text.slice(0, MAX_VALUE_LENGTH), 'utf16le').toString('utf16le')
}
