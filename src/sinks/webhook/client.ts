import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { limited, unlessAborted } from '../../waiting.js'
import { mayReach } from './address.js'

/** What an HTTP client may reach, and how much it takes. */
export interface ClientOptions {
  /** Whether addresses of private networks and of this machine may be reached. */
  readonly allowPrivate: boolean
  /** Certificate authorities besides the usual ones, PEM. */
  readonly ca?: string
  /** Milliseconds that a request may take, from the look-up of the name to the end of the answer. */
  readonly timeout: number
  /** Most bytes of an answer that are read. */
  readonly maxResponse: number
  /** How names are looked up; the system's way if left out. */
  readonly lookup?: LookupFunction
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** Whether it went on beyond `maxResponse`; the connection is then dropped. */
  readonly endless: boolean
}

/**
 * An HTTP client that follows no redirect and reaches no address that it must not: each address is checked when it is
 * connected to, so that a name can't mean one address when checked and another when used.
 */
export class Client {
  readonly #options: ClientOptions
  readonly #connect: buildConnector.connector
  readonly #agent: Agent

  constructor(options: ClientOptions) {
    this.#options = options
    this.#connect = connector(options)
    const { timeout } = options
    this.#agent = new Agent({
      connect: this.#connect,
      connections: 1,
      headersTimeout: timeout,
      bodyTimeout: timeout,
    })
  }

  /** @throws Error that says what went wrong, never with the path or the query of the URL. */
  async post(url: URL, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Answer> {
    return limited(this.#options.timeout, signal, async (ended) => {
      const response = await this.#agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers,
        body,
        signal: ended,
      })
      return this.#answer(response)
    })
  }

  /** Connects, with TLS if the URL says so, and sends nothing. @throws Error that says what went wrong. */
  async probe(url: URL): Promise<void> {
    const { protocol, hostname, host, port } = url
    const options = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), host, port }
    await limited(this.#options.timeout, new AbortController().signal, (ended) =>
      unlessAborted(
        new Promise<void>((resolve, reject) => {
          this.#connect(options, (...[error, socket]) => {
            socket?.destroy()
            if (error) reject(error)
            else resolve()
          })
        }),
        ended,
      ),
    )
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #answer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
    const [retryAfter] = [headers['retry-after']].flat()
    let size = 0
    for await (const chunk of body) {
      size += (chunk as Uint8Array).length
      if (size > this.#options.maxResponse) break
    }
    return { status: statusCode, retryAfter, endless: size > this.#options.maxResponse }
  }
}

function connector({ allowPrivate, ca, timeout, lookup = systemLookup }: ClientOptions) {
  const connect = buildConnector({
    lookup: checked(lookup, allowPrivate),
    timeout,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  })
  const guarded: buildConnector.connector = (options, callback) => {
    const { hostname } = options
    // An address is connected to without being looked up.
    if (isIP(hostname) !== 0 && !mayReach(hostname, allowPrivate)) callback(refusal(hostname, hostname), null)
    else connect(options, callback)
  }
  return guarded
}

/** Looks up a name, and refuses it as a whole if any of its addresses is refused. */
function checked(lookup: LookupFunction, allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      const [first] = addresses ?? []
      const refused = addresses?.find(({ address }) => !mayReach(address, allowPrivate))
      if (error || !first) callback(error ?? new Error(`${hostname} has no address`), [])
      else if (refused) callback(refusal(hostname, refused.address), [])
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function refusal(hostname: string, address: string): Error {
  const what = hostname === address ? address : `${hostname} is ${address}, which`
  return new Error(`${what} is not an address that alerts may be sent to`)
}
