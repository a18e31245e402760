import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TokenCredential } from '@azure/identity'
import { afterAll } from 'vitest'
import {
  Data,
  KqlError,
  type Prepared,
  prepare,
  type SourceTable,
  type Table,
} from '../../src/kql/evaluate/index.js'
import { type Language, language, logAnalyticsTables } from '../../src/kql/language.js'
import { selfMade } from './receiver.js'

/** A workspace's id, a GUID. */
export const WORKSPACE = '3d1a7c0e-5b7e-4a52-9a57-1f0c2f7a9b10'
/** The token that the server takes. */
export const TOKEN = 'token-of-the-test'

/** An identity whose tokens the server takes. */
export const credential: TokenCredential = {
  getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }),
}

/** What came in. */
export interface Asked {
  readonly query: string
  readonly timespan: string
  readonly headers: IncomingMessage['headers']
}

/** Answers in the place of the workspace. */
export type Fault = (response: ServerResponse, whole: () => object) => void

/** The query API of Log Analytics as a server on this machine: real queries over rows that the test gives it. */
export interface LogAnalytics {
  readonly endpoint: string
  /** The certificate that it shows. */
  readonly ca: string
  readonly asked: Asked[]
  /** The tables of the workspace. */
  tables: ReadonlyMap<string, SourceTable>
  /** More rows than this, and an answer is partial, as the service does it. */
  mostRows: number
  /** What `now()` gives in queries, in milliseconds since 1970. */
  now: number
  /** How a query fails, if it does. */
  fault: (asked: Asked) => Fault | undefined
  /** Faults of the next queries, in this order; `undefined` for one that is answered. */
  next: (Fault | undefined)[]
}

/** An answer with a status and a body that says why. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Fault {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { code, message, innererror: { code: `${code}Inner`, message } } }))
  }
}

/** The rows that were there before something broke, and what broke, with status 200. */
export function partial(message: string): Fault {
  return (response, whole) => sendPartly(response, whole(), [{ message, severity: 2 }])
}

/** Text instead of an answer. */
export function text(body: string): Fault {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(body)
  }
}

/** The connection is cut before there is an answer. */
export const cut: Fault = (response) => void response.socket?.destroy()

/** There is never an answer. */
export const silence: Fault = () => {}

let bound: Language | undefined

const prepared = new Map<string, Prepared>()

/** Starts servers on free ports; they are closed when the tests are over. To be called once by each file. */
export function logAnalyticsServers(): () => Promise<LogAnalytics> {
  const closing: (() => Promise<void>)[] = []
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()))
  })
  return async () => {
    const [server, close] = await start()
    closing.push(close)
    return server
  }
}

async function start(): Promise<[LogAnalytics, () => Promise<void>]> {
  const certificate = selfMade()
  const sockets = new Set<Socket>()
  const listener = createServer(certificate)
  const state: LogAnalytics = {
    endpoint: '',
    ca: certificate.cert,
    asked: [],
    tables: new Map(),
    mostRows: 500_000,
    now: 0,
    fault: () => undefined,
    next: [],
  }
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  listener.on(
    'request',
    (request: IncomingMessage, response: ServerResponse) => void answer(state, request, response),
  )
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => listener.close(done))
  }
  const { port } = listener.address() as AddressInfo
  return [Object.assign(state, { endpoint: `https://127.0.0.1:${port}` }), close]
}

async function answer(
  server: LogAnalytics,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const problem = refused(request)
  if (problem) problem(response, () => ({}))
  else answerQuery(server, response, request.headers, Buffer.concat(chunks).toString('utf8'))
}

function answerQuery(
  server: LogAnalytics,
  response: ServerResponse,
  headers: IncomingMessage['headers'],
  body: string,
): void {
  const { query, timespan } = JSON.parse(body) as Asked
  const asked = { query, timespan, headers }
  server.asked.push(asked)
  const whole = () => bodyOf(run(server, query, timespan))
  const fault = server.next.length > 0 ? server.next.shift() : server.fault(asked)
  try {
    if (fault) fault(response, whole)
    else sendWhole(server, response, whole(), query)
  } catch (error) {
    if (!(error instanceof KqlError)) throw error
    refusal(400, 'BadArgumentError', error.message)(response, whole)
  }
}

