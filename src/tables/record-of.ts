import { getOrAdd } from '../collections.js'
import { dynamic, isNone, member } from '../records/values.js'
import type { Path, Table } from './table.js'

/**
 * The record of which a table makes this row: each value stands where the table looks for it first, outside of what
 * another column holds as a whole where it can. What was not in a column is lost. A row's times are ISO texts, its
 * dynamics JSON texts or what they hold.
 */
export function recordOf(table: Table, row: Readonly<Record<string, unknown>>): object {
  const record: Record<string, unknown> = { properties: {} }
  for (const { name, isDynamic, path } of getOrAdd(places, table, () => placesOf(table))) {
    const value = isDynamic ? dynamic(row[name]) : row[name]
    if (!isNone(value)) put(record, path, value)
  }
  const isOwn = String(record.category).toLowerCase() === table.category
  return isOwn ? record : { ...record, category: table.category }
}

/** Where the value of a column is put. */
interface Place {
  readonly name: string
  readonly isDynamic: boolean
  readonly path: Path
}

const places = new Map<Table, readonly Place[]>()

/** What holds others comes before them. */
function placesOf({ columns }: Table): readonly Place[] {
  const wholes = Array.from(columns.values(), ({ from }) => from[0] ?? [])
  const all = Array.from(columns, ([name, { type, from }]) => {
    const path = from.find((one) => !wholes.some((whole) => isWithin(one, whole))) ?? from[0] ?? []
    return { name, isDynamic: type === 'dynamic', path }
  })
  return all.filter(({ path }) => path.length > 0).sort((a, b) => a.path.length - b.path.length)
}

function isWithin(path: Path, whole: Path): boolean {
  return whole.length > 0 && whole.length < path.length && whole.every((key, at) => key === path[at])
}

/** The row's own objects stay as they are. */
function put(record: Record<string, unknown>, path: Path, value: unknown): void {
  let inner = record
  for (const key of path.slice(0, -1)) {
    const known = dynamic(member(inner, key))
    const copy = typeof known === 'object' ? { ...(known as Record<string, unknown>) } : {}
    inner[key] = copy
    inner = copy
  }
  inner[path.at(-1)!] = value
}
