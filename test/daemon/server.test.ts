import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { json, type Pages, type RunningServer, serve } from '../../src/daemon/server.js'

const open: RunningServer[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function serving(pages: Pages): Promise<string> {
  const server = await serve(pages, '127.0.0.1', 0)
  open.push(server)
  return server.address
}

const PAGES: Pages = new Map([
  ['/fine', () => json(200, { state: 'fine' })],
  ['/ill', () => json(503, { state: 'ill' })],
  [
    '/broken',
    () => {
      throw new Error('broken')
    },
  ],
])

describe('the server', () => {
  it.each([
    ['GET', '/fine', 200, '{"state":"fine"}\n'],
    ['GET', '/fine?x=1', 200, '{"state":"fine"}\n'],
    ['HEAD', '/fine', 200, ''],
    ['POST', '/fine', 405, 'only GET and HEAD\n'],
    ['GET', '/ill', 503, '{"state":"ill"}\n'],
    ['GET', '/elsewhere', 404, 'not found\n'],
    ['GET', '/__proto__', 404, 'not found\n'],
    ['GET', '/broken', 500, 'broken\n'],
  ])('answers %s %s with %i', async (method, path, status, body) => {
    const response = await fetch(`${await serving(PAGES)}${path}`, { method })
    expect([response.status, await response.text()]).toEqual([status, body])
  })

  it('says so when its port is taken', async () => {
    const port = Number(new URL(await serving(PAGES)).port)
    await expect(serve(PAGES, '127.0.0.1', port)).rejects.toThrow('EADDRINUSE')
  })

  it('closes although a client keeps its connection', async () => {
    const server = await serve(PAGES, '127.0.0.1', 0)
    const client = connect(Number(new URL(server.address).port), '127.0.0.1')
    await once(client, 'connect')
    const closed = once(client, 'close')
    await Promise.all([server.close(), closed])
  })
})
