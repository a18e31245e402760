/** Length of the baseline window in hours: 13 days, so that a rule that looks back 14 has room for late data. */
export const WINDOW_HOURS = 312

/** How far behind the newest hour a row may lie and still be counted into its own hour, in hours. */
export const LATE_HOURS = 24

/**
 * An hour counts as over once a row of an hour more than this behind it has come, in hours of event time: by then nearly
 * all of its rows are there, in whatever order they come (Entra exports sign-ins within 18 minutes, Graph calls in 2 h).
 */
export const CLOSING_HOURS = 2

/** Hours that are remembered: the window of the latest hour that may still be judged, rounded up to 32. */
export const KEPT_HOURS = 352

/** First hour of the baseline window of `hour`. The window ends before `hour`. */
export function windowStart(hour: number): number {
  return hour - WINDOW_HOURS
}
