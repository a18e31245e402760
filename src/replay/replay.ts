import { AgentSelector, Inventory, type Population } from '../agents/inventory.js'
import { type Alert, compareAlerts } from '../alerts/alert.js'
import { type Suppression, suppresses } from '../alerts/suppression.js'
import { increment } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { timeBounds } from '../records/decode.js'
import { DEFAULT_LIMITS, Scorer, type ScorerLimits } from '../scoring/scorer.js'
import { InputError } from '../sources/inputs.js'
import type { Piece } from '../sources/splitter.js'
import type { ViewRow } from '../views/view.js'
import { type DeadLetter, deadLetter } from './dead-letters.js'
import { Intake } from './intake.js'
import { merge, type PieceSource } from './merge.js'
import { DEFAULT_STREAM, RowStream, type StreamOptions } from './stream.js'

export interface ReplayOptions {
  readonly detections: readonly Detection[]
  readonly inventory?: Inventory
  /** Whose rows count; by default the inventory's agents if one is given, else all workload identities. */
  readonly population?: Population
  /** Alerts before this time are not reported; the rows are learnt from. Milliseconds since 1970. */
  readonly since?: number
  /** Rows from this time on are left out. Milliseconds since 1970. */
  readonly until?: number
  /** Alerts that are counted and not reported. */
  readonly suppressions?: readonly Suppression[]
  readonly stream?: Partial<StreamOptions>
  readonly limits?: Partial<ScorerLimits>
  /** The present, for telling times that can't be; milliseconds since 1970. */
  readonly now: number
}

/** Where the results of a replay go. All are called in order and awaited where they return a promise. */
export interface ReplayOutputs {
  alerts(alerts: readonly Alert[]): void | Promise<void>
  deadLetter(letter: DeadLetter): void
}

/** Log files in, alerts out: the whole path from bytes to findings, with one result in whatever order files come. */
export class Replay {
  readonly intake: Intake
  readonly stream: RowStream
  /** Rows left out because they lie outside of the wanted time. */
  outside = 0
  /** Inputs that could not be read to their end. */
  readonly failures: string[] = []
  /** How many rows the alerts that are still open had when they were reported last, by alert id. */
  readonly reported = new Map<string, number>()
  /** Alerts that were suppressed, by detection. */
  readonly suppressed = new Map<string, number>()
  readonly #options: ReplayOptions
  readonly #outputs: ReplayOutputs

  constructor(options: ReplayOptions, outputs: ReplayOutputs) {
    this.#options = options
    this.#outputs = outputs
    const inventory = options.inventory ?? new Inventory([])
    const population = options.population ?? (options.inventory ? 'inventory' : 'workloads')
    this.intake = new Intake(new AgentSelector(population, inventory), timeBounds(options.now))
    const scorer = new Scorer(
      options.detections,
      { ...DEFAULT_LIMITS, ...options.limits },
      { suppressions: options.suppressions },
    )
    this.stream = new RowStream(scorer, { ...DEFAULT_STREAM, ...options.stream })
  }

  /** Reads all sources, and judges what is due. What still waits is judged by `finish`. */
  async read(sources: readonly PieceSource[]): Promise<void> {
    await merge(sources, {
      take: (piece, source) => this.#take(piece, source),
      peek: (piece) => (piece.problem ? undefined : this.intake.peek(piece.bytes)),
      advance: (time) => this.#close(this.stream.advance(time)),
      failed: (source, error) => this.#failed(source, error),
    })
  }

  /** Judges all rows that wait, and reports every alert that is still open. */
  async finish(): Promise<void> {
    await this.#close(this.stream.finish())
  }

  /**
   * Ends one part of a replay: reports the alerts that are still open as they stand. The rows that wait go on
   * waiting, since the next part may bring some that come before them.
   */
  async suspend(): Promise<void> {
    const open = Array.from(this.stream.scorer.book.saved(), ([, , alert]) => alert)
    const wanted = await this.#report(open.sort(compareAlerts))
    for (const { id, count } of wanted) this.reported.set(id, count)
  }

  #take(piece: Piece, source: PieceSource): number | undefined {
    if (piece.problem) {
      this.intake.rejectMessage(piece.problem)
      const detail = piece.problem === 'too-large' ? `${piece.length} bytes` : 'broken off before its end'
      this.#outputs.deadLetter(deadLetter({ reason: piece.problem, detail }, source.name, piece))
      return undefined
    }
    const { rejected, newest } = this.intake.take(piece.bytes, (row) => this.#add(row))
    for (const one of rejected) this.#outputs.deadLetter(deadLetter(one, source.name, piece))
    return newest
  }

  #add(row: ViewRow): void {
    if (this.#options.until !== undefined && row.EventTime >= this.#options.until) this.outside++
    else this.stream.add(row)
  }

  #failed(source: PieceSource, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error)
    const reason = error instanceof InputError ? error.code : 'unreadable'
    this.failures.push(detail)
    this.intake.reject(reason)
    this.#outputs.deadLetter({ reason, detail, source: source.name })
  }

  /** Reports alerts that can't change any more. */
  async #close(alerts: readonly Alert[]): Promise<void> {
    await this.#report(alerts)
    for (const { id } of alerts) this.reported.delete(id)
  }

  /** Hands out the alerts that are wanted and say something new; returns them. */
  async #report(alerts: readonly Alert[]): Promise<readonly Alert[]> {
    const { since = Number.NEGATIVE_INFINITY } = this.#options
    const wanted = alerts.filter(
      ({ id, time, count }) => Date.parse(time) >= since && this.reported.get(id) !== count,
    )
    const shown = wanted.filter((alert) => !this.#suppress(alert))
    if (shown.length > 0) await this.#outputs.alerts(shown)
    return shown
  }

  #suppress(alert: Alert): boolean {
    const isSuppressed = this.#options.suppressions?.some((entry) => suppresses(entry, alert)) === true
    if (isSuppressed) increment(this.suppressed, alert.detection)
    return isSuppressed
  }
}
