import type { RetryOptions } from '@azure/event-hubs'
import { RETRIES } from '../../event-hubs/client.js'

const SECOND = 1_000

/** How fast a source goes about its work, in milliseconds. */
export interface Pace {
  /** How long the client waits for an event; a socket that was lost without a word is noticed after it. */
  readonly wait: number
  /** Pause after fewer events than were asked for, as each time that the client asks it gives more credit. */
  readonly gather: number
  /** How long the client may show no sign of life; it then counts as stuck. Longer than all its tries. */
  readonly silence: number
  /** Between two looks at the properties of the hub. */
  readonly look: number
  /** First and longest pause before trying again. */
  readonly firstPause: number
  readonly longestPause: number
  /** Longest wait for links and connections to close. */
  readonly closing: number
  readonly retries: RetryOptions
}

/** Quick enough to be back within ten seconds of the hub. */
export const PACE: Pace = {
  wait: 5 * SECOND,
  gather: 250,
  silence: 60 * SECOND,
  look: 30 * SECOND,
  firstPause: SECOND / 2,
  longestPause: 8 * SECOND,
  closing: 2 * SECOND,
  retries: RETRIES,
}
