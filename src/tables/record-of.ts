import type { Path, Table } from './table.js'

/**
 * The record of which a table makes this row: each value stands where the table looks for it first. What was not in a
 * column is lost. A row's times are ISO texts, its dynamics JSON texts or what they hold.
 */
export function recordOf({ category, columns }: Table, row: Readonly<Record<string, unknown>>): object {
  const record: Record<string, unknown> = { properties: {} }
  for (const [name, { from }] of columns) {
    const [path] = from
    const value = row[name]
    if (path !== undefined && value !== undefined && value !== null && value !== '') put(record, path, value)
  }
  const isOwn = String(record.category).toLowerCase() === category
  return isOwn ? record : { ...record, category }
}

function put(record: Record<string, unknown>, path: Path, value: unknown): void {
  const last = path.at(-1)!
  let inner = record
  for (const key of path.slice(0, -1)) {
    inner[key] ??= {}
    inner = inner[key] as Record<string, unknown>
  }
  inner[last] = value
}
