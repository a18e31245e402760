import type { ViewRow, ViewValue } from '../views/view.js'
import { inRange, parseAddress, parseRange } from './address.js'
import { allowedHours } from './allowed-hours.js'
import type { Allowed } from './condition.js'
import type { Predicate } from './predicate.js'

/** A list that the inventory keeps for an agent, as the text of its watchlist has it. */
interface Allowance {
  /** Reads the text, once for each that differs. */
  readonly read: (text: string) => (value: ViewValue) => boolean
  /** The only column that the list is about, if there is only one. */
  readonly column?: string
}

/** The lists by the name that conditions have for them; each says what it means to stand in it. */
export const ALLOWANCES: ReadonlyMap<string, Allowance> = new Map<string, Allowance>([
  ['agent.networks', { read: ranges }],
  ['agent.resources', { read: texts }],
  ['agent.hours', { read: allowedHours, column: 'EventTime' }],
])

/** There are as many texts as agents say something else; a bound keeps an inventory that changes often from piling up. */
const MOST_TEXTS = 10_000

/**
 * Whether a column's value stands in the list that the inventory keeps for the row's agent. An agent without a list,
 * or a row without a value, has none that does.
 *
 * Cost: O(entries of the list) a row; a list is read once.
 */
export function isAllowed({ column, field }: Allowed): Predicate {
  const { read } = ALLOWANCES.get(field)!
  const known = new Map<string, (value: ViewValue) => boolean>()
  return (row: ViewRow) => {
    const text = row[field]
    if (typeof text !== 'string') return false
    let test = known.get(text)
    if (test === undefined) {
      if (known.size >= MOST_TEXTS) known.clear()
      test = read(text)
      known.set(text, test)
    }
    return test(row[column])
  }
}

function ranges(text: string): (value: ViewValue) => boolean {
  const listed = text.split(';').flatMap((part) => parseRange(part) ?? [])
  return (value) => {
    const address = typeof value === 'string' ? parseAddress(value) : undefined
    return address !== undefined && listed.some((range) => inRange(address, range))
  }
}

function texts(text: string): (value: ViewValue) => boolean {
  const listed = new Set(text.toLowerCase().split(';'))
  return (value) => typeof value === 'string' && listed.has(value.toLowerCase())
}
