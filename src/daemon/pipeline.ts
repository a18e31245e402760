import type { AgentSelector } from '../agents/inventory.js'
import type { Suppression } from '../alerts/suppression.js'
import type { Detection } from '../detections/detection.js'
import { type TimeBounds, timeBounds } from '../records/decode.js'
import { HOUR_MS, hourOf } from '../records/time.js'
import { deadLetterAt } from '../replay/dead-letters.js'
import { Intake } from '../replay/intake.js'
import { DEFAULT_STREAM, RowStream, type StreamOptions } from '../replay/stream.js'
import { agentOf, savedAgent, shortName } from '../scoring/saved-agent.js'
import { DEFAULT_LIMITS, Scorer, type ScorerLimits } from '../scoring/scorer.js'
import type { ViewRow } from '../views/view.js'
import type { AlertFeed } from './alert-feed.js'
import type { DeadLetters } from './dead-letter-file.js'
import type { Queued } from './queues.js'
import type { Slices } from './slices.js'

/** Larger messages are dead letters; brokers take 1 MB, some up to 10. */
const MAX_MESSAGE = 16 * 1024 * 1024

/** By how much Entra's clocks may be ahead of the broker's, in milliseconds. */
const CLOCKS_DIFFER = 10 * 60_000

/** By how much the broker's clock may be ahead of ours: ours may be wrong by a day. */
const TRUSTED_AHEAD = 48 * HOUR_MS

/** Our own clock is surely wrong before this. */
const EARLIEST_PRESENT = Date.UTC(2025, 0, 1)

/** What is looked for, and of whom: a reload exchanges it. */
export interface Rules {
  readonly detections: readonly Detection[]
  readonly selector: AgentSelector
  /** Alerts that say nothing of their agent's risk. */
  readonly suppressions?: readonly Suppression[] | undefined
}

export interface PipelineOptions extends Rules {
  readonly stream?: Partial<StreamOptions> | undefined
  readonly limits?: Partial<ScorerLimits> | undefined
  /** Tenants whose rows count; all, if it is left out. */
  readonly tenants?: ReadonlySet<string> | undefined
  readonly deadLetters: DeadLetters
  readonly feed: AlertFeed
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
}

/** From a message to what is remembered and found. Knows no queue, disk or pause. */
export class Pipeline {
  /** Rows of tenants that are not to be watched. */
  otherTenants = 0
  readonly stream: RowStream
  #intake: Intake
  readonly #options: PipelineOptions
  /** Newest time at which a message was taken in: only this moves what is due, no time that a record claims. */
  #reached = 0
  #reachedHour = 0
  #newestHour = 0

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#intake = new Intake(options.selector, timeBounds(options.now()))
    this.stream = new RowStream(this.#scorer(options), this.#streamOptions)
  }

  get intake(): Intake {
    return this.#intake
  }

  /** To be called once the saved state is loaded. */
  begin(): void {
    this.stream.trackChanges()
    if (this.#streamOptions.atOnce) this.stream.scoreWaiting()
  }

  /** Reads a message, and scores its rows or lets them wait. Never throws for what it holds. */
  take({ partition, message }: Queued): void {
    const { body, position, enqueued } = message
    if (body.length > MAX_MESSAGE) this.#rejectWhole({ partition, message })
    else {
      const bounds = boundsAt(enqueued, this.#options.now())
      const { rejected } = this.#intake.take(body, (row) => this.#row(row), bounds)
      for (const one of rejected) this.#deadLetter(one, { partition, message })
    }
    Object.assign(partition, { position, enqueued })
    partition.messages++
    this.#reached = Math.max(this.#reached, enqueued)
  }

  /** Whether an hour has passed since the last call of `due`. */
  get hasDue(): boolean {
    return hourOf(this.#reached) > this.#reachedHour || this.stream.scorer.newest > this.#newestHour
  }

  /** Scores the rows that have waited long enough, and tells of alerts whose hour is over; row by row. */
  *due(): Iterable<void> {
    this.#reachedHour = hourOf(this.#reached)
    yield* this.stream.scoreDue(this.#reached)
    this.#newestHour = this.stream.scorer.newest
    this.#options.feed.settle(this.stream.scorer.book, this.#newestHour)
    this.#options.feed.closed(this.stream.closeDue())
  }

  /** Goes on with other rules; what both need remembered is kept. In slices. */
  async change(rules: Rules, slices: Slices): Promise<void> {
    const before = this.stream.scorer
    const scorer = this.#scorer(rules)
    const [old, wanted] = [before.remembered(), scorer.remembered()]
    for (const agent of before.agents()) {
      scorer.restore(agentOf(savedAgent(agent, old, shortName), wanted, shortName))
      if (slices.over) await slices.pause()
    }
    for (const [key, hour, alert] of before.book.saved()) scorer.book.restore(key, hour, alert)
    scorer.resume(before.position)
    this.stream.changeScorer(scorer)
    this.stream.trackChanges()
    this.#intake = this.#intake.with(rules.selector)
  }

  get #streamOptions(): StreamOptions {
    const options = { ...DEFAULT_STREAM, reorderHours: 0, ...this.#options.stream }
    return { ...options, atOnce: options.atOnce ?? options.reorderHours === 0 }
  }

  #scorer({ detections, suppressions }: Rules): Scorer {
    return new Scorer(detections, { ...DEFAULT_LIMITS, ...this.#options.limits }, { suppressions })
  }

  #row(row: ViewRow): void {
    const { tenants } = this.#options
    if (tenants === undefined || tenants.has(row.TenantId)) this.stream.add(row)
    else this.otherTenants++
  }

  #rejectWhole(queued: Queued): void {
    this.#intake.rejectMessage('too-large')
    const detail = `${queued.message.body.length} bytes`
    this.#deadLetter({ reason: 'too-large', detail }, queued)
  }

  #deadLetter(rejection: Parameters<typeof deadLetterAt>[0], { partition, message }: Queued): void {
    const { body, position, enqueued } = message
    const place = { source: partition.source, partition: partition.name, position, length: body.length }
    this.#options.deadLetters.add(deadLetterAt(rejection, { ...place, ...timeOf(enqueued) }, body))
  }
}

/**
 * What a message may say of time: nothing later than when it was taken in, and a little. Where the broker's clock is
 * beyond belief, ours counts, unless it is ours that must be wrong.
 */
export function boundsAt(enqueued: number, now: number): TimeBounds {
  const { earliest } = timeBounds(now)
  const known = enqueued > 0 ? enqueued : now
  const latest = now < EARLIEST_PRESENT ? known : Math.min(known, now + TRUSTED_AHEAD)
  return { earliest, latest: latest + CLOCKS_DIFFER }
}

function timeOf(enqueued: number): { enqueued?: string } {
  const time = new Date(enqueued)
  return Number.isNaN(time.getTime()) ? {} : { enqueued: time.toISOString() }
}
