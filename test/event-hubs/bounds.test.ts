import { describe, expect, it } from 'vitest'
import { openConsumer } from '../../src/event-hubs/client.js'
import {
  enqueue,
  events,
  QUICK,
  RecordingPort,
  read,
  serve,
  settingsFor,
  until,
  untilTaken,
} from './support.js'

/** Batches that may wait, and one that is being taken. */
const MOST = 41

describe('memory', () => {
  it('is bounded after a long time without events', async () => {
    const server = await serve()
    const { around } = await read(server, { pace: { wait: 3 } })
    await until(() => expect(around.counts.get('links_renewed')).toBeGreaterThan(0))
    expect(server.readers.mostCredit).toBeLessThanOrEqual(MOST * 10)
  })

  it('is bounded while events come one by one', async () => {
    const server = await serve()
    const { port, around } = await read(server, { pace: { gather: 0 } })
    let next = 0
    await until(() => {
      if (port.taken.length === next) server.enqueue('0', `event ${next++}`)
      expect(around.counts.get('links_renewed')).toBeGreaterThan(0)
    })
    await untilTaken(port, events(0, next - 1))
    expect(server.readers.mostCredit).toBeLessThanOrEqual(MOST * 10)
  })

  it('is bounded when very many events come at once and nobody takes them', async () => {
    const server = await serve()
    const port = new RecordingPort()
    const { around } = await read(server, { port, pace: { wait: 3 } })
    await until(() => expect(around.counts.get('links_renewed')).toBeGreaterThan(0))
    port.full = true
    enqueue(server, 0, 1_999)
    await until(() => expect(port.taken.length).toBeGreaterThan(0))
    await until(() => expect(server.credit('0')).toBe(0))
    expect(server.readers.of('0')[0]!.sent).toBeLessThanOrEqual(MOST * 10)
    port.drain()
    await untilTaken(port, events(0, 1_999))
  })
})

/** Why the source does what it does: should these fail with a newer client, it may be made simpler. */
describe('the client by itself', () => {
  it('skips a batch when a handler throws an error that may be retried', async () => {
    const server = await serve()
    enqueue(server, 0, 29)
    const client = openConsumer(settingsFor(server), '$Default', QUICK.retries)
    const seen: string[] = []
    let calls = 0
    client.subscribe(
      '0',
      {
        processEvents: async (batch) => {
          if (++calls === 2) throw Object.assign(new Error('later'), { retryable: true })
          seen.push(...batch.map(({ body }) => String(body)))
        },
        processError: async () => {},
      },
      { startPosition: { offset: '-1' }, maxBatchSize: 10, prefetchCount: 10, skipParsingBodyAsJson: true },
    )
    await until(() => expect(seen).toContain('event 29'))
    expect(seen).toEqual([...events(0, 9), ...events(20, 29)])
    await client.close()
  })

  it('gives more and more credit while nothing comes', async () => {
    const server = await serve()
    const client = openConsumer(settingsFor(server), '$Default', QUICK.retries)
    client.subscribe(
      '0',
      { processEvents: async () => {}, processError: async () => {} },
      { startPosition: { offset: '-1' }, maxBatchSize: 10, prefetchCount: 10, maxWaitTimeInSeconds: 0.003 },
    )
    await until(() => expect(server.credit('0')).toBeGreaterThan(MOST * 10))
    await client.close()
  })
})
