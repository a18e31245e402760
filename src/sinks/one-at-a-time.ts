import { limited, unlessAborted } from '../waiting.js'

/**
 * Does one thing at a time. At the limit, or with the caller's signal, it gives up waiting for the thing; the next one
 * still begins only when it has ended. So what hangs is never piled up.
 */
export class OneAtATime {
  #running: Promise<unknown> = Promise.resolve()

  /** @param limit milliseconds @throws Error when the time is over, or what the thing throws. */
  async run<T>(limit: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return limited(limit, signal, async (ended) => {
      await unlessAborted(this.#running, ended)
      const running = work()
      this.#running = running.catch(() => {})
      return unlessAborted(running, ended)
    })
  }
}
