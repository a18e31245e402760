import { median, medianAbsoluteDeviation } from 'simple-statistics'

/** Makes the median absolute deviation of normal data equal its standard deviation (1 / 0.6745). */
export const MAD_SCALE = 1.4826

/** What is usual of a series: its middle and its spread, in the unit of the series. */
export interface Usual {
  readonly median: number
  /** Median absolute deviation from the median, not scaled. */
  readonly mad: number
  /** How many values it was taken from. */
  readonly of: number
}

/** Median and MAD of at least one value. The median of an even number is the mean of the middle two. */
export function usual(values: number[]): Usual {
  return { median: median(values), mad: medianAbsoluteDeviation(values), of: values.length }
}

/** How far above what is usual a value must lie to be a spike. */
export interface SpikeThreshold {
  /** Never less than this, in the unit of the series. */
  readonly floor: number
  /** How many spreads above the median. */
  readonly k: number
  /** The spread is at least this share of the median: a constant series has no spread of its own. */
  readonly rel: number
}

/** `max(floor, median + k * max(1.4826 * MAD, rel * median))`, computed in this order in both engines. */
export function spikeThreshold({ median, mad }: Usual, { floor, k, rel }: SpikeThreshold): number {
  return Math.max(floor, median + k * Math.max(MAD_SCALE * mad, rel * median))
}
