import type { Alert } from '../alerts/alert.js'
import { getOrAdd } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { HOUR_MS } from '../records/time.js'
import { DEFAULT_LIMITS, Scorer } from '../scoring/scorer.js'
import type { ViewRow } from '../views/view.js'
import { explains, type Label } from './labels.js'
import { tunablesOf, withValue } from './parameters.js'

/** A detection with one parameter at another value; with none of them, as it is. */
export interface Variant {
  readonly detection: Detection
  /** Id of the detection that it is a variant of. */
  readonly of: string
  readonly parameter?: string
  readonly value?: number
  /** Whether the value is a length of time, in hours. */
  readonly duration?: boolean
}

/** What a variant raised. */
export interface Outcome extends Omit<Variant, 'detection'> {
  readonly alerts: number
  readonly perDay: number
  /** Indexes of the labels that it caught. */
  readonly caught: ReadonlySet<number>
  /** Alerts that belong to no label. */
  readonly unexplained: number
}

/** The span that is judged, in milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Every detection as it is, and with each of its tunable parameters at each of the values to try. All of them run
 * over the logs at once: what one remembers of an agent is shared, so that a variant costs a judgement a row and no
 * reading. So the numbers are by construction those of separate replays.
 */
export function variantsOf(detections: readonly Detection[]): Variant[] {
  return detections
    .filter(({ status }) => status !== 'retired')
    .flatMap((detection) => [
      { detection, of: detection.id },
      ...tunablesOf(detection).flatMap(({ parameter, values, duration = false }) =>
        values.map((value) => {
          const id = `${detection.id} ${parameter} ${value}`
          const changed = { ...withValue(detection, parameter, value), id }
          return { detection: changed, of: detection.id, parameter, value, duration }
        }),
      ),
    ])
}

/** Scores as ever, and keeps when the first row was. What other values would have raised is nobody's risk. */
export class SweepScorer extends Scorer {
  /** Milliseconds since 1970. */
  first = Number.POSITIVE_INFINITY
  /** Milliseconds since 1970. */
  last = Number.NEGATIVE_INFINITY

  constructor(variants: readonly Variant[]) {
    const present = new Set(variants.filter(isPresent).map(({ detection }) => detection.id))
    super(
      variants.map(({ detection }) => detection),
      { ...DEFAULT_LIMITS, maxOpenAlerts: Number.POSITIVE_INFINITY },
      { counts: (id) => present.has(id) },
    )
  }

  override score(row: ViewRow): void {
    this.first = Math.min(this.first, row.EventTime)
    this.last = Math.max(this.last, row.EventTime)
    super.score(row)
  }
}

function isPresent({ parameter }: Variant): boolean {
  return parameter === undefined
}

/** What an alert says of where it belongs; the rest is forgotten, since there may be many. */
type Raised = Pick<Alert, 'agentId' | 'appId' | 'hour' | 'time'>

/** Takes the alerts of all variants, and counts them once the span of the logs is known. */
export class Tally {
  readonly #raised = new Map<string, Raised[]>()

  add(alerts: readonly Alert[]): void {
    for (const { detection, agentId, appId, hour, time } of alerts) {
      const one = { agentId, hour, time, ...(appId === undefined ? {} : { appId }) }
      getOrAdd(this.#raised, detection, () => []).push(one)
    }
  }

  /** What each variant raised within the span, in the order of the variants. */
  outcomes(variants: readonly Variant[], span: Span, labels: readonly Label[]): Outcome[] {
    const days = Math.max((span.to - span.from) / (24 * HOUR_MS), 1 / 24)
    return variants.map(({ detection, ...variant }) => {
      const all = this.#raised.get(detection.id) ?? []
      const alerts = all.filter(({ time }) => Date.parse(time) >= span.from)
      const caught = new Set<number>()
      const unexplained = alerts.filter((alert) => {
        const own = labels.flatMap((label, index) => (explains(label, alert) ? [index] : []))
        for (const index of own) caught.add(index)
        return own.length === 0
      })
      return {
        ...variant,
        alerts: alerts.length,
        perDay: alerts.length / days,
        caught,
        unexplained: unexplained.length,
      }
    })
  }
}
