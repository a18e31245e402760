import type { Batch } from '../state/batch.js'
import { explained, StateDamaged, StateLocked, StateNewer } from '../state/errors.js'
import type { StateStore } from '../state/store.js'
import type { DeadLetters } from './dead-letter-file.js'

/** Where a save stands; tests stop the process at each. */
export type SaveStep =
  | 'before-serialise'
  | 'after-serialise'
  | 'before-removal'
  | 'before-write'
  | 'after-write'
  | 'after-removal'
  | 'after-saved'

/** Called at each step of a save. */
export type SaveHook = (step: SaveStep) => void | Promise<void>

/** Pauses between attempts, in milliseconds: they double from the first to the last. */
const FIRST_PAUSE = 250
const LAST_PAUSE = 10_000

/** Gets a batch onto the disk, however long that takes. */
export class Saver {
  /** Attempts that failed. */
  failures = 0
  /** Why the last attempt failed; `undefined` once one has succeeded. */
  failure: string | undefined
  readonly #store: StateStore
  readonly #deadLetters: DeadLetters
  readonly #onFailure: (error: unknown) => void
  #abandoned: Error | undefined
  #wake = () => {}

  constructor(store: StateStore, deadLetters: DeadLetters, onFailure: (error: unknown) => void) {
    this.#store = store
    this.#deadLetters = deadLetters
    this.#onFailure = onFailure
  }

  /** From now on nothing is written any more: what is being tried rejects with this error. */
  abandon(error: Error): void {
    this.#abandoned = error
    this.#wake()
  }

  /** Ends a pause between two attempts. */
  hurry(): void {
    this.#wake()
  }

  /**
   * Writes the dead letters, then the batch. Tries again after a growing pause until it succeeds; `patient` false
   * rejects with the first error instead.
   */
  async save(batch: Batch, patient: () => boolean): Promise<void> {
    const number = this.#store.saves + 1
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LAST_PAUSE)) {
      if (this.#abandoned) throw this.#abandoned
      try {
        await this.#attempt(batch, number)
        this.failure = undefined
        return
      } catch (error) {
        this.failures++
        this.failure = explained(error)
        this.#onFailure(error)
        if (!patient() || isFinal(error)) throw error
        await this.#pause(pause * (0.5 + Math.random() / 2))
      }
    }
  }

  /** A save that failed may have arrived all the same: opened again, the state says so. */
  async #attempt(batch: Batch, number: number): Promise<void> {
    await this.#deadLetters.flush()
    if (!this.#store.usable) await this.#store.open()
    if (this.#store.saves >= number) return
    if (this.#abandoned) throw this.#abandoned
    await this.#store.save(batch)
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** What no second attempt changes. */
function isFinal(error: unknown): boolean {
  return error instanceof StateDamaged || error instanceof StateLocked || error instanceof StateNewer
}
