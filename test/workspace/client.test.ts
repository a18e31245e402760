import { expect, it } from 'vitest'
import { Workspace, type WorkspaceOptions } from '../../src/workspace/client.js'
import { WorkspaceError } from '../../src/workspace/errors.js'
import {
  credential,
  cut,
  type Fault,
  logAnalyticsServers,
  partial,
  refusal,
  silence,
  text,
  WORKSPACE,
} from '../support/log-analytics.js'
import { NOW } from '../support/now.js'

const newServer = logAnalyticsServers()
const signal = new AbortController().signal
const DAY = { from: Date.UTC(2026, 9, 20), to: Date.UTC(2026, 9, 21) }
const BUSY = refusal(429, 'TooManyRequests', 'slow down')

async function connected(options: Partial<WorkspaceOptions> = {}) {
  const server = await newServer()
  const { endpoint, ca } = server
  const workspace = new Workspace({
    ...{ id: WORKSPACE, credential, endpoint, ca, now: () => NOW, firstPause: 1 },
    ...options,
  })
  return { server, workspace }
}

/** The code with which a query ends after these faults. */
async function codeAfter(...faults: Fault[]): Promise<string> {
  const { server, workspace } = await connected()
  server.next = [...faults]
  const error = await workspace.query('print A = 1', DAY, signal).catch((cause: unknown) => cause)
  return error instanceof WorkspaceError ? error.code : `no error: ${JSON.stringify(error)}`
}

it('hands out columns and rows, times as milliseconds and a missing value as null', async () => {
  const { workspace } = await connected()
  const query =
    'print Text = "a\\"b", Number = 7, Time = datetime(2026-10-20T01:02:03.0040005Z), None = long(null)'
  expect(await workspace.query(query, DAY, signal)).toEqual({
    columns: ['Text', 'Number', 'Time', 'None'],
    rows: [['a"b', 7, Date.UTC(2026, 9, 20, 1, 2, 3, 4), null]],
  })
})

it('bounds a query by the time of export, and tells the service how long it may take', async () => {
  const { server, workspace } = await connected()
  await workspace.query('print A = 1', DAY, signal)
  expect(server.asked[0]).toMatchObject({
    timespan: '2026-10-20T00:00:00.000Z/2026-10-21T00:00:00.000Z',
    headers: { prefer: 'wait=600' },
  })
})

it.each<[string, Fault[]]>([
  ['says that there are too many queries', [BUSY, BUSY]],
  ['is being restarted', [refusal(503, 'ServiceUnavailable', 'restarting')]],
  ['cuts the connection', [cut, cut]],
  ['answers with something else than JSON', [text('<html>gateway</html>')]],
  ['answers without a table', [text('{"tables":[]}')]],
  ['answers without anything', [text('{}')]],
  [
    'leaves a value out',
    [text('{"tables":[{"name":"x","columns":[{"name":"A","type":"long"}],"rows":[[]]}]}')],
  ],
  ['does not take the token at first', [refusal(401, 'InvalidTokenError', 'expired')]],
])('asks again when the service %s', async (_what, faults) => {
  const { server, workspace } = await connected()
  server.next = [...faults]
  expect((await workspace.query('print A = 1', DAY, signal)).rows).toEqual([[1]])
  expect(workspace.retries).toBe(faults.length)
})

it.each<[string, string, Fault[]]>([
  ['unavailable', 'the service is busy without end', new Array<Fault>(9).fill(BUSY)],
  [
    'unavailable',
    'the service asks to wait for an hour',
    [refusal(429, 'x', 'y', { 'retry-after': '3600' })],
  ],
  [
    'refused',
    'the identity may not read the workspace',
    [refusal(403, 'InsufficientAccessError', 'no access')],
  ],
  ['wrong-query', 'the service does not understand the query', [refusal(400, 'BadArgumentError', 'what?')]],
  [
    'too-much',
    'the query took longer than the service allows',
    [refusal(504, 'GatewayTimeout', 'timed out')],
  ],
  [
    'too-much',
    'the answer is partial, though the status is 200',
    [partial('exceeds the limit of 500000 records')],
  ],
])('ends with %s when %s', async (code, _what, faults) => {
  expect(await codeAfter(...faults)).toBe(code)
})

it('ends with too-much when the service does not answer at all', async () => {
  const { server, workspace } = await connected({ patience: 100 })
  server.next = [silence]
  await expect(workspace.query('print A = 1', DAY, signal)).rejects.toMatchObject({
    code: 'too-much',
    message: expect.stringContaining('gave no answer within 0.1 s'),
  })
})

it('says what the service says, and what to do', async () => {
  const { server, workspace } = await connected()
  server.next = [refusal(403, 'InsufficientAccessError', 'The provided credentials have insufficient access')]
  await expect(workspace.check(signal)).rejects.toThrow(
    `workspace ${WORKSPACE}: give the identity the role Log Analytics Reader (HTTP 403): The provided credentials have insufficient access`,
  )
})

it('knows a workspace that is not there', async () => {
  const { workspace } = await connected({ id: 'no-such-workspace' })
  await expect(workspace.check(signal)).rejects.toThrow(/its id is a GUID, not its name \(HTTP 404\)/)
})

it('waits as long as the service asks it to, unless it is told to stop', async () => {
  const { server, workspace } = await connected()
  server.next = [refusal(429, 'TooManyRequests', 'slow down', { 'retry-after': '600' })]
  const stop = new AbortController()
  const query = workspace.query('print A = 1', DAY, stop.signal)
  setTimeout(() => stop.abort(new Error('enough')), 50)
  await expect(query).rejects.toThrow('enough')
})

it('sends tokens over an encrypted connection only', async () => {
  const { workspace } = await connected({ endpoint: 'http://127.0.0.1:9' })
  await expect(workspace.check(signal)).rejects.toThrow(/not permitted for non-TLS/)
})
