import { KqlError } from '../errors.js'
import { add, divide, floorTo, type Long, modulo, multiply, subtract } from '../long.js'
import {
  daysIn,
  fromMs,
  fromMsInRange,
  fromParts,
  inRange,
  msOf,
  pad,
  partsOf,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  TICKS_TO_EPOCH,
  type Ticks,
  utc,
} from '../time.js'
import { type FunctionTable, pure } from './define.js'

type Period = 'day' | 'week' | 'month' | 'year'

/** Start of the period a number of periods away. */
function startOf(period: Period, time: Ticks, offset: Long = 0): Ticks {
  const { year, month, day, weekday } = partsOf(time)
  const by = Number(offset)
  if (period === 'day') return fromMs(utc(year, month - 1, day + by))
  if (period === 'week') return fromMs(utc(year, month - 1, day - weekday + 7 * by))
  if (period === 'month') return fromMs(utc(year, month - 1 + by))
  return fromMs(utc(year + by, 0))
}

function endOf(period: Period, time: Ticks, offset: Long = 0): Ticks {
  return subtract(startOf(period, time, add(offset, 1)), 1)
}

/** Number of the week by ISO 8601. */
function isoWeek(time: Ticks): number {
  const { year, month, day, weekday } = partsOf(time)
  const thursday = utc(year, month - 1, day + 4 - (weekday === 0 ? 7 : weekday))
  const first = utc(new Date(thursday).getUTCFullYear(), 0)
  return Math.floor((thursday - first) / 604_800_000) + 1
}

const SPANS: Readonly<Record<string, number>> = {
  week: 7 * TICKS_PER_DAY,
  day: TICKS_PER_DAY,
  hour: 36_000_000_000,
  minute: 600_000_000,
  second: TICKS_PER_SECOND,
  millisecond: 10_000,
  microsecond: 10,
}

const MONTHS: Readonly<Record<string, number>> = { year: 12, quarter: 3, month: 1 }

function unknownPeriod(name: string): never {
  throw new KqlError('unsupported', `The part of a time ${JSON.stringify(name)} is not supported`)
}

function addTo(part: string, amount: Long, time: Ticks): Ticks | null {
  const period = part.toLowerCase()
  const span = SPANS[period]
  if (span !== undefined) return inRange(add(time, multiply(amount, span)))
  const months = MONTHS[period] ?? unknownPeriod(part)
  const { year, month, day } = partsOf(time)
  const first = utc(year, month - 1 + Number(amount) * months)
  const target = new Date(first)
  const last = daysIn(target.getUTCFullYear(), target.getUTCMonth() + 1)
  const moved = add(fromMs(first), multiply(Math.min(day, last) - 1, TICKS_PER_DAY))
  return inRange(add(moved, subtract(time, startOf('day', time))))
}

/** How many borders of a period lie between two times. */
function difference(part: string, later: Ticks, earlier: Ticks): Long {
  const period = part.toLowerCase()
  const months = MONTHS[period]
  if (months !== undefined) return monthsOf(later, months) - monthsOf(earlier, months)
  const span = SPANS[period] ?? unknownPeriod(part)
  return subtract(periodsOf(later, period, span), periodsOf(earlier, period, span))
}

function monthsOf(time: Ticks, months: number): number {
  const { year, month } = partsOf(time)
  return Math.floor((year * 12 + month - 1) / months)
}

function periodsOf(time: Ticks, period: string, span: number): Long {
  const from = period === 'week' ? startOf('week', time) : time
  return divide(floorTo(add(from, TICKS_TO_EPOCH), span)!, span)!
}

const PARTS: Readonly<Record<string, (time: Ticks) => number>> = {
  year: (time) => partsOf(time).year,
  quarter: (time) => Math.ceil(partsOf(time).month / 3),
  month: (time) => partsOf(time).month,
  week_of_year: isoWeek,
  weekofyear: isoWeek,
  day: (time) => partsOf(time).day,
  dayofyear: (time) => dayOfYear(time),
  hour: hourOf,
  minute: (time) => partsOf(time).minute,
  second: (time) => partsOf(time).second,
  millisecond: (time) => partsOf(time).millisecond,
  microsecond: (time) => Math.floor(partsOf(time).fraction / 10),
  nanosecond: (time) => partsOf(time).fraction * 100,
}

/** Ticks count from a midnight, so that no calendar is needed. */
function hourOf(time: Ticks): number {
  return Math.floor(Number(modulo(time, TICKS_PER_DAY)) / SPANS.hour!)
}

function dayOfYear(time: Ticks): number {
  return Math.floor((msOf(time) - utc(partsOf(time).year, 0)) / 86_400_000) + 1
}

function part(name: string, time: Ticks): number {
  return (PARTS[name.toLowerCase()] ?? unknownPeriod(name))(time)
}

const FORMAT = /y+|M+|d+|H+|h+|m+|s+|f+|F+|tt|[ /\-:,._[\]]|[\s\S]/g

function formatTime(time: Ticks, format: string): string {
  const parts = partsOf(time)
  return format.replace(FORMAT, (token) => formatted(token, parts))
}

