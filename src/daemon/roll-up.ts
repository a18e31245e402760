import { z } from 'zod'
import { SEVERITIES, type Severity } from '../alerts/alert.js'
import { platformAlert } from '../alerts/platform.js'
import { sanitise } from '../alerts/template.js'
import { increment } from '../collections.js'
import type { OutgoingAlert } from './sink.js'

/** Why an alert was held back; `update` is one of an alert that was. */
export type Cause = 'limited' | 'suppressed' | 'update'

/** Most roll-ups at a time, one a detection and tenant; those of further ones are counted together. */
const MOST_ROLL_UPS = 1_000

/** Most agents of a roll-up that are told apart, and of which are named. */
const MOST_AGENTS = 100
const MOST_NAMED = 10

const count = z.int().min(0)

const heldSchema = z.object({
  detection: z.string(),
  tenantId: z.string(),
  since: z.number(),
  severity: z.enum(SEVERITIES),
  limited: count,
  suppressed: count,
  update: count,
  agents: z.array(z.tuple([z.string(), count])),
  others: count,
})

/** What was held back of a detection in a tenant since the last roll-up. */
interface Held extends Record<Cause, number> {
  readonly detection: string
  readonly tenantId: string
  /** Milliseconds since 1970. */
  readonly since: number
  severity: Severity
  /** Alerts and updates by agent; `others` are those of further agents. */
  readonly agents: Map<string, number>
  others: number
}

/** Counts what is held back, exactly, and tells of it once an interval. */
export class RollUps {
  readonly #interval: number
  readonly #held = new Map<string, Held>()
  /** How many there were: so no two have the same id. */
  #told = 0

  /** @param interval milliseconds from the first alert held back to the roll-up */
  constructor(interval: number) {
    this.#interval = interval
  }

  add(alert: OutgoingAlert, cause: Cause, now: number): void {
    const held = this.#of(alert, now)
    held[cause]++
    if (cause === 'limited') held.severity = higher(held.severity, alert.severity)
    if (held.agents.has(alert.agentId) || held.agents.size < MOST_AGENTS)
      increment(held.agents, alert.agentId)
    else held.others++
  }

  /** The roll-ups whose interval is over, also where the clock was put back before its start. */
  due(now: number): OutgoingAlert[] {
    const due = [...this.#held].filter(([, { since }]) => now >= since + this.#interval || now < since)
    return due.map(([key, held]) => {
      this.#held.delete(key)
      return rollUpAlert(held, ++this.#told, now)
    })
  }

  save() {
    return {
      told: this.#told,
      held: [...this.#held.values()].map((one) => ({ ...one, agents: [...one.agents] })),
    }
  }

  load(saved: unknown): void {
    const { told, held } = savedSchema.parse(saved)
    this.#told = told
    for (const one of held) this.#held.set(keyOf(one), { ...one, agents: new Map(one.agents) })
  }

  #of(alert: OutgoingAlert, now: number): Held {
    const known = this.#held.get(keyOf(alert))
    if (known) return known
    const isFull = this.#held.size >= MOST_ROLL_UPS
    const { detection, tenantId } = isFull ? { detection: 'further detections', tenantId: '' } : alert
    const counts = { limited: 0, suppressed: 0, update: 0, others: 0 }
    const held: Held = {
      detection,
      tenantId,
      since: now,
      severity: 'informational',
      ...counts,
      agents: new Map(),
    }
    const key = keyOf(held)
    if (isFull && this.#held.has(key)) return this.#held.get(key)!
    this.#held.set(key, held)
    return held
  }
}

const savedSchema = z
  .object({ told: count.catch(0), held: z.array(heldSchema).catch([]) })
  .catch({ told: 0, held: [] })

function keyOf({ detection, tenantId }: { readonly detection: string; readonly tenantId: string }): string {
  return JSON.stringify([tenantId, detection])
}

function higher(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other
}

function rollUpAlert(held: Held, rollUp: number, now: number): OutgoingAlert {
  const { detection, tenantId, severity, limited, suppressed, update } = held
  const since = new Date(held.since).toISOString()
  const finding = {
    detection: 'alerts-held-back',
    title: 'Alerts were held back',
    severity,
    tenantId,
    entity: { detection, rollUp },
    observed: limited + suppressed,
    expected: { limited, suppressed, updates: update, agents: agentsText(held), since },
    reason: `${reasonOf(held)} since ${since}`,
    mitre: { tactics: [], techniques: [] },
  }
  return { ...platformAlert(finding, now), state: 'raised' }
}

function reasonOf({ detection, limited, suppressed, update }: Held): string {
  const number = (value: number) => value.toLocaleString('en-US')
  const causes = `${number(limited)} beyond the rate limits, ${number(suppressed)} suppressed`
  return `${number(limited + suppressed)} more alerts of ${detection} were held back (${causes}), and ${number(update)} updates of such alerts,`
}

/** The agents with the most, and how many the others have. */
function agentsText({ agents, others }: Held): string {
  const sorted = [...agents].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const named = sorted
    .slice(0, MOST_NAMED)
    .map(([agent, number]) => `${sanitise(agent, 64) || 'none'}: ${number}`)
  const rest = sorted.slice(MOST_NAMED).reduce((sum, [, number]) => sum + number, others)
  return rest > 0 ? `${named.join(', ')}, others: ${rest}` : named.join(', ')
}
