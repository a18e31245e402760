import { expect, it } from 'vitest'
import { clientOf } from '../../src/views/user-agent.js'

it.each([
  ['python-requests/2.32', 'python-requests'],
  ['python-requests/2.31.0', 'python-requests'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/141.0.0.0', 'mozilla edg'],
  ['azsdk-net-Identity/1.12.0 (.NET 8.0.4; Linux)', 'azsdk-net-identity'],
  ['Go-http-client/1.1', 'go-http-client'],
  ['aiohttp/v3.9', 'aiohttp'],
  ['curl', 'curl'],
  ['5.0', '5.0'],
  ['(nothing)', undefined],
])('%j is the client %j', (userAgent, client) => {
  expect(clientOf(userAgent)).toBe(client)
})