function formatted(token: string, parts: ReturnType<typeof partsOf>): string {
  const size = token.length
  const numbers: Record<string, number> = {
    M: parts.month,
    d: parts.day,
    H: parts.hour,
    h: parts.hour % 12 === 0 ? 12 : parts.hour % 12,
    m: parts.minute,
    s: parts.second,
  }
  const number = numbers[token[0]!]
  if (number !== undefined && size <= 2) return pad(number, size)
  if (token === 'yyyy') return pad(parts.year, 4)
  if (token === 'yy') return pad(parts.year % 100, 2)
  if (token === 'tt') return parts.hour < 12 ? 'AM' : 'PM'
  if (/^f{1,7}$/.test(token)) return pad(parts.fraction, 7).slice(0, size)
  if (/^F{1,7}$/.test(token)) return pad(parts.fraction, 7).slice(0, size).replace(/0+$/, '')
  if (/^[ /\-:,._[\]]$/.test(token)) return token
  throw new KqlError('unsupported', `The specifier ${JSON.stringify(token)} of a format is not supported`)
}

function formatSpan(span: Ticks, format: string): string {
  const size = span < 0 ? subtract(0, span) : span
  const rest = Number(modulo(size, TICKS_PER_DAY))
  const fields: Record<string, number> = {
    d: Number(divide(size, TICKS_PER_DAY)),
    h: Math.floor(rest / SPANS.hour!),
    H: Math.floor(rest / SPANS.hour!),
    m: Math.floor(rest / SPANS.minute!) % 60,
    s: Math.floor(rest / TICKS_PER_SECOND) % 60,
  }
  const text = format.replace(/d+|H+|h+|m+|s+|f+|F+|[ /\-:,._[\]]|[\s\S]/g, (token) => {
    const number = fields[token[0]!]
    if (number !== undefined) return pad(number, token.length)
    if (/^f{1,7}$/.test(token)) return pad(rest % TICKS_PER_SECOND, 7).slice(0, token.length)
    if (/^[ /\-:,._[\]]$/.test(token)) return token
    throw new KqlError('unsupported', `The specifier ${JSON.stringify(token)} of a format is not supported`)
  })
  return span < 0 ? `-${text}` : text
}

/** How the service rounds a fraction of a millisecond is not known here. */
function sinceUnix(ms: number): Ticks | null {
  if (Number.isInteger(ms)) return fromMsInRange(ms)
  throw new KqlError('runtime', 'A fraction of a millisecond since 1970 is not supported')
}

function makeDatetime(year: Long, month: Long, day: Long, hour: Long = 0, minute: Long = 0, second = 0) {
  const whole = Math.floor(second)
  const ticks = Math.round((second - whole) * TICKS_PER_SECOND)
  return fromParts(Number(year), Number(month), Number(day), Number(hour), Number(minute), whole, ticks)
}

function makeTimespan(first: Long, second: Long, third?: Long | number, fourth?: number): Ticks | null {
  const [days, hours, minutes, seconds] =
    fourth !== undefined ? [first, second, third!, fourth] : [0, first, second, third ?? 0]
  if (hours! < 0 || hours! > 23 || minutes! < 0 || minutes! > 59 || seconds! < 0 || seconds! >= 60)
    return null
  const ticks = Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * TICKS_PER_SECOND)
  return add(multiply(days!, TICKS_PER_DAY), ticks)
}

/** Functions over times. */
export const dates: FunctionTable = {
  startofday: pure('tl?', (time: Ticks, by?: Long) => startOf('day', time, by)),
  startofweek: pure('tl?', (time: Ticks, by?: Long) => startOf('week', time, by)),
  startofmonth: pure('tl?', (time: Ticks, by?: Long) => startOf('month', time, by)),
  startofyear: pure('tl?', (time: Ticks, by?: Long) => startOf('year', time, by)),
  endofday: pure('tl?', (time: Ticks, by?: Long) => endOf('day', time, by)),
  endofweek: pure('tl?', (time: Ticks, by?: Long) => endOf('week', time, by)),
  endofmonth: pure('tl?', (time: Ticks, by?: Long) => endOf('month', time, by)),
  endofyear: pure('tl?', (time: Ticks, by?: Long) => endOf('year', time, by)),
  dayofweek: pure('t', (time: Ticks) => partsOf(time).weekday * TICKS_PER_DAY),
  dayofmonth: pure('t', (time: Ticks) => partsOf(time).day),
  dayofyear: pure('t', dayOfYear),
  hourofday: pure('t', hourOf),
  monthofyear: pure('t', (time: Ticks) => partsOf(time).month),
  getmonth: pure('t', (time: Ticks) => partsOf(time).month),
  getyear: pure('t', (time: Ticks) => partsOf(time).year),
  week_of_year: pure('t', isoWeek),
  weekofyear: pure('t', isoWeek),
  datetime_part: pure('st', part),
  datetime_diff: pure('stt', difference),
  datetime_add: pure('slt', addTo),
  format_datetime: pure('ts', formatTime),
  format_timespan: pure('ps', formatSpan),
  make_datetime: pure('llll?l?r?', makeDatetime),
  make_timespan: pure('lln?n?', makeTimespan),
  unixtime_seconds_todatetime: pure('n', (value: Long) => sinceUnix(Number(value) * 1000)),
  unixtime_milliseconds_todatetime: pure('n', (value: Long) => sinceUnix(Number(value))),
}
