import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { Delivery } from '../../src/daemon/delivery.js'
import { Refused, RetryLater } from '../../src/daemon/sink.js'
import type { Timers } from '../../src/daemon/timers.js'
import { madeFolders } from '../support/folders.js'
import { MemoryOutbox } from '../support/memory-outbox.js'
import { outgoing, outgoingOnes, patiently } from '../support/outgoing.js'
import { type Answerer, type WebhookReceiver, webhookReceivers } from '../support/receiver.js'
import { type CountingSink, failure, HERE, NOW, webhookSinks } from '../support/webhook.js'

/** For what happens at once on a machine that is not busy. */
const SOON = { timeout: 10_000 }

const scratch = madeFolders()
const webhookReceiver = webhookReceivers()
const webhook = webhookSinks()

/** A receiver on this machine and a sink that posts to it. */
async function pair(
  answer?: Answerer,
  said: object = {},
): Promise<{ server: WebhookReceiver; sink: CountingSink }> {
  const server = await webhookReceiver()
  if (answer) server.answer = answer
  return { server, sink: webhook({ url: `http://127.0.0.1:${server.port}/hook`, ...HERE, ...said }) }
}

const status =
  (code: number, headers: Record<string, string> = {}): Answerer =>
  (response) =>
    response.writeHead(code, headers).end('no')

describe('a webhook', () => {
  it('posts each alert as JSON, with an id that every attempt shares', async () => {
    const { server, sink } = await pair()
    const update = (count: number) => outgoing({ state: 'updated', count })
    const alerts = [outgoing(), update(7), update(9)]
    await sink.deliver(alerts, patiently())
    expect(server.got.map(({ body }) => JSON.parse(body))).toEqual(alerts)
    expect(server.got.map(({ headers }) => headers['webhook-id'])).toEqual([
      '0123456789abcdef0123456789abcdef.raised',
      '0123456789abcdef0123456789abcdef.updated.7',
      '0123456789abcdef0123456789abcdef.updated.9',
    ])
    expect(server.got[0]!.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': '0123456789abcdef0123456789abcdef.raised',
      'webhook-timestamp': '1795144364',
      'user-agent': 'agentwarden',
    })
  })

  it('takes its URL and Authorization from where secrets stand, read anew each time', async () => {
    const server = await webhookReceiver()
    const [url, token] = [join(scratch(), 'url'), join(scratch(), 'token')]
    writeFileSync(url, `http://127.0.0.1:${server.port}/first\n`)
    writeFileSync(token, 'Bearer one')
    const sink = webhook({ url: { file: url }, authorization: { file: token }, ...HERE })
    await sink.deliver([outgoing()], patiently())
    writeFileSync(token, 'Bearer two')
    await sink.deliver([outgoing()], patiently())
    expect(server.got.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two'])
  })

  it.each([200, 201, 202, 204])('has delivered when the answer is %i', async (code) => {
    const { sink } = await pair(status(code))
    await sink.deliver([outgoing()], patiently())
  })

  it.each([400, 413, 422])('has its alert refused for ever by %i', async (code) => {
    const { sink } = await pair(status(code))
    const error = await failure(sink)
    expect(error).toBeInstanceOf(Refused)
    expect((error as Refused).ids).toEqual(new Set(['0123456789abcdef0123456789abcdef']))
    expect(error.message).toBe(`the receiver answered ${code}`)
  })

  it.each([401, 403, 404, 408, 410, 425, 429, 500, 502, 503, 504])(
    'is to be tried again after %i',
    async (code) => {
      const { sink } = await pair(status(code))
      const error = await failure(sink)
      expect(error).not.toBeInstanceOf(Refused)
      expect(error).not.toBeInstanceOf(RetryLater)
      expect(error.message).toBe(`the receiver answered ${code}`)
    },
  )

  it.each([
    [429, '120', 120_000],
    [503, '1', 1_000],
    [429, 'Fri, 20 Nov 2026 03:13:44 GMT', 60_000],
    [429, '31536000', 3_600_000],
    [429, 'Fri, 20 Nov 2099 03:13:44 GMT', 3_600_000],
  ])('waits after %i with Retry-After: %s', async (code, text, pause) => {
    const { sink } = await pair(status(code, { 'retry-after': text }))
    const error = await failure(sink)
    expect(error).toBeInstanceOf(RetryLater)
    expect((error as RetryLater).after).toBe(pause)
  })

  it.each([
    [429, 'soon'],
    [429, '-5'],
    [429, '0'],
    [429, 'Fri, 20 Nov 2020 03:13:44 GMT'],
    [500, '120'],
  ])('does not count the pause itself after %i with Retry-After: %s', async (code, text) => {
    const { sink } = await pair(status(code, { 'retry-after': text }))
    expect(await failure(sink)).not.toBeInstanceOf(RetryLater)
  })

  it.each([301, 302, 303, 307, 308])('does not follow %i to where clouds keep credentials', async (code) => {
    const location = 'http://169.254.169.254/metadata/identity/oauth2/token'
    const { server, sink } = await pair(status(code, { location }))
    expect((await failure(sink)).message).toBe(`the receiver answered ${code}; redirects are not followed`)
    expect(server.got.length).toBe(1)
  })

  it('sends no request that is too large', async () => {
    const { server, sink } = await pair(undefined, { max_request_bytes: 1_000 })
    const error = await failure(sink, [outgoing({ reason: 'long '.repeat(300) })])
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toMatch(/^a request of \d+ bytes is too large$/)
    expect(server.got).toEqual([])
  })

  it('ends with the signal of its caller', async () => {
    const { server, sink } = await pair(() => {})
    const caller = new AbortController()
    const delivered = sink.deliver([outgoing()], caller.signal)
    await vi.waitFor(() => expect(server.got.length).toBe(1), SOON)
    caller.abort(new Error('the daemon stops'))
    await expect(delivered).rejects.toThrow('the daemon stops')
  })

  it('is checked without anything being sent', async () => {
    const { server, sink } = await pair()
    await sink.check()
    expect(server.got).toEqual([])
    await server.close()
    await expect(sink.check()).rejects.toThrow('ECONNREFUSED')
  })
})

