import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, LookupFunction, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** What a receiver got. */
export interface Received {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly bytes: Buffer
}

export type Answerer = (response: ServerResponse, request: IncomingMessage) => void

/** A server on this machine that receives webhooks. */
export interface WebhookReceiver {
  readonly port: number
  readonly got: readonly Received[]
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>
  /** How it answers, once it has the whole request. */
  answer: Answerer
  close(): Promise<void>
}

let certificate: { readonly cert: string; readonly key: string } | undefined

/** A certificate of `hooks.test` and 127.0.0.1 that nobody has signed. */
export function selfMade(): { readonly cert: string; readonly key: string } {
  certificate ??= signItself()
  return certificate
}

function signItself(): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'agentwarden-receiver-'))
  const [file, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=hooks.test', '-addext', 'subjectAltName=DNS:hooks.test,IP:127.0.0.1']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  try {
    execFileSync('openssl', ['req', '-x509', '-days', '2', '-out', file, ...subject, ...key], {
      stdio: 'ignore',
    })
    return { cert: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type How = 'http' | 'https'

/** Starts receivers on free ports; they are closed when the tests are over. To be called once by each file. */
export function webhookReceivers(): (how?: How) => Promise<WebhookReceiver> {
  const open: WebhookReceiver[] = []
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()))
  })
  return async (how = 'http') => {
    const receiver = await webhookReceiver(how)
    open.push(receiver)
    return receiver
  }
}

async function webhookReceiver(how: How): Promise<WebhookReceiver> {
  const got: Received[] = []
  const sockets = new Set<Socket>()
  const server = how === 'http' ? createServer() : createSecureServer(selfMade())
  const receiver: WebhookReceiver = {
    got,
    sockets,
    port: 0,
    answer: (response) => response.end('ok'),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await new Promise((closed) => server.close(closed))
    },
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    const bytes = Buffer.concat(chunks)
    got.push({ method, path, headers, body: bytes.toString('utf8'), bytes })
    receiver.answer(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(receiver, { port: (server.address() as AddressInfo).port })
}

/** A look-up of names that finds these addresses, first for the first time and so on; the last one for ever. */
export function names(...rounds: readonly (readonly string[])[]): LookupFunction & { calls: number } {
  const lookup: LookupFunction = (_hostname, _options, callback) => {
    const round = rounds[Math.min(found.calls, rounds.length - 1)]!
    found.calls++
    const addresses = round.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    setImmediate(() => callback(null, addresses))
  }
  const found = Object.assign(lookup, { calls: 0 })
  return found
}
