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

/**
 * Gives work a signal that is aborted after so many milliseconds, or with the caller's.
 *
 * @throws what the work throws, which is to end when its signal is aborted
 */
export async function limited<T>(
  limit: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(new Error(`not done within ${limit / 1_000} s`)), limit)
  const stop = () => ended.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await work(ended.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** The outcome of a promise, or the reason of a signal if that is aborted first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
