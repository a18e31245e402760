import { WINDOW_HOURS } from '../baselines/window.js'
import { getOrAdd } from '../collections.js'
import { hourOf, hourText } from '../records/time.js'
import type { ViewRow } from '../views/view.js'
import { predicate } from '../where/predicate.js'
import type { Measure } from './parameters.js'
import { valueIn } from './values.js'

/** The rows that an alert rests on: those of its agent that its detection sees, each once, in order of time. */
export interface SeenRows {
  /** The judged hour, in hours since 1970. */
  readonly hour: number
  /** Rows of the 13 days before it. */
  readonly before: readonly ViewRow[]
  /** Rows of the hour itself. */
  readonly within: readonly ViewRow[]
  /** What the alert is about. */
  readonly entity: Readonly<Record<string, string | number>>
}

/** One step of an alert's arithmetic: a quantity, its value, and how one comes to it by hand. */
export interface Step {
  readonly name: string
  readonly value: string | number
  readonly how: string
}

/** The active hours of some rows, ascending. */
export function activeHours(rows: readonly ViewRow[]): number[] {
  return [...new Set(rows.map(({ EventTime }) => hourOf(EventTime)))].sort((a, b) => a - b)
}

/** How much is known of the agent, and how much must be. */
export function historySteps(
  rows: readonly ViewRow[],
  hour: number,
  needed: { readonly learn: number; readonly min_hours: number },
): Step[] {
  const hours = activeHours(rows)
  const first = hours[0]
  return [
    {
      name: 'known_for',
      value: first === undefined ? 0 : hour - first,
      how: `hours since the first activity of the window${first === undefined ? '' : `, ${hourText(first)}`}; at least ${needed.learn} are needed (learn)`,
    },
    {
      name: 'active_hours',
      value: hours.length,
      how: `hours with a row, of the ${WINDOW_HOURS} before; at least ${needed.min_hours} are needed (min_hours)`,
    },
  ]
}

/** What is measured in each active hour of some rows; 0 where nothing is. */
export function totalsByHour(rows: readonly ViewRow[], measure: Measure): Map<number, number> {
  const hours = new Map<number, ViewRow[]>()
  for (const row of rows) getOrAdd(hours, hourOf(row.EventTime), () => []).push(row)
  return new Map(Array.from(hours, ([hour, some]) => [hour, totalOf(some, measure)]))
}

/** What is measured of some rows. */
export function totalOf(rows: readonly ViewRow[], { metric, column = '', of }: Measure): number {
  const counted = of === undefined ? rows : rows.filter(predicate(of))
  if (metric === 'count') return counted.length
  if (metric === 'sum')
    return counted.reduce((sum, row) => sum + (typeof row[column] === 'number' ? row[column] : 0), 0)
  return new Set(counted.map((row) => valueIn(row, column)).filter((value) => value !== undefined)).size
}

/** A metric in words. */
export function metricText({ metric, column, of }: Measure): string {
  const what = { count: 'rows', sum: `sum of ${column}`, distinct: `different values of ${column}` }[metric]
  return of === undefined ? what : `${what}, of the rows that satisfy of`
}

/** Numbers in ascending order, as one text. */
export function ascending(values: readonly number[]): string {
  return values.toSorted((a, b) => a - b).join(' ') || 'none'
}

/** The rows of the alert's entity. */
export function ofEntity(
  rows: readonly ViewRow[],
  by: string | undefined,
  entity: SeenRows['entity'],
): readonly ViewRow[] {
  return by === undefined ? rows : rows.filter((row) => String(valueIn(row, by)) === String(entity[by]))
}
