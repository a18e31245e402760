import { createHash } from 'node:crypto'
import { getOrAdd } from '../collections.js'
import { MAX_VALUE_LENGTH } from './values.js'

/** What became of the known events: to be applied in this order. */
export interface SeenChanges {
  /** Hours of which all that was known before is forgotten. */
  readonly forgotten: Set<number>
  /** New ids by hour and table. */
  readonly added: Map<number, Map<string, string[]>>
}

/**
 * The events of the last hours, by their ids: Entra delivers 3 to 4 % of them twice or more. An event is kept
 * under its own hour, so that second deliveries are known however late they come, until that hour is forgotten.
 * Beyond `most` events the oldest hour is forgotten early: second deliveries mostly come within minutes.
 *
 * Memory: about 100 bytes an event.
 */
export class SeenEvents {
  /** What changed since it was asked last; kept only when asked for. */
  #changes: SeenChanges | undefined
  /** How many events were forgotten early because there were too many: a second delivery of them counts anew. */
  forgottenEarly = 0
  readonly #most: number
  readonly #byTable = new Map<string, Map<number, Set<string>>>()
  #size = 0
  #forgottenBefore = 0

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  /** How many events are kept. */
  get size(): number {
    return this.#size
  }

  /** Notes an event. True if it is new, also if its hour is forgotten already or it has no id. */
  add(table: string, id: string | undefined, hour: number): boolean {
    if (id === undefined || hour < this.#forgottenBefore) return true
    if (this.#size >= this.#most) this.#forgetOldest()
    const ids = this.#ids(table, hour)
    const before = ids.size
    const kept = id.length <= MAX_VALUE_LENGTH ? id : createHash('sha256').update(id).digest('hex')
    ids.add(kept)
    if (ids.size === before) return false
    this.#size++
    if (this.#changes) noteNew(this.#changes, table, hour, kept)
    return true
  }

  /** Forgets the events of all hours before `hour`. */
  forget(hour: number): void {
    if (hour <= this.#forgottenBefore) return
    this.#forgottenBefore = hour
    for (const hours of this.#byTable.values()) {
      for (const known of hours.keys()) if (known < hour) this.#drop(hours, known)
    }
  }

  /** From now on keeps what changes, for `takeChanges`. */
  trackChanges(): void {
    this.#changes ??= newChanges()
  }

  /** What changed since the last call. */
  takeChanges(): SeenChanges {
    const changes = this.#changes ?? newChanges()
    this.#changes = newChanges()
    return changes
  }

  /** All events that are kept, for saving. */
  *saved(): Iterable<[table: string, hour: number, ids: string[]]> {
    for (const [table, hours] of this.#byTable) for (const [hour, ids] of hours) yield [table, hour, [...ids]]
  }

  /** An hour that is forgotten early goes on noting what comes from now on. */
  #forgetOldest(): void {
    const all = Array.from(this.#byTable.values())
    let oldest = Number.POSITIVE_INFINITY
    for (const hours of all) for (const hour of hours.keys()) oldest = Math.min(oldest, hour)
    const before = this.#size
    for (const hours of all) this.#drop(hours, oldest)
    this.forgottenEarly += before - this.#size
  }

  #drop(hours: Map<number, Set<string>>, hour: number): void {
    this.#size -= hours.get(hour)?.size ?? 0
    hours.delete(hour)
    this.#changes?.forgotten.add(hour)
    this.#changes?.added.delete(hour)
  }

  #ids(table: string, hour: number): Set<string> {
    const hours = getOrAdd(this.#byTable, table, () => new Map<number, Set<string>>())
    return getOrAdd(hours, hour, () => new Set<string>())
  }
}

function newChanges(): SeenChanges {
  return { forgotten: new Set(), added: new Map() }
}

function noteNew({ added }: SeenChanges, table: string, hour: number, id: string): void {
  const tables = getOrAdd(added, hour, () => new Map<string, string[]>())
  getOrAdd(tables, table, () => []).push(id)
}
