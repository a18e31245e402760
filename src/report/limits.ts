import { SlidingUsual } from '../baselines/sliding-usual.js'
import { windowStart } from '../baselines/window.js'
import type { Volume } from '../scoring/kind.js'

/** The limit that applied at each of an agent's active hours; nothing where the agent was too little known. */
export type Limits = readonly (number | undefined)[]

/**
 * The limits along a series, as the kind sets them by the window before each hour.
 *
 * @param hours the agent's active hours, ascending
 * @param totals what was measured in each of them
 *
 * Cost: about a microsecond an hour.
 */
export function limitsAlong(
  hours: readonly number[],
  totals: readonly number[],
  { needed, limit }: Pick<Volume, 'needed' | 'limit'>,
): Limits {
  const window = new SlidingUsual()
  let first = 0
  return hours.map((hour, index) => {
    if (index > 0) window.add(totals[index - 1]!)
    while (hours[first]! < windowStart(hour)) window.remove(totals[first++]!)
    const known = index - first >= needed.min_hours && hour - hours[first]! >= needed.learn
    const usual = known ? window.usual() : undefined
    return usual && limit(usual)
  })
}
