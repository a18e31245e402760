import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, or stops to wait when the signal is aborted; never rejects. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}

/** A pause that grows with each failure in a row (from 1), up to a limit, and differs from one process to the next. */
export function backoff(failures: number, first: number, longest: number): number {
  const upTo = Math.min(longest, first * 2 ** Math.min(failures - 1, 20))
  return upTo * (0.5 + Math.random() / 2)
}

/** @throws Error if a promise takes longer than so many milliseconds. What it does later is left alone. */
export async function within<T>(milliseconds: number, promise: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for something to be closed, but not for long: links of a connection that was lost meanwhile never end. */
export async function closed(closing: Promise<unknown>, milliseconds: number): Promise<void> {
  await within(milliseconds, closing, 'still closing').catch(() => {})
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
  // It may still fail when nobody waits for it any more.
  promise.catch(() => {})
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Longest pause that a receiver can ask for, in milliseconds. */
const LONGEST_PAUSE = 3_600_000

/**
 * A `Retry-After`, which is a number of seconds or a date, in milliseconds from `now`; at most an hour. `undefined`
 * where it says nothing that can be waited for.
 */
export function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const pause = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  return pause > 0 ? Math.min(pause, LONGEST_PAUSE) : undefined
}
