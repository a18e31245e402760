import { z } from 'zod'

/** A day of watching, in milliseconds. */
const DAY = 86_400_000

/** Days of which the longest pauses are remembered. */
const KEPT_DAYS = 7

/** Arrivals before a pause is judged by those before it. */
const ENOUGH = 50

/** By so much longer than the longest pause of the last days the next one may be. */
const MARGIN = 1.3

/** An alert follows when nothing came for so many times the interval that is expected: well within twice. */
const FACTOR = 1.5

const time = z.number().min(0)

/** What is known of something that should make itself heard, as it is saved. Times are those of its clock. */
export const savedHeartbeat = z.object({
  clock: time,
  first: time.optional(),
  last: time,
  arrivals: time,
  longest: z.array(z.tuple([z.int(), time])),
  toldAt: time.optional(),
})

export type SavedHeartbeat = z.infer<typeof savedHeartbeat>

/** How often something is expected, and from how much that is known. */
export interface Expectation {
  /** Milliseconds. */
  readonly interval: number
  readonly basis: string
}

/** What is expected of a heartbeat: an interval that was set, or what is learnt with a floor. All in milliseconds. */
export interface Terms {
  readonly set: number | undefined
  readonly floor: number
  readonly learn: number
}

/**
 * Something that should make itself heard again and again: when it did, how long its pauses were, and whether it is
 * silent now. It has a clock of its own, which runs only while it could be heard: not while the daemon is down, a
 * broker away, or a backlog being read, and whatever the clock on the wall does.
 */
export class Heartbeat {
  #clock = 0
  #first: number | undefined
  #last = 0
  #arrivals = 0
  #counted: number | undefined
  readonly #longest = new Map<number, number>()
  #toldAt: number | undefined

  /** Milliseconds for which nothing came. */
  get silence(): number {
    return this.#clock - this.#last
  }

  /** Whether its silence has been told, and still lasts. */
  get told(): boolean {
    return this.#toldAt !== undefined
  }

  /** Lets time pass, and notes how often it was heard so far; the count may begin anew with the process. */
  pass(time: number, count: number, terms: Terms): void {
    this.#clock += time
    const before = this.#counted ?? 0
    this.#counted = count
    if (count > before) this.#hear(terms)
  }

  /** What it is told by: nothing while too little is known. */
  expects({ set, floor, learn }: Terms): Expectation | undefined {
    if (set !== undefined) return { interval: set, basis: 'set in the configuration' }
    const watched = this.#last - (this.#first ?? this.#last)
    if (this.#arrivals < ENOUGH || watched < learn) return undefined
    const longest = Math.max(...this.#longest.values())
    const days = Math.ceil(Math.min(watched / DAY, KEPT_DAYS))
    const basis = `the longest pause of the last ${days === 1 ? 'day' : `${days} days`} was ${Math.round(longest / 1000)} s`
    return { interval: Math.max(floor, MARGIN * longest), basis }
  }

  /** Whether to tell of its silence now: once when it begins, and once a day while it lasts. */
  isDue(terms: Terms): Expectation | undefined {
    const expected = this.expects(terms)
    if (!expected || this.silence < FACTOR * expected.interval) return undefined
    if (this.#toldAt !== undefined && this.#clock - this.#toldAt < DAY) return undefined
    this.#toldAt = this.#clock
    return expected
  }

  save(): SavedHeartbeat {
    return {
      clock: this.#clock,
      first: this.#first,
      last: this.#last,
      arrivals: this.#arrivals,
      longest: [...this.#longest],
      toldAt: this.#toldAt,
    }
  }

  load(saved: SavedHeartbeat): void {
    this.#clock = saved.clock
    this.#first = saved.first
    this.#last = saved.last
    this.#arrivals = saved.arrivals
    for (const [day, pause] of saved.longest) this.#longest.set(day, pause)
    this.#toldAt = saved.toldAt
  }

  /** A silence that was told counts as no longer than what made it told, or the next one would be told much later. */
  #hear(terms: Terms): void {
    const most =
      this.#toldAt === undefined ? Number.POSITIVE_INFINITY : FACTOR * (this.expects(terms)?.interval ?? 0)
    if (this.#first === undefined) this.#first = this.#clock
    else this.#notePause(Math.min(this.silence, most))
    this.#last = this.#clock
    this.#arrivals++
    this.#toldAt = undefined
  }

  #notePause(pause: number): void {
    const day = Math.floor(this.#clock / DAY)
    this.#longest.set(day, Math.max(this.#longest.get(day) ?? 0, pause))
    for (const known of this.#longest.keys()) if (known <= day - KEPT_DAYS) this.#longest.delete(known)
  }
}
