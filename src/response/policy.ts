import { atLeast, type Severity } from '../alerts/alert.js'
import type { OutgoingAlert } from '../daemon/sink.js'
import type { ActionName } from './actions.js'
import type { Ledger } from './ledger.js'

/** On which alerts what is done. */
export interface ResponseRule {
  readonly detections: readonly string[]
  readonly severity: Severity
  readonly action: ActionName
}

/** What may be done at all. */
export interface ResponsePolicy {
  /** Whether anything is really done. */
  readonly act: boolean
  /** Object ids of the agents that something may be done about, in small letters. */
  readonly agents: ReadonlySet<string>
  readonly rules: readonly ResponseRule[]
  /** Most acts within an hour, those of a dry run counted alike. */
  readonly mostPerHour: number
  /** Milliseconds after the event, beyond which nothing is done. */
  readonly maxAge: number
}

/** What to do about an alert, and why not. */
export type Decision =
  | { readonly kind: 'act' | 'dry-run' }
  | { readonly kind: 'refused'; readonly reason: string }

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The first rule that an alert falls under. */
export function ruleFor(alert: OutgoingAlert, rules: readonly ResponseRule[]): ResponseRule | undefined {
  return rules.find(
    ({ detections, severity }) => detections.includes(alert.detection) && atLeast(alert.severity, severity),
  )
}

/** Decides on an alert that falls under a rule and was not decided on before. @param now milliseconds since 1970 */
export function decide(
  alert: OutgoingAlert,
  { action }: ResponseRule,
  policy: ResponsePolicy,
  ledger: Ledger,
  now: number,
): Decision {
  const reason =
    refusal(alert, policy, now) ??
    (ledger.did(action, alert.agentId, now)
      ? 'the same was done about this agent within the hour'
      : undefined) ??
    tooMany(alert, policy, ledger, now)
  if (reason !== undefined) return { kind: 'refused', reason }
  return { kind: policy.act ? 'act' : 'dry-run' }
}

function refusal(
  { agentId, time }: OutgoingAlert,
  { agents, maxAge }: ResponsePolicy,
  now: number,
): string | undefined {
  if (!GUID.test(agentId)) return 'the alert names no agent by an object id'
  if (!agents.has(agentId.toLowerCase())) return 'the agent is not in the list `agents`'
  const age = now - Date.parse(time)
  if (age <= maxAge) return undefined
  return `the event lies ${Math.round(age / 60_000)} minutes back, which is too long ago`
}

function tooMany(
  { id }: OutgoingAlert,
  { mostPerHour }: ResponsePolicy,
  ledger: Ledger,
  now: number,
): string | undefined {
  const acts = ledger.acts(now, id)
  return acts < mostPerHour ? undefined : `there were ${acts} acts within the hour, and no more are allowed`
}
