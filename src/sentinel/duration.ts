const UNITS: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 }

/** `90m`, `1h`, `14d`: as the rule repository writes lengths of time, in minutes. The largest unit that fits. */
export function shortDuration(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}

/** `PT90M`, `PT1H`, `P14D`: as resource templates write lengths of time. */
export function isoDuration(minutes: number): string {
  const short = shortDuration(minutes).toUpperCase()
  return short.endsWith('D') ? `P${short}` : `PT${short}`
}

/** Reads `1h`; in minutes. `undefined` if it is none. */
export function parseShort(text: string): number | undefined {
  const match = /^(\d+)([mhd])$/.exec(text)
  return match ? Number(match[1]) * UNITS[match[2]!]! : undefined
}

/** Reads `PT1H` and `P1DT12H`; in minutes. `undefined` if it is none. */
export function parseIso(text: string): number | undefined {
  const match = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text)
  if (!match) return undefined
  const [days, hours, minutes] = match.slice(1).map((part) => Number(part ?? 0))
  return days! * 1440 + hours! * 60 + minutes!
}
