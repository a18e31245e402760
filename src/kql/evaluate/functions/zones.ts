import { KqlError } from '../errors.js'
import { add, subtract } from '../long.js'
import { fromMs, fromParts, msOf, type Ticks } from '../time.js'
import { type FunctionTable, pure } from './define.js'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
    return format
  } catch {
    throw new KqlError('runtime', `The time zone ${JSON.stringify(zone)} is not known`)
  }
}

/** The time that clocks show in a time zone; to the second by the calendar, what is smaller stays. */
function toLocal(time: Ticks, zone: string): Ticks | null {
  if (zone === '') return null
  const ms = msOf(time)
  const whole = fromMs(ms - (((ms % 1000) + 1000) % 1000))
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
  const local = fromParts(
    part('year'),
    part('month'),
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return local === null ? null : add(local, subtract(time, whole))
}

/** Time zones, by their names in the IANA list. */
export const zones: FunctionTable = {
  datetime_utc_to_local: pure('ts', toLocal),
}
