/** Lengths in milliseconds. */
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Entra writes 100-ns ticks; the four digits below the millisecond follow from the instant, so copies agree. */
function subMillisecond(time: number): string {
  return String((Math.imul((time % 4294967296) | 0, 0x9e3779b1) >>> 0) % 10_000).padStart(4, '0')
}

/** `2026-10-05T00:00:00.1234567Z` */
export function isoTicks(time: number): string {
  return `${new Date(time).toISOString().slice(0, 23)}${subMillisecond(time)}Z`
}

/** `2026-10-05T00:00:00.1234567+00:00`, the form of createdDateTime and activityDateTime. */
export function isoTicksOffset(time: number): string {
  return `${new Date(time).toISOString().slice(0, 23)}${subMillisecond(time)}+00:00`
}

/** `2026-10-05T00:00:00Z` */
export function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

/** `2026-10-05T00:00:00.123Z` */
export function isoMilliseconds(time: number): string {
  return new Date(time).toISOString()
}

/** `10/5/2026 1:48:53 AM`, to the second, UTC without saying so. */
export function usTime(time: number): string {
  const date = new Date(time)
  const hour = date.getUTCHours()
  const two = (n: number) => String(n).padStart(2, '0')
  return (
    `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ` +
    `${hour % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hour < 12 ? 'AM' : 'PM'}`
  )
}

/** A time zone: hours east of UTC in winter, and the rule of its summer time. */
export interface Zone {
  readonly offset: number
  readonly summer: 'eu' | 'us' | 'none'
}

/** Midnight UTC of the nth (1, 2, ... or -1 for the last) Sunday of a month (0-11). */
function sunday(year: number, month: number, nth: number): number {
  if (nth < 0) {
    const last = Date.UTC(year, month + 1, 0)
    return last - new Date(last).getUTCDay() * DAY
  }
  const first = Date.UTC(year, month, 1)
  return first + ((7 - new Date(first).getUTCDay()) % 7) * DAY + (nth - 1) * 7 * DAY
}

function isSummer(zone: Zone, time: number): boolean {
  if (zone.summer === 'none') return false
  const year = new Date(time).getUTCFullYear()
  const [from, to] =
    zone.summer === 'eu'
      ? [sunday(year, 2, -1) + HOUR, sunday(year, 9, -1) + HOUR]
      : [sunday(year, 2, 2) + 7 * HOUR, sunday(year, 10, 1) + 6 * HOUR]
  return time >= from && time < to
}

/** Milliseconds to add to UTC for the wall clock of the zone. */
export function zoneOffset(zone: Zone, time: number): number {
  return (zone.offset + (isSummer(zone, time) ? 1 : 0)) * HOUR
}

/** The instant at which the zone's clock shows `hours` on the calendar day that starts at `midnight` UTC. */
export function localInstant(zone: Zone, midnight: number, hours: number): number {
  const naive = midnight + hours * HOUR
  return naive - zoneOffset(zone, naive)
}

export function weekday(midnight: number): number {
  return new Date(midnight).getUTCDay()
}

export function isWeekend(midnight: number): boolean {
  const day = weekday(midnight)
  return day === 0 || day === 6
}
