import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds for which all partitions of a broker wait for one that has no room; then the others go on alone. */
const PATIENCE = 100

/**
 * Waits a little until there is room for more, and says whether there is. Nobody may wait for longer in a handler of
 * kafkajs: a broker is asked for more only when all that it sent is dealt with, and heartbeats come with the asking.
 */
export async function isSoon(taken: Promise<void>): Promise<boolean> {
  const timer = new AbortController()
  const late = pause(PATIENCE, false, { signal: timer.signal }).catch(() => false)
  const room = await Promise.race([taken.then(() => true), late])
  timer.abort()
  return room
}
