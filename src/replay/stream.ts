import type { Alert } from '../alerts/alert.js'
import { LATE_HOURS } from '../baselines/window.js'
import { HOUR_MS, hourOf } from '../records/time.js'
import { Reorder } from '../scoring/reorder.js'
import type { Scorer } from '../scoring/scorer.js'
import { SeenEvents } from '../scoring/seen-events.js'
import type { ViewRow } from '../views/view.js'

/** What happened to the agent rows on their way to the scorer. */
export interface StreamCounters {
  rows: number
  duplicates: number
  /** Rows that arrived out of order and were put into it. */
  reordered: number
  /** Rows that came after their hour had been judged; they count into their own hour all the same. */
  late: number
  /** Times that rows were released early because too many waited. */
  overflows: number
}

export interface StreamOptions {
  /** How long rows wait for others, in hours of event time. */
  readonly reorderHours: number
  /** Most rows that wait; beyond that the oldest hour is judged early. */
  readonly maxWaiting: number
  /** Most events whose second delivery is recognised; beyond that those of the oldest hour are forgotten. */
  readonly maxSeen: number
  /** Rows are judged as they come and wait for nothing; `reorderHours` then has no meaning. Off by default. */
  readonly atOnce?: boolean
}

export const DEFAULT_STREAM: StreamOptions = {
  reorderHours: 6,
  maxWaiting: 2_000_000,
  maxSeen: 10_000_000,
}

/** How far a stream has got, in hours since 1970 but for `newest`. */
export interface StreamPosition {
  /** Newest event time of any row, in milliseconds since 1970. */
  readonly newest: number
  /** Rows of hours before this one are scored: what comes now is late. */
  readonly released: number
  /** The events of hours before this one are forgotten. */
  readonly forgotten: number
}

/** Agent rows in any order in, closed alerts in order out: duplicates dropped, rows sorted, then scored. */
export class RowStream {
  readonly counters: StreamCounters = { rows: 0, duplicates: 0, reordered: 0, late: 0, overflows: 0 }
  readonly seen: SeenEvents
  readonly reorder = new Reorder()
  readonly #options: StreamOptions
  #scorer: Scorer
  #newest = 0
  #released = 0
  #forgotten = 0
  #name = { View: '', Type: '', text: '/' }

  constructor(scorer: Scorer, options: StreamOptions = DEFAULT_STREAM) {
    this.#scorer = scorer
    this.#options = options
    this.seen = new SeenEvents(options.maxSeen)
  }

  get scorer(): Scorer {
    return this.#scorer
  }

  /** Goes on with another scorer, which has taken up what this one remembers. */
  changeScorer(scorer: Scorer): void {
    this.#scorer = scorer
  }

  /** From now on keeps what changes, in all its parts, for saving only that. */
  trackChanges(): void {
    for (const part of [this.#scorer, this.#scorer.book, this.seen, this.reorder]) part.trackChanges()
  }

  /** How far the stream has got, for saving. */
  get position(): StreamPosition {
    return { newest: this.#newest, released: this.#released, forgotten: this.#forgotten }
  }

  /** Goes on where a stream that was saved had got; to be called before anything else. */
  resume({ newest, released, forgotten }: StreamPosition): void {
    this.#newest = newest
    this.#scoreBefore(released)
    this.#forget(forgotten)
  }

  /** Takes a row; a second delivery is dropped. */
  add(row: ViewRow): void {
    this.counters.rows++
    if (!this.seen.add(this.#nameOf(row), row.Id, hourOf(row.EventTime))) {
      this.counters.duplicates++
      return
    }
    if (row.EventTime < this.#newest) this.counters.reordered++
    else this.#newest = row.EventTime
    if (this.#options.atOnce) this.#scorer.score(row)
    else this.place(row)
    if (this.reorder.waiting > this.#options.maxWaiting) this.#releaseOldest()
  }

  /** Lets a row wait for its turn, or scores it at once if that has passed. */
  place(row: ViewRow): void {
    if (this.reorder.add(row)) return
    this.counters.late++
    this.#scorer.score(row)
  }

  /** Scores what is due now that all inputs have reached `time`; returns the alerts that can't change any more. */
  advance(time: number): Alert[] {
    for (const _ of this.scoreDue(time));
    return this.closeDue()
  }

  /**
   * Scores what is due now that all inputs have reached `time`, row by row: whoever drives it may pause in between,
   * but neither save nor add rows before it is done.
   */
  *scoreDue(time: number): Iterable<void> {
    const hour = Math.floor((time - this.#options.reorderHours * HOUR_MS) / HOUR_MS)
    if (hour <= 0 || this.#options.atOnce) return
    this.#released = Math.max(this.#released, hour)
    for (const row of this.reorder.release(hour)) yield this.#scorer.score(row)
  }

  /** Scores all that waits, as when rows are from now on judged as they come. */
  scoreWaiting(): void {
    this.#scoreBefore(Math.floor(this.#newest / HOUR_MS) + 1)
  }

  /** Takes out the alerts that can't change any more, and forgets events that are as old. */
  closeDue(): Alert[] {
    const open = this.#scorer.newest - LATE_HOURS
    if (open <= 0) return []
    this.#forget(open)
    return this.#scorer.book.close(open)
  }

  /** Scores all that waits, and closes every alert. */
  finish(): Alert[] {
    this.#scoreBefore(Number.POSITIVE_INFINITY)
    return this.#scorer.book.close(Number.POSITIVE_INFINITY)
  }

  /** What tells the events of a view and table from others: put together anew only where the row before has another. */
  #nameOf({ View, Type }: ViewRow): string {
    if (View !== this.#name.View || Type !== this.#name.Type)
      this.#name = { View, Type, text: `${View}/${Type}` }
    return this.#name.text
  }

  #releaseOldest(): void {
    const oldest = this.reorder.oldest()
    if (oldest === undefined) return
    this.counters.overflows++
    this.#scoreBefore(oldest + 1)
  }

  /** Scores the rows of all hours before `hour`. */
  #scoreBefore(hour: number): void {
    this.#released = Math.max(this.#released, hour)
    for (const row of this.reorder.release(hour)) this.#scorer.score(row)
  }

  #forget(hour: number): void {
    this.#forgotten = Math.max(this.#forgotten, hour)
    this.seen.forget(hour)
  }
}
