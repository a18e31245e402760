import { add, divide, type Long, long, modulo, multiply, parseLong, subtract } from './long.js'

/**
 * A point in time: ticks of 100 ns since 2020-01-01, so that those of today are exact JavaScript numbers.
 * A timespan is a number of ticks.
 */
export type Ticks = Long

const TICKS_PER_MS = 10_000
export const TICKS_PER_SECOND = 10_000_000
export const TICKS_PER_DAY = 864_000_000_000
const EPOCH_MS = Date.UTC(2020, 0, 1)
const MS_BEFORE_1970 = 62_135_596_800_000

/** Ticks from 0001-01-01, from which KQL counts, to 2020-01-01. */
export const TICKS_TO_EPOCH: Long = long(BigInt(EPOCH_MS + MS_BEFORE_1970) * BigInt(TICKS_PER_MS))

const MIN_MS = -MS_BEFORE_1970
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Milliseconds since 1970, as ticks. */
export function fromMs(ms: number): Ticks {
  return multiply(ms - EPOCH_MS, TICKS_PER_MS)
}

/** The same; null outside of the years 1 to 9999. */
export function fromMsInRange(ms: number): Ticks | null {
  return ms >= MIN_MS && ms <= MAX_MS ? fromMs(ms) : null
}

/** Whole milliseconds since 1970, rounded down. */
export function msOf(ticks: Ticks): number {
  return Number(divide(subtract(ticks, restOf(ticks)), TICKS_PER_MS)) + EPOCH_MS
}

/** Ticks beyond the whole millisecond. */
function restOf(ticks: Ticks): number {
  return Number(modulo(ticks, TICKS_PER_MS))
}

/** Ticks of a calendar time in UTC; null if a field is out of range or the year is not 1 to 9999. */
export function fromParts(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  ticks = 0,
): Ticks | null {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || year < 1 || year > 9999) return null
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second >= 60) return null
  return add(fromMs(utc(year, month - 1, day, hour, minute, second)), ticks)
}

/** `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999, for all years. */
export function utc(year: number, month: number, day = 1, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  date.setUTCHours(hour, minute, second, 0)
  return date.getTime()
}

/** Days in a month; the month counts from 1. */
export function daysIn(year: number, month: number): number {
  return new Date(utc(year, month, 0)).getUTCDate()
}

const ISO =
  /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * A time from its text in ISO 8601 or a part of it; null if it is not a time, undefined if it may be one in another
 * notation that KQL reads.
 */
export function parseDatetime(text: string): Ticks | null | undefined {
  const trimmed = text.trim()
  const match = ISO.exec(trimmed)
  if (!match) return /^\d{4}-\d\d-\d\dT|^\D*$|^\d{1,3}$/.test(trimmed) ? null : otherNotation(trimmed)
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  const ticks = Number(fraction.padEnd(7, '0').slice(0, 7))
  const local = fromParts(+year!, +month, +day, +hour, +minute, +second, ticks)
  return local === null ? null : inRange(subtract(local, offsetOf(zone)))
}

function otherNotation(text: string): null | undefined {
  return /\d/.test(text) && /[/,:]|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i.test(text)
    ? undefined
    : null
}

function offsetOf(zone: string | undefined): number {
  if (!zone || zone.toUpperCase() === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone[0] === '-' ? -minutes : minutes) * 60 * TICKS_PER_SECOND
}

/** The time if it lies in the years 1 to 9999, else null. */
export function inRange(ticks: Ticks): Ticks | null {
  const ms = msOf(ticks)
  return ms >= MIN_MS && ms <= MAX_MS ? ticks : null
}

/** As KQL prints it: `2020-01-01T00:00:00.0000000Z`. */
export function formatDatetime(ticks: Ticks): string {
  const iso = new Date(msOf(ticks)).toISOString()
  return `${iso.slice(0, -1)}${String(restOf(ticks)).padStart(4, '0')}Z`
}

const UNITS: Readonly<Record<string, number>> = {
  d: TICKS_PER_DAY,
  day: TICKS_PER_DAY,
  days: TICKS_PER_DAY,
  h: 36_000_000_000,
  hr: 36_000_000_000,
  hrs: 36_000_000_000,
  hour: 36_000_000_000,
  hours: 36_000_000_000,
  m: 600_000_000,
  min: 600_000_000,
  minute: 600_000_000,
  minutes: 600_000_000,
  s: TICKS_PER_SECOND,
  sec: TICKS_PER_SECOND,
  second: TICKS_PER_SECOND,
  seconds: TICKS_PER_SECOND,
  ms: TICKS_PER_MS,
  milli: TICKS_PER_MS,
  millis: TICKS_PER_MS,
  millisec: TICKS_PER_MS,
  millisecond: TICKS_PER_MS,
  milliseconds: TICKS_PER_MS,
  micro: 10,
  micros: 10,
  microsec: 10,
  microsecond: 10,
  microseconds: 10,
  tick: 1,
  ticks: 1,
}

const CLOCK = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/

/** A timespan from `1.5h`, `1.02:03:04.5` or a number of days; null if it is none. */
export function parseTimespan(text: string): Ticks | null {
  const trimmed = text.trim()
  const unit = /^([+-]?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(trimmed)
  if (unit) return inUnits(unit[1]!, UNITS[unit[2]!.toLowerCase()])
  const days = parseLong(trimmed)
  if (days !== undefined) return multiply(days, TICKS_PER_DAY)
  const clock = CLOCK.exec(trimmed)
  return clock ? fromClock(clock) : null
}

function inUnits(amount: string, unit: number | undefined): Ticks | null {
  if (unit === undefined) return null
  const whole = parseLong(amount)
  return whole === undefined ? Math.round(Number(amount) * unit) : multiply(whole, unit)
}

function fromClock([
  ,
  sign,
  days = '0',
  hours,
  minutes,
  seconds = '0',
  fraction = '',
]: RegExpExecArray): Ticks | null {
  if (+hours! > 23 || +minutes! > 59 || +seconds > 59) return null
  const clock = (+hours! * 3600 + +minutes! * 60 + +seconds) * TICKS_PER_SECOND
  const total = add(multiply(+days, TICKS_PER_DAY), clock + Number(fraction.padEnd(7, '0')))
  return sign ? subtract(0, total) : total
}

/** As KQL prints it: `1.02:03:04.5000000`, without what is zero at either end. */
export function formatTimespan(ticks: Ticks): string {
  const negative = ticks < 0
  const size = negative ? subtract(0, ticks) : ticks
  const days = divide(size, TICKS_PER_DAY)
  const rest = Number(modulo(size, TICKS_PER_DAY))
  const seconds = Math.floor(rest / TICKS_PER_SECOND)
  const fraction = rest % TICKS_PER_SECOND
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => pad(Math.floor(part), 2))
  const head = `${negative ? '-' : ''}${days === 0 ? '' : `${days}.`}`
  return `${head}${clock.join(':')}${fraction === 0 ? '' : `.${pad(fraction, 7)}`}`
}

export function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}

/** Calendar fields of a time in UTC, the month from 1, the day of the week from Sunday as 0. */
export function partsOf(ticks: Ticks) {
  const date = new Date(msOf(ticks))
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
    /** Ticks within the second. */
    fraction: date.getUTCMilliseconds() * TICKS_PER_MS + restOf(ticks),
    weekday: date.getUTCDay(),
  }
}
