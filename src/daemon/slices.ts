/** Milliseconds of work after which others get their turn: heartbeats, sockets, health checks. */
const SLICE = 10

/** Cuts long work into slices, between which the event loop runs. `now` is a clock that only goes on (milliseconds). */
export class Slices {
  readonly #now: () => number
  #until = 0
  constructor(now: () => number) {
    this.#now = now
  }

  /** Begins a slice. */
  begin(): void {
    this.#until = this.#now() + SLICE
  }

  /** Whether it is time for a pause. */
  get over(): boolean {
    return this.#now() >= this.#until
  }

  /** Lets the event loop run once, and begins the next slice. */
  async pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.begin()
  }
}
