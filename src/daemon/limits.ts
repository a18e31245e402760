import { z } from 'zod'
import { keyOf, type Suppression, suppresses } from '../alerts/suppression.js'
import { durationSetting } from '../config/duration.js'
import type { AlertPolicy } from './alert-policy.js'
import { type Rate, RateLimit } from './rate-limit.js'
import { type Cause, RollUps } from './roll-up.js'
import type { OutgoingAlert } from './sink.js'
import { endedAlert } from './suppression.js'

function rateSetting(per_hour: number, burst: number, description: string) {
  return z
    .strictObject({
      per_hour: z.int().min(1).max(3_600_000).default(per_hour).describe('How many an hour in the long run.'),
      burst: z.int().min(1).max(1_000_000).default(burst).describe('How many at once.'),
    })
    .prefault({})
    .describe(description)
}

/** The setting: how many alerts may be raised. */
export const limitsSchema = z
  .strictObject({
    agent: rateSetting(10, 20, 'Alerts of one detection about one agent.'),
    detection: rateSetting(100, 200, 'Alerts of one detection in one tenant.'),
    tenant: rateSetting(300, 600, 'Alerts of one tenant.'),
    all: rateSetting(500, 1_000, 'All alerts.'),
    roll_up_every: durationSetting('1m', '1d')
      .prefault('1h')
      .describe('How long alerts are held back before one alert says how many they were.'),
  })
  .prefault({})
  .describe('What goes beyond is counted and reported by roll-ups. Severity high is never held back.')

export type LimitSettings = z.output<typeof limitsSchema>

/** Counts of this run of the daemon. */
export interface PolicyFigures {
  readonly admitted: number
  readonly limited: number
  readonly suppressed: number
  /** Updates of alerts that were held back. */
  readonly updatesHeldBack: number
}

/** Most alerts that are remembered as admitted, oldest forgotten first; a later update of one of those is held back. */
const MOST_ADMITTED = 10_000

type Scope = 'agent' | 'detection' | 'tenant' | 'all'

const KEYS: Readonly<Record<Scope, (alert: OutgoingAlert) => string>> = {
  agent: ({ tenantId, detection, agentId }) => JSON.stringify([tenantId, detection, agentId]),
  detection: ({ tenantId, detection }) => JSON.stringify([tenantId, detection]),
  tenant: ({ tenantId }) => tenantId,
  all: () => '',
}

const SCOPES = Object.keys(KEYS) as readonly Scope[]

const savedSchema = z.object({
  buckets: z.record(z.string(), z.array(z.tuple([z.string(), z.number()]))).catch({}),
  admitted: z.array(z.string()).catch([]),
  ended: z.array(z.string()).catch([]),
  rollUps: z.unknown(),
})

/**
 * Holds back what an operator has suppressed and what goes beyond the rates. An alert takes a token of each rate, or of
 * none where one has none left; its updates take none. An alert of severity high takes none either, so that many of
 * them hold back nothing.
 */
export class Limits implements AlertPolicy {
  readonly #rates: Readonly<Record<Scope, RateLimit>>
  readonly #suppressions: readonly Suppression[]
  readonly #rollUps: RollUps
  /** Ids of alerts that were let pass: their updates pass too. */
  readonly #admitted = new Set<string>()
  /** The suppressions whose end was told. */
  readonly #ended = new Set<string>()
  readonly #counts = { admitted: 0, limited: 0, suppressed: 0, update: 0 }

  constructor(settings: LimitSettings, suppressions: readonly Suppression[] = []) {
    const limit = (scope: Scope) => new RateLimit(settings[scope] satisfies Rate)
    this.#rates = {
      agent: limit('agent'),
      detection: limit('detection'),
      tenant: limit('tenant'),
      all: limit('all'),
    }
    this.#suppressions = suppressions
    this.#rollUps = new RollUps(settings.roll_up_every)
  }

  admit(alerts: readonly OutgoingAlert[], now: number): readonly OutgoingAlert[] {
    return alerts.filter((alert) => {
      const cause = this.#causeAgainst(alert, now)
      this.#counts[cause ?? 'admitted']++
      if (cause) this.#rollUps.add(alert, cause, now)
      return !cause
    })
  }

  due(now: number): readonly OutgoingAlert[] {
    for (const scope of SCOPES) this.#rates[scope].sweep(now)
    return [...this.#rollUps.due(now), ...this.#newlyEnded(now)]
  }

  figures(): PolicyFigures {
    const { update, ...counts } = this.#counts
    return { ...counts, updatesHeldBack: update }
  }

  save(): unknown {
    const buckets = Object.fromEntries(SCOPES.map((scope) => [scope, this.#rates[scope].save()]))
    const [admitted, ended] = [[...this.#admitted], [...this.#ended]]
    return { buckets, admitted, ended, rollUps: this.#rollUps.save() }
  }

  load(saved: unknown): void {
    const { success, data } = savedSchema.safeParse(saved)
    if (!success) return
    for (const scope of SCOPES) this.#rates[scope].load(data.buckets[scope] ?? [])
    for (const id of data.admitted) this.#admitted.add(id)
    for (const key of this.#suppressions.map(keyOf)) if (data.ended.includes(key)) this.#ended.add(key)
    this.#rollUps.load(data.rollUps)
  }

  #causeAgainst(alert: OutgoingAlert, now: number): Cause | undefined {
    // One that was let pass may be raised again under its id, by a row that came late.
    if (alert.severity === 'high' || this.#admitted.has(alert.id)) return undefined
    if (alert.state === 'updated') return 'update'
    if (this.#suppressions.some((entry) => suppresses(entry, alert))) return 'suppressed'
    const keys = SCOPES.map((scope) => [this.#rates[scope], KEYS[scope](alert)] as const)
    if (!keys.every(([rate, key]) => rate.has(key, now))) return 'limited'
    for (const [rate, key] of keys) rate.take(key, now)
    this.#remember(alert.id)
    return undefined
  }

  #remember(id: string): void {
    this.#admitted.add(id)
    if (this.#admitted.size <= MOST_ADMITTED) return
    const [oldest] = this.#admitted
    this.#admitted.delete(oldest!)
  }

  #newlyEnded(now: number): OutgoingAlert[] {
    const ended = this.#suppressions.filter((entry) => now >= entry.until && !this.#ended.has(keyOf(entry)))
    for (const entry of ended) this.#ended.add(keyOf(entry))
    return ended.map((entry) => endedAlert(entry, now))
  }
}
