/** When the state is saved; times in milliseconds. */
export interface SaveTimes {
  /** Between two saves of a daemon that has something to save. */
  readonly saveEvery: number
  /** From a new alert until the save that holds it begins, unless saves take long: then at most `saveEvery`. */
  readonly alertWithin: number
  /** Bytes of messages that are scored at most before the next save begins. */
  readonly maxUnsaved: number
}

export const DEFAULT_SAVES: SaveTimes = {
  saveEvery: 5_000,
  alertWithin: 500,
  maxUnsaved: 256 * 1024 * 1024,
}

/** How long scoring goes on after a save, for each millisecond that the save held it up: a new alert waits for that too. */
const SCORED_PER_SAVING = 10

/** Says when the next save is due. `now` is a clock that only goes on (milliseconds). */
export class SaveSchedule {
  readonly #times: SaveTimes
  readonly #now: () => number
  #begunAt = 0
  /** Milliseconds for which the last save held up scoring. */
  #cost = 0
  #alertedAt: number | undefined
  #unsaved = 0

  constructor(times: Partial<SaveTimes> | undefined, now: () => number) {
    this.#times = { ...DEFAULT_SAVES, ...times }
    this.#now = now
    this.begun()
  }

  /** A message of so many bytes was scored. */
  changed(bytes: number): void {
    this.#unsaved += bytes
  }

  /** There is a new alert. */
  alerted(): void {
    this.#alertedAt ??= this.#now()
  }

  /** A save has begun: all up to now is in it. It held up scoring for so many milliseconds. */
  begun(cost = 0): void {
    this.#begunAt = this.#now()
    this.#cost = cost
    this.#alertedAt = undefined
    this.#unsaved = 0
  }

  /** Whether so much is not saved that scoring must wait. */
  get isTooMuch(): boolean {
    return this.#unsaved >= 2 * this.#times.maxUnsaved
  }

  get isDue(): boolean {
    return this.#unsaved >= this.#times.maxUnsaved || this.wait <= 0
  }

  /** Milliseconds until the next save is due. */
  get wait(): number {
    const { saveEvery, alertWithin } = this.#times
    const due = this.#begunAt + saveEvery
    if (this.#alertedAt === undefined) return due - this.#now()
    const rested = this.#begunAt + SCORED_PER_SAVING * this.#cost
    return Math.min(due, Math.max(this.#alertedAt + alertWithin, rested)) - this.#now()
  }
}
