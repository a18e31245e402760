import type { AmqpError } from 'rhea'

/** What the server leaves unanswered while it otherwise seems well. */
export type Silence = 'cbs' | 'management' | 'events' | 'publishing'

/** How the server misbehaves; each may be set and unset at any time. */
export class Faults {
  readonly silent = new Set<Silence>()
  /** Tokens are refused. */
  tokensRefused = false
  /** Each event is sent so many times more. */
  repeats = 0
  /** New links begin so many events before what was asked for. */
  rewind = 0
  /** A position before the oldest event is an error; otherwise the link begins at the oldest. */
  refuseExpired = false
  /** What publishers are told instead of `accepted`. */
  refuseEvents: AmqpError | undefined
}