function refused(request: IncomingMessage): Fault | undefined {
  if (request.headers.authorization !== `Bearer ${TOKEN}`)
    return refusal(401, 'AuthorizationRequiredError', 'Valid authentication was not provided')
  if (request.method !== 'POST' || request.url !== `/v1/workspaces/${WORKSPACE}/query`)
    return refusal(404, 'WorkspaceNotFoundError', `The workspace of ${request.url} could not be found`)
  return undefined
}

interface Body {
  readonly tables: readonly [{ readonly columns: readonly object[]; readonly rows: readonly unknown[][] }]
}

/** What the engine says of a query beside its rows. */
interface Said {
  readonly message: string
  readonly severity: 2 | 3
}

function sendWhole(server: LogAnalytics, response: ServerResponse, body: Body, query: string): void {
  const [{ columns, rows }] = body.tables
  const { mostRows } = server
  const kept = { tables: [{ columns, rows: rows.slice(0, mostRows) }] }
  const message = `The results of this query exceed the set limit of ${mostRows} records`
  if (rows.length > mostRows) sendPartly(response, kept, [{ message, severity: 2 }])
  else if (missing(server, query).length > 0) sendPartly(response, body, missing(server, query))
  else send(response, body)
}

/** Tables that a fuzzy union leaves out are warned of, as the service does it. */
function missing({ tables }: LogAnalytics, query: string): Said[] {
  const names = logAnalyticsTables().map(({ name }) => name)
  const absent = names.filter((name) => !tables.has(name) && new RegExp(`\\b${name}$`, 'm').test(query))
  return absent.map((name) => ({
    message: `Failed to resolve table expression named '${name}'`,
    severity: 3,
  }))
}

function sendPartly(response: ServerResponse, body: object, said: readonly Said[]): void {
  const details = said.map(({ message, severity }) => {
    const severityName = severity === 3 ? 'Warning' : 'Error'
    const innererror = { code: '-2133196790', message, severity, severityName }
    return { code: 'EngineError', message: 'Something went wrong processing your query.', innererror }
  })
  const error = {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
    details,
  }
  send(response, { ...body, error })
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

const DATETIME = /datetime\((\d[^)]+)\)/g

/**
 * Binding a query takes half a second. Its times become distances from the earliest, which is given to `now()`: a query
 * that asks the same about another day, or a rule of another hour, is bound already.
 */
function relative(query: string, now: number): { text: string; now: number } {
  const times = Array.from(query.matchAll(DATETIME), ([, time]) => Date.parse(time!))
  if (times.length === 0 || query.includes('now()')) return { text: query, now }
  const first = Math.min(...times)
  const text = query.replace(DATETIME, (_, time: string) => `(now() + ${Date.parse(time) - first}ms)`)
  return { text, now: first }
}

export function run(server: Pick<LogAnalytics, 'tables' | 'now'>, query: string, timespan: string): Table {
  bound ??= language(logAnalyticsTables())
  const { text, now } = relative(query, server.now)
  let ready = prepared.get(text)
  if (!ready) {
    ready = prepare(text, bound)
    prepared.set(text, ready)
  }
  return ready.run(dataOf(server.tables, timespan), { now })
}

const dataBySpan = new WeakMap<LogAnalytics['tables'], Map<string, Data>>()

/** The rows that were exported within the timespan, which the service always adds to a query. */
function dataOf(tables: LogAnalytics['tables'], timespan: string): Data {
  const bySpan = dataBySpan.get(tables) ?? new Map<string, Data>()
  dataBySpan.set(tables, bySpan)
  const known = bySpan.get(timespan)
  if (known) return known
  const [from, to] = timespan.split('/').map((time) => Date.parse(time)) as [number, number]
  const within = Array.from(tables, ([name, { columns, rows }]) => {
    const at = columns.findIndex((column) => column.name === 'TimeGenerated')
    const kept = rows.filter((row) => at < 0 || (msOf(row[at]) >= from && msOf(row[at]) <= to))
    return [name, { columns, rows: kept }] as const
  })
  const data = new Data(new Map(within))
  bySpan.set(timespan, data)
  return data
}

function msOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : (value as number)
}

/** Dynamics come as text, as the service sends them. */
function bodyOf({ columns, rows }: Table): Body {
  const values = rows.map((row) =>
    row.map((value, at) =>
      columns[at]!.type === 'dynamic' && value !== null ? JSON.stringify(value) : value,
    ),
  )
  return { tables: [Object.assign({ name: 'PrimaryResult' }, { columns, rows: values })] }
}
