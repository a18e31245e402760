import type { HourlyTotals } from '../baselines/totals.js'
import type { SeenValues } from '../baselines/values.js'
import { KEPT_HOURS, LATE_HOURS } from '../baselines/window.js'
import { getOrAdd } from '../collections.js'
import type { Shown, Volume } from '../scoring/kind.js'
import type { Agent, Stores } from '../scoring/memory.js'

/** When a value was seen first and last, in hours since 1970. */
export interface Sighted {
  first: number
  last: number
}

/** How much a report may still remember. */
export interface Room {
  /** Hours with what was measured in them, of all agents. */
  points: number
  /** Values, of all agents. */
  values: number
  /** What was left out for lack of room. */
  readonly missed: { series: number; values: number }
}

type ValueSet = NonNullable<Shown['values']>

/**
 * What a report remembers of one agent: its measured hours and values over the whole of the logs, while the scorer
 * remembers 14 days. Taken up from the scorer's memory once a day.
 */
export class Track {
  name: string | undefined
  /** Active hours, ascending, by the slot of the scorer's memory. */
  readonly hours = new Map<number, number[]>()
  /** What was measured in each of the active hours, by the slot; nothing where that was never more than 0. */
  readonly totals = new Map<number, number[]>()
  readonly values = new Map<number, Map<string, Sighted>>()
  /** Series that had no room: a part of them would look like the whole. */
  readonly #dropped = new Set<number>()
  #upTo = 0

  /** Whether there is nothing new to take up, with what may come late, when the newest hour of any row is `newest`. */
  isDone(agent: Agent, newest: number): boolean {
    return agent.newest === this.#upTo && newest - agent.newest > 2 * LATE_HOURS
  }

  /** Takes up what the agent's memory holds since the last time, and the day before that: rows may come late. */
  update(
    agent: Agent,
    volumes: readonly Volume[],
    sets: readonly ValueSet[],
    stores: Stores,
    room: Room,
  ): void {
    this.name = agent.name ?? this.name
    const from = Math.max(this.#upTo - LATE_HOURS, agent.newest - KEPT_HOURS + 1)
    const kept = this.#takeHours(agent, volumes, stores, from)
    for (const volume of volumes) {
      const hours = this.hours.get(volume.hours.slot)
      const totals = volume.totals.peek(agent)
      if (hours && totals)
        this.#takeTotals(volume.totals.slot, hours, kept.get(volume.hours.slot)!, totals, room)
    }
    for (const { of } of sets) {
      const seen = of.peek(agent)
      if (seen) this.#takeValues(of.slot, seen, from, stores, room)
    }
    this.#upTo = agent.newest
  }

  /** Returns how many hours of each slot stood before. */
  #takeHours(agent: Agent, volumes: readonly Volume[], stores: Stores, from: number): Map<number, number> {
    const kept = new Map<number, number>()
    for (const { hours } of volumes) {
      const set = hours.peek(agent)
      if (set === undefined || kept.has(hours.slot)) continue
      const list = getOrAdd(this.hours, hours.slot, () => [])
      while (list.length > 0 && list.at(-1)! >= from) list.pop()
      kept.set(hours.slot, list.length)
      list.push(...stores.hours.list(set, from, agent.newest + 1))
    }
    return kept
  }

  #takeTotals(slot: number, hours: readonly number[], kept: number, totals: HourlyTotals, room: Room): void {
    if (this.#dropped.has(slot)) return
    const known = this.totals.get(slot) ?? []
    const fresh = hours.slice(kept).map((hour) => totals.at(hour))
    if (known.length === 0 && fresh.every((total) => total === 0)) return
    const all = known.slice(0, kept)
    while (all.length < kept) all.push(0)
    const grown = kept + fresh.length - known.length
    if (grown <= room.points) {
      room.points -= grown
      this.totals.set(slot, all.concat(fresh))
    } else {
      room.points += known.length
      room.missed.series++
      this.totals.delete(slot)
      this.#dropped.add(slot)
    }
  }

  #takeValues(slot: number, seen: SeenValues, from: number, stores: Stores, room: Room): void {
    const known = getOrAdd(this.values, slot, () => new Map<string, Sighted>())
    for (const [id, newest, mask, older] of seen.saved()) {
      if (newest < from) continue
      const text = stores.texts.text(id)
      const before = known.get(text)
      const first = earliest(newest, mask, older)
      if (before) {
        before.first = Math.min(before.first, first)
        before.last = Math.max(before.last, newest)
      } else if (room.values > 0) {
        room.values--
        known.set(text, { first, last: newest })
      } else room.missed.values++
    }
  }
}

/** The earliest hour of which is known that a value was seen in it. */
function earliest(newest: number, mask: number, older: number): number {
  if (older > 0) return older
  return mask === 0 ? newest : newest - 1 - (31 - Math.clz32(mask))
}
