/** Which hours to judge where all of them would take too long. */
export interface Sampling {
  /** How many hours to take besides those in which the stream raised an alert and the two around each. */
  readonly others: number
  /** The same seed takes the same hours. */
  readonly seed: number
}

/** The hours to judge, ascending: those that alert, their neighbours, and a sample of the rest. */
export function sampled(
  all: readonly number[],
  alerting: readonly number[],
  { others, seed }: Sampling,
): number[] {
  const near = new Set(alerting.flatMap((hour) => [hour - 1, hour, hour + 1]))
  const rest = all.filter((hour) => !near.has(hour))
  const ranked = rest.map((hour) => [mixed(hour ^ seed), hour] as const).sort(([a], [b]) => a - b)
  const taken = new Set([...near, ...ranked.slice(0, others).map(([, hour]) => hour)])
  return all.filter((hour) => taken.has(hour))
}

/** A whole number as good as random, from 0 to 2^32 - 1: the finaliser of MurmurHash3 (Appleby 2011). */
function mixed(value: number): number {
  let h = value >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
