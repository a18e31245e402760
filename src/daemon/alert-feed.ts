import type { Alert } from '../alerts/alert.js'
import type { AlertBook, OpenEntry } from '../scoring/alert-book.js'
import type { OutgoingAlert } from './sink.js'

/** Whole hours after the end of an alert's hour at which it is told again, if it counts more rows by then. */
const SETTLED = 1

/** An open alert as it is saved, with how many rows it had when it was told last. */
export interface SavedAlert {
  readonly key: string
  readonly hour: number
  readonly alert: Alert
  readonly reported?: number
}

/** What a save has to do about alerts: remove, then write, and send out. */
export interface AlertNews {
  readonly removed: ReadonlySet<string>
  readonly open: readonly SavedAlert[]
  readonly outgoing: readonly OutgoingAlert[]
}

/**
 * What is told of the book's alerts: each when it is raised, again an hour after its hour is over and once more when
 * it closes, where it counts more rows than were told. Besides them, alerts about the platform.
 */
export class AlertFeed {
  readonly #reported = new Map<string, number>()
  readonly #outgoing: OutgoingAlert[] = []
  readonly #removed = new Set<string>()
  /** Open alerts of which only what was told has changed. */
  readonly #told = new Map<string, OpenEntry>()
  /** Alerts of hours before this one were looked at since their hour was over. */
  #settledBefore = 0

  /** Alerts that will go out with the next save, besides those that the book has raised. */
  get pending(): number {
    return this.#outgoing.length
  }

  /** Sends out an alert that is in no book. */
  raise(alert: Alert): void {
    this.#outgoing.push({ ...alert, state: 'raised' })
  }

  /** Tells of the alerts whose hour has been over for an hour. */
  settle(book: AlertBook, newestHour: number): void {
    const before = newestHour - SETTLED
    if (before <= this.#settledBefore) return
    for (const entry of book.ofHours(this.#settledBefore, before)) this.#tellAgain(entry)
    this.#settledBefore = before
  }

  /** Tells of alerts that the book has closed. */
  closed(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      this.#tell(alert)
      this.#reported.delete(alert.id)
      this.#told.delete(alert.id)
      this.#removed.add(alert.id)
    }
  }

  /** What has changed since the last call. */
  take(book: AlertBook): AlertNews {
    const { raised, updated } = book.takeChanges()
    for (const [, , alert] of raised) this.#tell(alert)
    const changed = new Map(
      [...this.#told.values(), ...raised, ...updated].map((entry) => [entry[2].id, entry]),
    )
    const news = {
      removed: new Set(this.#removed),
      open: Array.from(changed.values(), (entry) => this.#saved(entry)),
      outgoing: this.#outgoing.splice(0),
    }
    this.#removed.clear()
    this.#told.clear()
    return news
  }

  /** Takes up a saved alert. */
  load({ alert, reported }: SavedAlert): void {
    if (reported !== undefined) this.#reported.set(alert.id, reported)
  }

  /** Forgets all that was loaded. */
  reset(): void {
    this.#reported.clear()
  }

  #tellAgain(entry: OpenEntry): void {
    const [, , alert] = entry
    if (!this.#reported.has(alert.id) || !this.#tell(alert)) return
    this.#told.set(alert.id, entry)
  }

  /** Sends an alert out if it says something new. */
  #tell(alert: Alert): boolean {
    const reported = this.#reported.get(alert.id)
    if (reported === alert.count) return false
    this.#reported.set(alert.id, alert.count)
    this.#outgoing.push({ ...alert, state: reported === undefined ? 'raised' : 'updated' })
    return true
  }

  #saved([key, hour, alert]: OpenEntry): SavedAlert {
    const reported = this.#reported.get(alert.id)
    return { key, hour, alert, ...(reported === undefined ? {} : { reported }) }
  }
}
