import { expect, it } from 'vitest'
import { requestQueue, stopIdleTimer } from '../../src/kafka/idle-timer.js'

interface Queue {
  readonly pending: unknown[]
  maybeThrottle(milliseconds: number): void
  push(request: object): void
  checkPendingRequests(): void
  destroy(): void
}

const Queue = requestQueue as unknown as new (options: object) => Queue

const logger = { debug() {} }
const newQueue = () =>
  new Queue({ maxInFlightRequests: null, requestTimeout: 1_000, clientId: '', broker: '', logger })
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

stopIdleTimer()

it('kafkajs wakes the process for no request that is not held back', () => {
  const before = timers()
  const queue = newQueue()
  queue.checkPendingRequests()
  expect(timers()).toBe(before)
  queue.destroy()
})

it('kafkajs still sends what was held back while the broker throttled', async () => {
  const queue = newQueue()
  queue.maybeThrottle(20)
  const sent = new Promise<void>((resolve) => {
    const entry = { correlationId: 1, resolve, reject: () => {} }
    queue.push({ entry, expectResponse: false, sendRequest: () => {} })
  })
  expect(queue.pending).toHaveLength(1)
  await sent
  expect(queue.pending).toHaveLength(0)
  queue.destroy()
})
