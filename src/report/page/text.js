/** Numbers and times as a person reads them. All times are UTC, as in the logs. */

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** @param {number} value */
function numberText(value) {
  if (Number.isInteger(value)) return value.toLocaleString('en-US')
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })
}

/** @param {number} count @param {string} noun */
const countText = (count, noun) => `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`

/** 2026-11-20 03:04. @param {number} seconds since 1970 */
const timeText = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')

/** @param {number} hour since 1970 */
const hourText = (hour) => timeText(hour * 3600)

/** @param {number} seconds since 1970 */
const dayText = (seconds) => timeText(seconds).slice(0, 10)

/** `active_days` as `active days`. @param {string} name */
const nameText = (name) => name.replaceAll('_', ' ')

/** Hours since 1970 to hours since a Monday, 0 to 167: 1970-01-01 was a Thursday. @param {number} hour */
const hourOfWeek = (hour) => (hour + 72) % 168
