/**
 * A value as a KQL literal. All values reach KQL through here: quotes, backslashes, control characters and whatever
 * is no plain ASCII are escaped, so that a value stays a value and the text of a rule is ASCII.
 */
export function literal(value: string | number | boolean): string {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `"${value.replace(ESCAPED, escapeUnit)}"`
  if (!Number.isFinite(value)) throw new RangeError(`a number must be finite, got ${value}`)
  return Number.isSafeInteger(value) ? String(value) : `real(${value})`
}

/** Literals one after the other, `"a", "b"`. */
export function literals(values: readonly (string | number | boolean)[]): string {
  return values.map(literal).join(', ')
}

/** An instant, in milliseconds since 1970, as a KQL `datetime`. @throws RangeError for one that is none. */
export function datetime(time: number): string {
  return `datetime(${new Date(time).toISOString()})`
}

/** A whole number of hours as a KQL time span: `13d`, `36h`. */
export function timespan(hours: number): string {
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`
}

/** Text with every line moved in by four blanks a level. */
export function indent(text: string, levels = 1): string {
  const blanks = ' '.repeat(4 * levels)
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `${blanks}${line}`))
    .join('\n')
}

/** Everything but printable ASCII, and the two signs that mean something within quotes; UTF-16 units. */
const ESCAPED = /[^\x20-\x7e]|["\\]/g

const NAMED = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function escapeUnit(unit: string): string {
  return NAMED.get(unit) ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
