/** How often something may happen: so many times at once, and so many times an hour in the long run. */
export interface Rate {
  readonly per_hour: number
  readonly burst: number
}

const HOUR = 3_600_000

/** Most buckets that are not full at a time; what would need one more must wait. About 200 bytes each. */
const MOST_BUCKETS = 100_000

/**
 * Token buckets by key. Of each is kept only when it will be full again (the generic cell rate algorithm of ITU-T
 * I.371), so that a full bucket takes no memory, and whole milliseconds make every sum exact.
 */
export class RateLimit {
  readonly #interval: number
  readonly #depth: number
  readonly #fullAt = new Map<string, number>()

  constructor({ per_hour, burst }: Rate) {
    this.#interval = Math.ceil(HOUR / per_hour)
    this.#depth = burst * this.#interval
  }

  /** Whether there is a token. @param now milliseconds since 1970 */
  has(key: string, now: number): boolean {
    if (!this.#fullAt.has(key) && this.#fullAt.size >= MOST_BUCKETS) return false
    return this.#until(key, now) + this.#interval - now <= this.#depth
  }

  /** Takes a token, which must be there. */
  take(key: string, now: number): void {
    this.#fullAt.set(key, this.#until(key, now) + this.#interval)
  }

  /**
   * Forgets the buckets that are full, and notes of the others where the clock was put back. To be called now and then.
   * Cost: one step a bucket.
   */
  sweep(now: number): void {
    for (const [key, fullAt] of this.#fullAt)
      if (fullAt <= now) this.#fullAt.delete(key)
      else this.#fullAt.set(key, this.#until(key, now))
  }

  save(): [key: string, fullAt: number][] {
    return [...this.#fullAt]
  }

  load(saved: readonly (readonly [key: string, fullAt: number])[]): void {
    for (const [key, fullAt] of saved) this.#fullAt.set(key, fullAt)
  }

  /** Never further away than of an empty bucket: a clock that was put back must not close a bucket for a day. */
  #until(key: string, now: number): number {
    return Math.min(Math.max(this.#fullAt.get(key) ?? now, now), now + this.#depth)
  }
}
