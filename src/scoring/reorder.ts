import { getOrAdd } from '../collections.js'
import { hourOf } from '../records/time.js'
import type { ViewRow } from '../views/view.js'

/** What became of the rows that wait: to be applied in this order. */
export interface ReorderChanges {
  /** Hours whose rows wait no more. */
  readonly released: Set<number>
  /** New rows that wait, by hour. */
  readonly added: Map<number, ViewRow[]>
}

/**
 * Puts rows into order of event time, as far as a bounded wait allows: rows wait in the bucket of their hour
 * until it is released. Rows of one instant are ordered by table and id, so that the order of arrival, and
 * with it the order of the files, makes no difference.
 */
export class Reorder {
  readonly #buckets = new Map<number, ViewRow[]>()
  /** What changed since it was asked last; kept only when asked for. */
  #changes: ReorderChanges | undefined
  #releasedBefore = 0
  #waiting = 0

  /** How many rows wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Lets a row wait. False if its hour is released already: then it is late and does not wait. */
  add(row: ViewRow): boolean {
    const hour = hourOf(row.EventTime)
    if (hour < this.#releasedBefore) return false
    getOrAdd(this.#buckets, hour, () => []).push(row)
    if (this.#changes) getOrAdd(this.#changes.added, hour, () => []).push(row)
    this.#waiting++
    return true
  }

  /** Gives out the rows of all hours before `hour`, in order. */
  *release(hour: number): Iterable<ViewRow> {
    if (hour <= this.#releasedBefore) return
    this.#releasedBefore = hour
    const due = [...this.#buckets.keys()].filter((one) => one < hour).sort((a, b) => a - b)
    for (const one of due) yield* this.#take(one)
  }

  /** The oldest hour that waits. */
  oldest(): number | undefined {
    let oldest: number | undefined
    for (const hour of this.#buckets.keys()) if (oldest === undefined || hour < oldest) oldest = hour
    return oldest
  }

  /** From now on keeps what changes, for `takeChanges`. */
  trackChanges(): void {
    this.#changes ??= newChanges()
  }

  /** What changed since the last call. */
  takeChanges(): ReorderChanges {
    const changes = this.#changes ?? newChanges()
    this.#changes = newChanges()
    return changes
  }

  /** All rows that wait, for saving. */
  *saved(): Iterable<ViewRow> {
    for (const bucket of this.#buckets.values()) yield* bucket
  }

  #take(hour: number): ViewRow[] {
    const rows = this.#buckets.get(hour)!.sort(compareRows)
    this.#buckets.delete(hour)
    this.#waiting -= rows.length
    this.#changes?.released.add(hour)
    this.#changes?.added.delete(hour)
    return rows
  }
}

function newChanges(): ReorderChanges {
  return { released: new Set(), added: new Map() }
}

/** By time; rows of one instant by table and id. */
export function compareRows(a: ViewRow, b: ViewRow): number {
  return a.EventTime - b.EventTime || compareTexts(a.Type, b.Type) || compareTexts(a.Id ?? '', b.Id ?? '')
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
