import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AUTHENTICATIONS, identityNamed } from '../../src/azure/named-identity.js'
import { Workspace } from '../../src/workspace/client.js'
import { logAnalyticsServers, TOKEN, WORKSPACE } from '../support/log-analytics.js'
import { NOW } from '../support/now.js'

const newServer = logAnalyticsServers()
const names = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'] as const
const before = names.map((name) => [name, process.env[name]] as const)
let asked: URL[]
/** Statuses with which the next requests are refused. */
let refused: number[]

/** Gives out tokens as App Service does; one for all tests, as the client library remembers where it is. */
const tokens = createServer((request, response) => {
  asked.push(new URL(request.url!, 'http://127.0.0.1'))
  const status = request.headers['x-identity-header'] === 'secret' ? refused.shift() : 401
  response.writeHead(status ?? 200, { 'content-type': 'application/json' })
  if (status !== undefined) return void response.end('{"statusCode":400,"message":"not now"}')
  const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600)
  response.end(JSON.stringify({ access_token: TOKEN, expires_on, resource: 'r', token_type: 'Bearer' }))
})

beforeAll(async () => {
  tokens.listen(0, '127.0.0.1')
  await once(tokens, 'listening')
  process.env.IDENTITY_ENDPOINT = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/msi/token`
  process.env.IDENTITY_HEADER = 'secret'
})

beforeEach(() => {
  asked = []
  refused = []
})

afterAll(() => {
  tokens.closeAllConnections()
  tokens.close()
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

async function connected(clientId?: string) {
  const { endpoint, ca } = await newServer()
  const credential = identityNamed('managed-identity', clientId)
  return new Workspace({ id: WORKSPACE, credential, endpoint, ca, now: () => NOW, firstPause: 1 })
}

describe('a managed identity', () => {
  it('asks for a token for the endpoint, and the workspace takes it', async () => {
    const workspace = await connected('11111111-2222-4333-8444-555555555555')
    await workspace.check(new AbortController().signal)
    expect(asked[0]!.searchParams.get('resource')).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(asked[0]!.searchParams.get('client_id')).toBe('11111111-2222-4333-8444-555555555555')
  })

  it('is asked again when there is no token to be had for a while', async () => {
    const workspace = await connected()
    refused = [400]
    const now = { from: NOW, to: NOW }
    expect((await workspace.query('print A = 1', now, new AbortController().signal)).rows).toEqual([[1]])
    expect(asked.length).toBe(2)
  })
})

describe('identities', () => {
  it.each(['managed-identity', 'azure-cli', 'azure-developer-cli', 'azure-powershell'])(
    '%s is one by itself',
    (name) => {
      expect(identityNamed(name, undefined).constructor.name).not.toMatch(/Chained|Default/)
    },
  )

  it('are named in the error when there is none of that name', () => {
    expect(() => identityNamed('default', undefined)).toThrow(
      `no identity is called default: ${AUTHENTICATIONS.join(', ')}`,
    )
  })

  it('are said to be not set up where they are not', () => {
    expect(() => identityNamed('workload-identity', undefined)).toThrow(
      /WorkloadIdentityCredential: is unavailable/,
    )
  })
})
