import { LATE_HOURS } from '../baselines/window.js'
import { HOUR_MS } from '../records/time.js'
import type { ViewRow, ViewValue } from '../views/view.js'
import { type Companion, comparable } from './companion.js'
import type { Finding } from './kind.js'
import type { Feature, Stores } from './memory.js'
import { valueIn } from './values.js'

/** Hours of event time for which a finding waits for a companion that comes late. */
const WAIT_HOURS = 2

/** Most findings of one agent that wait. */
const MOST_WAITING = 100

/** What is kept of a companion: its time, what is compared, and what an alert shows. */
export interface KeptRow {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly compared: readonly (string | undefined)[]
  readonly shown: readonly ViewValue[]
}

const NONE: readonly never[] = []

/** Stand for all that are empty; never changed. */
const NO_ROWS: Map<string, KeptRow[]> = new Map()
const NO_WAITING: Map<string, Waiting> = new Map()

/** A finding that needs a companion and has none yet. */
export interface Waiting {
  readonly row: ViewRow
  readonly hour: number
  readonly finding: Finding
}

/**
 * The companions that rows of one agent may have, by the values that must be equal, and the findings that wait for
 * one. Bounded: the oldest make room. Looking for one is O(companions with the same values).
 */
export class CompanionMemory {
  /** Most agents have none: two maps of their own would take 400 bytes of each. */
  #rows = NO_ROWS
  #waiting = NO_WAITING
  readonly #companion: Companion
  #size = 0
  #newest: number

  /** `newest` is the time of the newest companion that there was, in milliseconds since 1970. */
  constructor(companion: Companion, newest = 0) {
    this.#companion = companion
    this.#newest = newest
  }

  get newest(): number {
    return this.#newest
  }

  /** The companions, by the values that must be equal. */
  get rows(): ReadonlyMap<string, readonly KeptRow[]> {
    return this.#rows
  }

  /** The findings that wait, by their names. */
  get waiting(): ReadonlyMap<string, Waiting> {
    return this.#waiting
  }

