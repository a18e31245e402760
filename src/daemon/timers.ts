/** Time as the daemon's loops see it: handed in, so that tests run a day in a moment. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back after so many milliseconds, whatever the clock on the wall does. Returns how to prevent that. */
  after(milliseconds: number, callback: () => void): () => void
}

/** The time of this machine. */
export const SYSTEM_TIMERS: Timers = {
  now: Date.now,
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}
