/** A parameter that can be tuned, and the values to try: in its own unit, hours for a length of time. */
export interface Tunable {
  /** Its name; `min_days.weekday` for a part of one. */
  readonly parameter: string
  readonly values: readonly number[]
  /** Is written as a length of time, `7d`. */
  readonly duration?: true
}

const FACTORS = [0.25, 0.5, 2, 4]

/** Values around a size or a factor: a quarter, half, twice, four times; a few small ones around 0. */
export function around(parameter: string, value: number): Tunable {
  const values =
    value === 0 ? [1, 2, 5, 10] : FACTORS.map((factor) => Number((value * factor).toPrecision(3)))
  return { parameter, values }
}

/** Whole numbers near one, at most two away from it and within a range. */
export function near(parameter: string, value: number, least: number, most: number): Tunable {
  const values = [-2, -1, 1, 2].map((step) => value + step).filter((one) => one >= least && one <= most)
  return { parameter, values }
}

/** Shares around one, by a tenth and by a quarter, from 0 to 1. */
export function shares(parameter: string, value: number): Tunable {
  const values = [-0.25, -0.1, 0.1, 0.25].map((step) => Number((value + step).toFixed(3)))
  return { parameter, values: values.filter((one) => one >= 0 && one <= 1) }
}

/** Whole numbers around one, from a quarter of it to four times, within a range. */
export function wholeAround(parameter: string, value: number, least: number, most: number): Tunable {
  const values = FACTORS.map((factor) => Math.min(most, Math.max(least, Math.round(value * factor))))
  return { parameter, values: [...new Set(values)].filter((one) => one !== value) }
}

/** Lengths of time around one, from a quarter of it to four times, at most so many hours; none where it is not set. */
export function spans(parameter: string, value: number | undefined, most: number): Tunable[] {
  return value === undefined ? [] : [{ ...wholeAround(parameter, value, 1, most), duration: true }]
}

/** Lengths of time, in hours, that leave out the present one. */
export function lengths(parameter: string, value: number, days: readonly number[]): Tunable {
  return { parameter, values: days.map((day) => 24 * day).filter((hours) => hours !== value), duration: true }
}

/** How much must be known of an agent. */
export function historyTunables({
  learn,
  min_hours,
}: {
  readonly learn: number
  readonly min_hours: number
}): Tunable[] {
  return [lengths('learn', learn, [3, 5, 7, 10]), wholeAround('min_hours', min_hours, 1, 312)]
}