  /** Keeps a companion. Returns how many older ones had to make room for it. */
  add(row: ViewRow, limit: number): number {
    const key = keyOf(row, this.#companion, 'theirs')
    if (key === undefined) return 0
    const { differs, shown } = this.#companion
    this.keep(key, {
      time: row.EventTime,
      compared: differs.map(({ theirs }) => comparable(row, theirs)),
      shown: shown.map((column) => valueIn(row, column)),
    })
    return this.#makeRoom(limit)
  }

  /** Takes up a companion, in order of time among those with the same values. */
  keep(key: string, kept: KeptRow): void {
    if (this.#rows === NO_ROWS) this.#rows = new Map()
    const same = this.#rows.get(key)
    if (!same) this.#rows.set(key, [kept])
    else if (same.at(-1)!.time <= kept.time) same.push(kept)
    else same.splice(same.findLastIndex(({ time }) => time <= kept.time) + 1, 0, kept)
    this.#size++
    this.#newest = Math.max(this.#newest, kept.time)
  }

  /** The latest companion of a row. */
  latest(row: ViewRow): KeptRow | undefined {
    const { differs, within } = this.#companion
    const key = keyOf(row, this.#companion, 'own')
    if (key === undefined) return undefined
    const own = differs.map((pair) => comparable(row, pair.own))
    return this.#rows.get(key)?.findLast(({ time, compared }) => {
      if (time >= row.EventTime || row.EventTime - time > within * HOUR_MS) return false
      return compared.every((value, at) => value !== undefined && own[at] !== undefined && value !== own[at])
    })
  }

  /** Lets a finding wait, in place of an older one of the same agent, hour and values. */
  wait(waiting: Waiting): void {
    const { row } = waiting
    const name = this.#nameOf(waiting)
    if (name === undefined) return
    this.hold(name, { ...waiting, row: filled(row) })
    for (const [old, { row: waits }] of this.#waiting) {
      const isOld = row.EventTime - waits.EventTime > WAIT_HOURS * HOUR_MS
      if (isOld || this.#waiting.size > MOST_WAITING) this.#waiting.delete(old)
    }
  }

  /** Lets go of a finding that has been settled with another of its ids. */
  forget(waiting: Waiting): void {
    const name = this.#nameOf(waiting)
    if (name !== undefined) this.#waiting.delete(name)
  }

  /** Takes up a finding that waits, under a name of its own. */
  hold(name: string, waiting: Waiting): void {
    if (this.#waiting === NO_WAITING) this.#waiting = new Map()
    this.#waiting.delete(name)
    this.#waiting.set(name, waiting)
  }

  /** Takes out the findings that have a companion by now. */
  settle(): Iterable<Waiting & { readonly kept: KeptRow }> {
    return this.#waiting.size === 0 ? NONE : this.#settle()
  }

  *#settle(): Iterable<Waiting & { readonly kept: KeptRow }> {
    for (const [name, waiting] of this.#waiting) {
      const kept = this.latest(waiting.row)
      if (kept === undefined) continue
      this.#waiting.delete(name)
      yield { ...waiting, kept }
    }
  }

  /** Several agents may share an application, and wait with it. */
  #nameOf({ row, hour, finding }: Waiting): string | undefined {
    const key = keyOf(row, this.#companion, 'own')
    if (key === undefined) return undefined
    const differing = this.#companion.differs.map(({ own }) => comparable(row, own))
    return JSON.stringify([row.AgentId, hour, key, differing, finding.entity])
  }

  /** Drops what no row can have as a companion any more, and what is too much; returns how many of the latter. */
  #makeRoom(limit: number): number {
    const oldest = this.#newest - (this.#companion.within + LATE_HOURS) * HOUR_MS
    let dropped = 0
    for (const [key, same] of this.#rows) {
      while (same.length > 0 && (this.#size > limit || same[0]!.time < oldest)) {
        if (same.shift()!.time >= oldest) dropped++
        this.#size--
      }
      if (same.length > 0) break
      this.#rows.delete(key)
    }
    return dropped
  }
}

/** The values that must be equal, as one text; nothing if one is missing. Mostly there is one, made for every row. */
function keyOf(row: ViewRow, { on }: Companion, side: 'own' | 'theirs'): string | undefined {
  if (on.length === 1) return comparable(row, on[0]![side])
  const values = on.map((pair) => comparable(row, pair[side]))
  return values.includes(undefined) ? undefined : JSON.stringify(values)
}

/** The row without its empty columns, as it is once it was saved. */
function filled(row: ViewRow): ViewRow {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as ViewRow
}

/** Key, time, what is compared and what is shown, of one row after the other; JSON has no undefined. */
type FlatRows = readonly (NonNullable<ViewValue> | null)[]

/** As layout 1 of the state has them. */
type NestedRows = readonly [
  key: string,
  rows: readonly { time: number; compared: FlatRows; shown: FlatRows }[],
][]

interface Saved {
  readonly rows: FlatRows | NestedRows
  readonly waiting: readonly [name: string, waiting: Waiting][]
  readonly newest?: number
}

/** What companions an agent's rows may have. */
export function companionsOf(stores: Stores, companion: Companion): Feature<CompanionMemory> {
  const { within, on, differs, shown } = companion
  return {
    key: `companions ${JSON.stringify({ within, on, differs, shown })}`,
    create: () => new CompanionMemory(companion),
    record: (memory, row) => {
      stores.overflows += memory.add(row, stores.maxValues)
    },
    past: {
      columns: [...[...on, ...differs].map(({ theirs }) => theirs), ...shown],
      hours: within + LATE_HOURS,
    },
    ids: () => [],
    release: () => {},
    save: saved,
    load: (state) => loaded(companion, state as Saved),
  }
}

/** Nothing if it is empty: then it is there only because somebody looked into it. */
function saved({ rows, waiting, newest }: CompanionMemory): Saved | undefined {
  if (newest === 0 && waiting.size === 0) return undefined
  return { rows: flat(rows), waiting: [...waiting], newest }
}

/** As one list, which is written and read in half of the time. */
function flat(rows: CompanionMemory['rows']): FlatRows {
  const list: (NonNullable<ViewValue> | null)[] = []
  for (const [key, same] of rows) {
    for (const { time, compared, shown } of same) {
      list.push(key, time)
      for (const one of compared) list.push(one ?? null)
      for (const one of shown) list.push(one ?? null)
    }
  }
  return list
}

function loaded(companion: Companion, { rows, waiting, newest }: Saved): CompanionMemory {
  const memory = new CompanionMemory(companion, newest)
  const list = isNested(rows) ? rows.flatMap(flatRows) : rows
  const shownAt = 2 + companion.differs.length
  const width = shownAt + companion.shown.length
  for (let at = 0; at < list.length; at += width) {
    const [key, time] = [list[at] as string, list[at + 1] as number]
    const compared = valuesOf(list, at + 2, at + shownAt) as KeptRow['compared']
    memory.keep(key, { time, compared, shown: valuesOf(list, at + shownAt, at + width) })
  }
  for (const [name, one] of waiting) memory.hold(name, one)
  return memory
}

function valuesOf(list: FlatRows, from: number, to: number): ViewValue[] {
  return list.slice(from, to).map((one) => one ?? undefined)
}

function isNested(rows: Saved['rows']): rows is NestedRows {
  return typeof rows[0] === 'object'
}

function flatRows([key, rows]: NestedRows[number]): FlatRows {
  return rows.flatMap(({ time, compared, shown }) => [key, time, ...compared, ...shown])
}
