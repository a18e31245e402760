import { getOrAdd } from '../collections.js'

/**
 * The events of the last hours, by their ids: Entra delivers 3 to 4 % of them twice or more. An event is kept
 * under its own hour, so that second deliveries are known however late they come, until that hour is forgotten.
 */
export class SeenEvents {
  readonly #byTable = new Map<string, Map<number, Set<string>>>()
  #forgottenBefore = 0

  /** Notes an event. True if it is new, also if its hour is forgotten already or it has no id. */
  add(table: string, id: string | undefined, hour: number): boolean {
    if (id === undefined || hour < this.#forgottenBefore) return true
    const ids = this.#ids(table, hour)
    const before = ids.size
    ids.add(id)
    return ids.size > before
  }

  /** Forgets the events of all hours before `hour`. */
  forget(hour: number): void {
    if (hour <= this.#forgottenBefore) return
    this.#forgottenBefore = hour
    for (const hours of this.#byTable.values()) {
      for (const known of hours.keys()) if (known < hour) hours.delete(known)
    }
  }

  /** All events that are kept, for saving. */
  *saved(): Iterable<[table: string, hour: number, ids: string[]]> {
    for (const [table, hours] of this.#byTable) for (const [hour, ids] of hours) yield [table, hour, [...ids]]
  }

  #ids(table: string, hour: number): Set<string> {
    const hours = getOrAdd(this.#byTable, table, () => new Map<number, Set<string>>())
    return getOrAdd(hours, hour, () => new Set<string>())
  }
}
