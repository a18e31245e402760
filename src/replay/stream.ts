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
}

export const DEFAULT_STREAM: StreamOptions = { reorderHours: 6, maxWaiting: 2_000_000 }

/** Agent rows in any order in, closed alerts in order out: duplicates dropped, rows sorted, then scored. */
export class RowStream {
  readonly counters: StreamCounters = { rows: 0, duplicates: 0, reordered: 0, late: 0, overflows: 0 }
  readonly scorer: Scorer
  readonly seen = new SeenEvents()
  readonly reorder = new Reorder()
  readonly #options: StreamOptions
  #newest = 0

  constructor(scorer: Scorer, options: StreamOptions = DEFAULT_STREAM) {
    this.scorer = scorer
    this.#options = options
  }

  /** Takes a row; a second delivery is dropped. */
  add(row: ViewRow): void {
    this.counters.rows++
    if (!this.seen.add(`${row.View}/${row.Type}`, row.Id, hourOf(row.EventTime))) {
      this.counters.duplicates++
      return
    }
    if (row.EventTime < this.#newest) this.counters.reordered++
    else this.#newest = row.EventTime
    this.place(row)
    if (this.reorder.waiting > this.#options.maxWaiting) this.#releaseOldest()
  }

  /** Lets a row wait for its turn, or scores it at once if that has passed. */
  place(row: ViewRow): void {
    if (this.reorder.add(row)) return
    this.counters.late++
    this.scorer.score(row)
  }

  /** Scores what is due now that all inputs have reached `time`; returns the alerts that can't change any more. */
  advance(time: number): Alert[] {
    return this.#release(Math.floor((time - this.#options.reorderHours * HOUR_MS) / HOUR_MS))
  }

  /** Scores all that waits, and closes every alert. */
  finish(): Alert[] {
    for (const row of this.reorder.release(Number.POSITIVE_INFINITY)) this.scorer.score(row)
    return this.scorer.book.close(Number.POSITIVE_INFINITY)
  }

  #release(hour: number): Alert[] {
    if (hour <= 0) return []
    for (const row of this.reorder.release(hour)) this.scorer.score(row)
    const open = this.scorer.newest - LATE_HOURS
    this.seen.forget(open)
    return this.scorer.book.close(open)
  }

  #releaseOldest(): void {
    const oldest = this.reorder.oldest()
    if (oldest === undefined) return
    this.counters.overflows++
    for (const row of this.reorder.release(oldest + 1)) this.scorer.score(row)
  }
}
