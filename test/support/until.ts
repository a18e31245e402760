import { setTimeout as pause } from 'node:timers/promises'

/** Waits for a condition; fails with what it is about if it does not come true. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limit = 60_000,
): Promise<void> {
  const end = Date.now() + limit
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await pause(10)
  }
}