describe('a receiver', () => {
  it('that is not there', async () => {
    const { server, sink } = await pair()
    await server.close()
    expect((await failure(sink)).message).toContain('ECONNREFUSED')
  })

  it.each<[string, Answerer]>([
    ['never answers', () => {}],
    ['sends its headers but never the end of its answer', (response) => response.writeHead(200).write('o')],
    [
      'sends its headers byte by byte',
      (response) => {
        const { socket } = response
        const bytes = `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(10_000)}`
        let sent = 0
        const timer = setInterval(() => socket?.write(bytes[sent++ % bytes.length]!), 5)
        socket?.once('close', () => clearInterval(timer))
      },
    ],
    [
      'sends its body byte by byte',
      (response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write('x'), 5)
        response.once('close', () => clearInterval(timer))
      },
    ],
  ])('that %s is given up in time, and its connection closed', async (_, answer) => {
    const { server, sink } = await pair(answer, { timeout: '150ms' })
    expect((await failure(sink)).message).toBe('not done within 0.15 s')
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), SOON)
  })

  const endless =
    (code: number): Answerer =>
    (response) => {
      response.writeHead(code)
      const more = () => {
        while (response.writable && response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    }

  it('whose answer never ends has what it said it has, and its connection is closed', async () => {
    const { server, sink } = await pair(endless(200))
    await sink.deliver([outgoing()], patiently())
    expect(sink.counts).toEqual(new Map([['endless_answers', 1]]))
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), SOON)
    server.answer = endless(500)
    expect((await failure(sink)).message).toBe('the receiver answered 500')
  })

  it('whose headers never end is given up', async () => {
    const { server, sink } = await pair((response) => {
      response.socket?.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`)
    })
    expect((await failure(sink)).message).toContain('Headers Overflow')
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), SOON)
  })

  it.each<[string, Answerer]>([
    ['before it answers', (response) => response.socket?.destroy()],
    [
      'after it said 200 and before its answer is whole',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('o', () => response.socket?.resetAndDestroy())
      },
    ],
  ])('that breaks the connection %s gets the alert again under the same id', async (_, breaks) => {
    const { server, sink } = await pair(breaks)
    expect(await failure(sink)).not.toBeInstanceOf(Refused)
    server.answer = status(200)
    await sink.deliver([outgoing()], patiently())
    const ids = server.got.map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual(Array(2).fill('0123456789abcdef0123456789abcdef.raised'))
  })
})

it('delivers what came while a real receiver was away, in order and each at least once', async () => {
  const server = await webhookReceiver()
  let up = false
  server.answer = (response, request) => (up ? status(200)(response, request) : response.socket?.destroy())
  const sink = webhook({ url: `http://127.0.0.1:${server.port}/hook`, ...HERE })
  const outbox = new MemoryOutbox()
  const hasty: Timers = {
    now: () => NOW,
    // Pauses are over at once; the deadline of a call is not.
    after: (milliseconds, callback) => {
      const timer = setTimeout(callback, milliseconds > 60_000 ? milliseconds : 1)
      return () => clearTimeout(timer)
    },
  }
  const log = pino({ level: 'silent' })
  const delivery = new Delivery({ outbox, sinks: [sink], log, deadLetters: async () => {}, timers: hasty })
  delivery.start()
  outbox.add(...outgoingOnes(100))
  await vi.waitFor(() => expect(server.got.length).toBeGreaterThan(5), SOON)
  expect(new Set(server.got.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['alert-1.raised']))
  up = true
  await vi.waitFor(() => expect(outbox.delivered('hook')).toBe(100), SOON)
  const order = [...new Set(server.got.map(({ headers }) => headers['webhook-id']))]
  expect(order).toEqual(outgoingOnes(100).map(({ id }) => `${id}.raised`))
  expect(await delivery.stop(1_000)).toBe(0)
})
