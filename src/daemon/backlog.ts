import type { OutgoingAlert } from './sink.js'

/** Entra's logs come minutes late, at times hours: what is older than this many milliseconds was waiting to be read. */
const BACKLOG = 6 * 3_600_000

/** Marks new alerts on what had long happened when it was read. */
export function markBacklog(alerts: readonly OutgoingAlert[], now: number): readonly OutgoingAlert[] {
  return alerts.map((alert) =>
    alert.state === 'raised' && now - Date.parse(alert.time) > BACKLOG ? { ...alert, backlog: true } : alert,
  )
}
