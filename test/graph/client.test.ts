import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { GraphClient, GraphError } from '../../src/graph/client.js'
import { GraphReader } from '../../src/graph/pages.js'
import { givenToken, noToken } from '../support/azure.js'
import { inTurn, refusal } from '../support/ingestion.js'
import { type Answerer, selfMade, type WebhookReceiver, webhookReceivers } from '../support/receiver.js'

const webhookReceiver = webhookReceivers()
const never = new AbortController().signal

const json =
  (value: unknown): Answerer =>
  (response) =>
    response.end(JSON.stringify(value))

async function server(answer: Answerer): Promise<{ server: WebhookReceiver; client: GraphClient }> {
  const one = await webhookReceiver('https')
  one.answer = answer
  return { server: one, client: clientOf(one) }
}

function clientOf({ port }: WebhookReceiver, more: object = {}): GraphClient {
  const endpoint = `https://127.0.0.1:${port}`
  return new GraphClient({
    endpoint,
    credential: givenToken(),
    timeout: 10_000,
    ca: selfMade().cert,
    ...more,
  })
}

async function failure(work: Promise<unknown>): Promise<GraphError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(GraphError)
  return error as GraphError
}

describe('a call of Microsoft Graph', () => {
  it.each([
    [
      refusal(403, {}, 'Insufficient\n privileges'),
      403,
      undefined,
      'answered 403: Code403: Insufficient privileges',
    ],
    [refusal(429, { 'retry-after': '7' }), 429, 7_000, 'answered 429'],
    [(response) => response.writeHead(502).end('<html>bad gateway'), 502, undefined, /answered 502$/],
    [(response) => response.writeHead(500).end('{"error":"flat"}'), 500, undefined, /answered 500$/],
    [(response) => response.end('not JSON'), undefined, undefined, 'no JSON'],
    [(response) => response.socket?.destroy(), undefined, undefined, 'ended the connection'],
  ] satisfies [Answerer, number | undefined, number | undefined, string | RegExp][])(
    'that fails says how: %#',
    async (answer, status, after, said) => {
      const { client } = await server(answer)
      const error = await failure(client.call('GET', '/v1.0/me', undefined, never))
      expect([error.status, error.after]).toEqual([status, after])
      expect(error.message).toMatch(said)
    },
  )

  it('that is not answered ends at its time limit, and may pass', async () => {
    const one = await webhookReceiver('https')
    one.answer = () => {}
    const error = await failure(clientOf(one, { timeout: 300 }).call('GET', '/v1.0/me', undefined, never))
    expect([error.message, error.passing]).toEqual(['Microsoft Graph: not done within 0.3 s', true])
  })

  it('that is called off ends with the reason, which is no failure of Graph', async () => {
    const stop = new AbortController()
    const { client } = await server(() => stop.abort(new Error('enough')))
    await expect(client.call('GET', '/v1.0/me', undefined, stop.signal)).rejects.toThrow(/^enough$/)
  })

  it('without a token says why, and sends nothing', async () => {
    const { server: one } = await server(json({}))
    const client = clientOf(one, { credential: noToken() })
    const error = await failure(client.call('GET', '/v1.0/me', undefined, never))
    expect(error.message).toContain('there is no such identity')
    expect(one.got).toEqual([])
  })

  it.each([
    'http://graph.microsoft.com',
    'https://graph.microsoft.com/v1.0',
    'https://graph.microsoft.com?x=1',
  ])('is never made to %s', (endpoint) => {
    expect(() => new GraphClient({ endpoint, credential: givenToken(), timeout: 1 })).toThrow('reads like')
  })
})

describe('what is read', () => {
  const schema = z.object({ id: z.string() })
  const patience = { attempts: 3, first: 1, longest: 20 }

  it('is all of a list, whatever passes in between', async () => {
    const { server: one, client } = await server(json({}))
    const next = `https://127.0.0.1:${one.port}/v1.0/things?$skiptoken=a%20b`
    const [first, second] = [
      json({ value: [{ id: 'a' }], '@odata.nextLink': next }),
      json({ value: [{ id: 'b' }] }),
    ]
    one.answer = inTurn(refusal(503), first, refusal(429), refusal(500), second)
    const reader = new GraphReader(client, never, patience)
    expect(await reader.all('/v1.0/things', schema)).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(one.got.at(-1)!.path).toBe('/v1.0/things?$skiptoken=a%20b')
  })

  it('is nothing where there is none, and an error that names the path otherwise', async () => {
    const { client } = await server(refusal(404))
    const reader = new GraphReader(client, never, patience)
    expect(await reader.one('/v1.0/things/1', schema)).toBeUndefined()
    const error = await failure(reader.all('/v1.0/things?$top=1', schema))
    expect(error.message).toMatch(/^\/v1.0\/things: Microsoft Graph answered 404/)
  })

  it('is asked for so many times and no more', async () => {
    const { server: one, client } = await server(refusal(503))
    const error = await failure(new GraphReader(client, never, patience).all('/v1.0/things', schema))
    expect([error.status, one.got.length]).toEqual([503, 3])
  })
})
