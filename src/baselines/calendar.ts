/** Weekend is Saturday and Sunday in UTC. */
export type DayClass = 'weekday' | 'weekend'

/** Number of the day, counted from 1970-01-01. */
export function dayOf(hour: number): number {
  return Math.floor(hour / 24)
}

/** Hour of the day in UTC, 0 to 23. */
export function hourOfDay(hour: number): number {
  return hour % 24
}

/** 1970-01-01 was a Thursday. */
export function dayClassOf(hour: number): DayClass {
  const weekday = (dayOf(hour) + 4) % 7
  return weekday === 0 || weekday === 6 ? 'weekend' : 'weekday'
}

/** How many different days some hours lie on. */
export function distinctDays(hours: readonly number[]): number {
  return new Set(hours.map(dayOf)).size
}
