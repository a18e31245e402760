const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a length of time such as `500ms`, `5s`, `30m`, `6h`, `7d`; in milliseconds. `undefined` if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * UNITS[match[2]!]! : undefined
}

/** The shortest exact spelling of a length of time in whole milliseconds: `90s`, `2h`. */
export function durationText(milliseconds: number): string {
  const unit = ['d', 'h', 'm', 's'].find((one) => milliseconds > 0 && milliseconds % UNITS[one]! === 0)
  return unit === undefined ? `${milliseconds}ms` : `${milliseconds / UNITS[unit]!}${unit}`
}
