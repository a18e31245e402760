import { createRequire } from 'node:module'

/** The part of kafkajs that holds requests back while a broker throttles. */
export interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

const require = createRequire(import.meta.url)

/** Its class: not part of the public interface, so the version is pinned and a test watches over it. */
export const requestQueue = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }

let stopped = false

/**
 * Stops a timer of kafkajs 2.2.4 that wakes the process every millisecond for each connection, for ever: it looks for
 * requests that were held back, also when there are none, and asks for a negative delay, of which Node warns
 * (tulios/kafkajs#1751). With this it runs only while requests are held back.
 */
export function stopIdleTimer(): void {
  if (stopped) return
  stopped = true
  const { prototype } = requestQueue
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this)
  }
}
