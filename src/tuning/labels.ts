import type { Alert } from '../alerts/alert.js'
import { HOUR_MS } from '../records/time.js'

/** An attack, or whatever else should be reported: whose it was, and from when to when. */
export interface Label {
  readonly agent: string
  readonly appId?: string | undefined
  readonly attack: string
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
}

/** Whether an alert is about the labelled agent and an hour in which the attack took place. */
export function explains(
  { agent, appId, from, to }: Label,
  alert: Pick<Alert, 'agentId' | 'appId' | 'hour'>,
): boolean {
  const isAgent = alert.agentId === agent || (appId !== undefined && alert.appId === appId)
  const hour = Date.parse(alert.hour)
  return isAgent && hour + HOUR_MS > from && hour <= to
}
