import { HourlyTotals } from './totals.js'
import { KEPT_HOURS } from './window.js'

/** Hourly totals for each of a few entities: the resources or operations of one agent. */
export class EntityTotals {
  #ids: number[] = []
  #series: HourlyTotals[] = []

  /** Adds to an entity's hour; false, and nothing is added, if it is new and `limit` entities are held. */
  add(id: number, hour: number, amount: number, limit: number): boolean {
    const series = this.of(id) ?? this.#start(id, hour, limit)
    series?.add(hour, amount)
    return series !== undefined
  }

  /** The totals of an entity, if it has any. O(entities). */
  of(id: number): HourlyTotals | undefined {
    return this.#series[this.#ids.indexOf(id)]
  }

  /** All entities with their totals. */
  *all(): Iterable<[id: number, totals: HourlyTotals]> {
    for (const [index, id] of this.#ids.entries()) yield [id, this.#series[index]!]
  }

  /** Takes up the saved totals of an entity that is not there yet. */
  restore(id: number, saved: readonly number[]): void {
    this.#enter(id, new HourlyTotals()).restore(saved)
  }

  #start(id: number, hour: number, limit: number): HourlyTotals | undefined {
    if (this.#ids.length >= limit) this.#expire(hour)
    if (this.#ids.length >= limit) return undefined
    return this.#enter(id, new HourlyTotals())
  }

  #enter(id: number, series: HourlyTotals): HourlyTotals {
    this.#ids = this.#ids.concat(id)
    this.#series = this.#series.concat(series)
    return series
  }

  /** Forgets the entities that show in no window which may still be judged. */
  #expire(hour: number): void {
    const kept = [...this.all()].filter(([, series]) => hour - series.newest < KEPT_HOURS)
    this.#ids = kept.map(([id]) => id)
    this.#series = kept.map(([, series]) => series)
  }
}
