import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a path answers. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** What is served, by path. */
export type Pages = ReadonlyMap<string, () => Answer | Promise<Answer>>

/** A server that is listening. */
export interface RunningServer {
  /** Address that it is reached under, `http://127.0.0.1:9464`. */
  readonly address: string
  close(): Promise<void>
}

const MOST_CONNECTIONS = 100

/** Milliseconds that a client may take to send its request. */
const REQUEST_TIME = 5_000

/**
 * Serves pages over HTTP, to GET and HEAD.
 * @throws Error if the address is taken or can't be listened on
 */
export async function serve(pages: Pages, host: string, port: number): Promise<RunningServer> {
  const limits = { requestTimeout: REQUEST_TIME, headersTimeout: REQUEST_TIME, maxHeaderSize: 8_192 }
  const server = createServer(limits, (request, response) => void answer(pages, request, response))
  server.maxConnections = MOST_CONNECTIONS
  server.listen(port, host)
  await once(server, 'listening')
  const { port: chosen } = server.address() as AddressInfo
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(pages: Pages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body } = await pageOf(pages, request)
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function pageOf(pages: Pages, { url = '/', method }: IncomingMessage): Promise<Answer> {
  const page = pages.get(url.split('?', 1)[0]!)
  if (!page) return text(404, 'not found\n')
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET and HEAD\n')
  try {
    return await page()
  } catch (error) {
    return text(500, `${(error as Error).message}\n`)
  }
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body }
}

/** An answer as JSON. */
export function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` }
}
