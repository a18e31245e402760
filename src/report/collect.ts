import type { Alert } from '../alerts/alert.js'
import { getOrAdd } from '../collections.js'
import type { Scorer } from '../scoring/scorer.js'
import { type Room, Track } from './track.js'

/** Bounds on what a report remembers and holds. */
export interface ReportLimits {
  /** Alerts, about 2 kB each; further ones are counted. */
  readonly maxAlerts: number
  readonly maxAgents: number
  /** Measured hours of all agents, 8 bytes each. */
  readonly maxPoints: number
  /** Values of all agents, about 100 bytes each. */
  readonly maxValues: number
}

export const DEFAULT_REPORT_LIMITS: ReportLimits = {
  maxAlerts: 200_000,
  maxAgents: 20_000,
  maxPoints: 8_000_000,
  maxValues: 1_000_000,
}

/** An agent of the report. */
export interface Tracked {
  readonly tenantId: string
  readonly id: string
  readonly track: Track
}

/**
 * Remembers what a report shows and the alerts don't hold. Looks at the scorer's memory once a day of event time and
 * at the end; changes nothing in it. What is beyond the bounds is counted.
 */
export class ReportCollector {
  /** The alerts by their ids: one that is reported again counts as it was reported last. */
  readonly alerts = new Map<string, Alert>()
  readonly agents = new Map<string, Tracked>()
  readonly room: Room
  /** Alerts beyond the bound. */
  missedAlerts = 0
  readonly missedAgents = new Set<string>()
  readonly scorer: Scorer
  readonly #limits: ReportLimits
  readonly #detections: ReadonlySet<string> | undefined

  /** @param detections ids of the detections that the report is about, if the scorer runs more than these */
  constructor(
    scorer: Scorer,
    limits: ReportLimits = DEFAULT_REPORT_LIMITS,
    detections?: ReadonlySet<string>,
  ) {
    this.#detections = detections
    this.scorer = scorer
    this.#limits = limits
    this.room = { points: limits.maxPoints, values: limits.maxValues, missed: { series: 0, values: 0 } }
    scorer.onDay = () => this.look()
  }

  /** What the detections of the report remember that can be shown. */
  get shown(): Scorer['shown'] {
    return this.scorer.shown.filter(({ detection: { id } }) => this.#isOwn(id))
  }

  #isOwn(detection: string): boolean {
    return this.#detections === undefined || this.#detections.has(detection)
  }

  /** Takes alerts in the order in which they are reported. */
  add(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      if (!this.#isOwn(alert.detection)) continue
      if (this.alerts.has(alert.id) || this.alerts.size < this.#limits.maxAlerts)
        this.alerts.set(alert.id, alert)
      else this.missedAlerts++
    }
  }

  /** Looks at what the scorer remembers; to be called once more when all is read. */
  look(): void {
    const { shown } = this
    const volumes = shown.flatMap((one) => one.shown.volume ?? [])
    const sets = shown.flatMap((one) => one.shown.values ?? [])
    for (const agent of this.scorer.agents()) {
      const track = this.#trackOf(agent.tenantId, agent.id)
      if (track && !track.isDone(agent, this.scorer.newest))
        track.update(agent, volumes, sets, this.scorer.stores, this.room)
    }
  }

  #trackOf(tenantId: string, id: string): Track | undefined {
    const key = agentKey(tenantId, id)
    if (!this.agents.has(key) && this.agents.size >= this.#limits.maxAgents) {
      this.missedAgents.add(key)
      return undefined
    }
    return getOrAdd(this.agents, key, () => ({ tenantId, id, track: new Track() })).track
  }
}

/** One text for an agent of a tenant. */
export function agentKey(tenantId: string, id: string): string {
  return JSON.stringify([tenantId, id])
}
