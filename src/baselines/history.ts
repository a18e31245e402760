import type { HourSets } from './hours.js'
import { windowStart } from './window.js'

/** How much of an agent must be known before its behaviour is judged. */
export interface HistoryNeeded {
  /** Hours that the first activity in the window must lie back. */
  readonly learn: number
  /** Hours of the window in which the agent must have been active. */
  readonly min_hours: number
}

/**
 * Whether the agent's first activity in the baseline window of `hour` lies at least `learn` hours back, and it
 * was active in at least `min_hours` hours of the window. O(312).
 */
export function enoughHistory(hours: HourSets, slot: number, hour: number, needed: HistoryNeeded): boolean {
  const start = windowStart(hour)
  const first = hours.first(slot, start, hour)
  if (first === undefined || hour - first < needed.learn) return false
  return hours.count(slot, start, hour) >= needed.min_hours
}
