import { LATE_HOURS } from '../baselines/window.js'
import type { Detection } from '../detections/detection.js'
import { HOUR_MS } from '../records/time.js'
import { DEFAULT_STREAM, RowStream } from '../replay/stream.js'
import { DEFAULT_LIMITS, Scorer, type ScorerLimits } from '../scoring/scorer.js'
import type { Period } from '../workspace/client.js'
import { pooled } from '../workspace/pool.js'
import { type Asking, askInParts, slicesOf } from '../workspace/slices.js'
import { type AbsorbCounters, Absorber, type Answered } from './absorb.js'
import { questionsOf } from './plan.js'
import type { Question } from './question.js'
import type { Whose } from './text.js'

/** Of the five that a user may run at once, the others are left to people. */
const AT_A_TIME = 3

/** What memory is made for. */
export interface BackfillSetting extends Whose {
  readonly detections: readonly Detection[]
  /** Whole hours, in milliseconds since 1970. */
  readonly period: Period
  readonly limits?: Partial<ScorerLimits>
}

/** A question about a part of a slice of time. */
export interface Asked {
  readonly question: Question
  readonly part: Period
}

/** Called as questions are answered. @param note - what the last one was about. */
export type BackfillProgress = (done: number, total: number, note: string) => void

/** Memory of a workspace's own past: what a scorer would know if it had seen all rows of a period. */
export class Backfill {
  readonly questions: readonly Question[]
  readonly slices: readonly Period[]
  readonly stream: RowStream
  readonly #absorber: Absorber
  readonly #period: Period

  constructor({ detections, period, limits, ...whose }: BackfillSetting) {
    const scorer = new Scorer(detections, { ...DEFAULT_LIMITS, ...limits })
    this.stream = new RowStream(scorer, DEFAULT_STREAM)
    this.stream.trackChanges()
    this.questions = questionsOf(scorer, whose)
    this.slices = slicesOf(period)
    this.#absorber = new Absorber(scorer)
    this.#period = period
  }

  get counters(): AbsorbCounters {
    return this.#absorber.counters
  }

  /** How many queries there are, unless some have to be divided. */
  get queries(): number {
    return this.slices.reduce((sum, slice) => sum + this.asked(slice).length, 0)
  }

  /** What is asked about a slice of time, and about which part of it. */
  asked(slice: Period): readonly Asked[] {
    return this.questions.flatMap((question) => {
      const { hours = Number.POSITIVE_INFINITY } = question
      const from = Math.max(slice.from, this.#period.to - hours * HOUR_MS)
      return from < slice.to ? [{ question, part: { from, to: slice.to } }] : []
    })
  }

  /**
   * Asks and counts in, slice by slice; the stream then stands at the end of the period.
   * @throws WorkspaceError, or the signal's reason. To be made anew after that: what was answered is kept by `asking`.
   */
  async run(asking: Asking, progress: BackfillProgress): Promise<void> {
    let done = 0
    const ask = async ({ question, part }: Asked): Promise<Answered> => {
      const answers = await askInParts(question.query, part, asking)
      progress(++done, this.queries, `${new Date(part.from).toISOString().slice(0, 10)} ${question.title}`)
      return { question, answers }
    }
    for (const slice of this.slices) await this.#fill(this.asked(slice), ask)
    this.#end()
  }

  /** All agents are there before what they showed is counted in, an answer at a time. */
  async #fill(asked: readonly Asked[], ask: (asked: Asked) => Promise<Answered>): Promise<void> {
    const isSummary = ({ question }: Asked) => question.use.type === 'summary'
    const seen = asked.filter((one) => !isSummary(one))
    this.#absorber.see(await pooled(seen, AT_A_TIME, ask))
    await pooled(asked.filter(isSummary), AT_A_TIME, async (one) => {
      const { use } = one.question
      if (use.type === 'summary') this.#absorber.summarise(use.remembered, await ask(one))
    })
  }

  /** Rows of the period that come once more are in memory already. */
  #end(): void {
    const { scorer } = this.stream
    const hour = this.#period.to / HOUR_MS
    scorer.resume({ ...scorer.position, backfilled: hour })
    const forgotten = Math.max(0, scorer.newest - LATE_HOURS)
    this.stream.resume({ newest: this.#absorber.newest, released: hour, forgotten })
  }
}
