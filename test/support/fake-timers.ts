import { setImmediate as turn } from 'node:timers/promises'
import type { Timers } from '../../src/daemon/timers.js'

/** Time that passes when the test says so. */
export class FakeTimers implements Timers {
  #now = Date.UTC(2026, 10, 20)
  readonly #timers = new Map<object, { readonly at: number; readonly callback: () => void }>()

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const key = {}
    this.#timers.set(key, { at: this.#now + milliseconds, callback })
    return () => this.#timers.delete(key)
  }

  /** Lets time pass, calling back in order; whatever a call sets off is done before time goes on. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [key, { at, callback }] = next
      this.#timers.delete(key)
      this.#now = Math.max(this.#now, at)
      callback()
      await settle()
    }
    this.#now = end
  }

  /** When what was set last is to happen, from now. */
  get pending(): number[] {
    return [...this.#timers.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  #next(end: number) {
    const due = [...this.#timers].filter(([, { at }]) => at <= end)
    return due.sort(([, a], [, b]) => a.at - b.at)[0]
  }
}

/** Until promises that hang on nothing outside have been kept. */
export async function settle(): Promise<void> {
  for (let count = 0; count < 3; count++) await turn()
}
