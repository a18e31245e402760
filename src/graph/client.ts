import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpClient,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/identity'
import { z } from 'zod'
import { failureOf } from '../azure/failure.js'
import { limited, retryAfter } from '../waiting.js'

/** Where Microsoft Graph is, in the cloud that everybody has. */
export const GRAPH = 'https://graph.microsoft.com'

/** Where Microsoft Graph is, and who calls it. */
export interface GraphOptions {
  /** Origin of Microsoft Graph: `https://…`, nothing after the host. */
  readonly endpoint: string
  readonly credential: TokenCredential
  /** Milliseconds that one call may take. */
  readonly timeout: number
  /** Certificate authority that is trusted, PEM; for tests. */
  readonly ca?: string | undefined
}

/** A call of Microsoft Graph that came to nothing. */
export class GraphError extends Error {
  /** HTTP status; `undefined` if no answer came. */
  readonly status: number | undefined
  /** Milliseconds that the service asks to be left alone for. */
  readonly after: number | undefined

  constructor(message: string, status?: number, after?: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.after = after
  }

  /** Whether the same call may come to something later: the service is busy, fails, or cannot be reached. */
  get passing(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500
  }
}

/** What Graph says of an error. */
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Longest text of the service's in a message of ours, in characters. */
const LONGEST = 300

/** Calls Microsoft Graph, each call once: it follows no redirect and tries nothing again. */
export class GraphClient {
  readonly origin: string
  readonly #options: GraphOptions
  readonly #pipeline: Pipeline
  readonly #http: HttpClient = createDefaultHttpClient()

  /** Calls nothing yet. @throws Error for an endpoint that is not the origin of an https URL */
  constructor(options: GraphOptions) {
    const { protocol, origin, pathname, search } = new URL(options.endpoint)
    if (protocol !== 'https:' || pathname !== '/' || search !== '')
      throw new Error(`the endpoint of Microsoft Graph reads like ${GRAPH}`)
    this.origin = origin
    this.#options = options
    this.#pipeline = createPipelineFromOptions({
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'agentwarden' },
      ...(options.ca === undefined ? {} : { tlsOptions: { ca: options.ca } }),
    })
    const { credential } = options
    this.#pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: `${origin}/.default` }))
  }

  /**
   * One call.
   * @param path `/v1.0/…`, with its query @returns the answer's JSON; `undefined` where it has no body
   * @throws GraphError, or the reason of the signal when it is aborted
   */
  async call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown> {
    const response = await this.#answer(method, path, body, signal)
    const { status, bodyAsText, headers } = response
    if (status < 200 || status > 299) {
      const after = retryAfter(headers.get('retry-after'), Date.now())
      throw new GraphError(`Microsoft Graph answered ${status}${saidIn(bodyAsText)}`, status, after)
    }
    return bodyAsText ? parsed(bodyAsText) : undefined
  }

  /** Gets a token. @throws GraphError that says why there is none */
  async token(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.credential.getToken(`${this.origin}/.default`, { abortSignal: signal })
    } catch (cause) {
      throw new GraphError(failureOf(cause).said, undefined, undefined, { cause })
    }
  }

  async #answer(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<PipelineResponse> {
    return limited(this.#options.timeout, signal, async (abortSignal) => {
      const headers = createHttpHeaders({ accept: 'application/json' })
      if (body !== undefined) headers.set('content-type', 'application/json')
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      const request = createPipelineRequest({
        url: `${this.origin}${path}`,
        method,
        headers,
        abortSignal,
        ...text,
      })
      try {
        return await this.#pipeline.sendRequest(this.#http, request)
      } catch (cause) {
        signal.throwIfAborted()
        const said = abortSignal.aborted ? (abortSignal.reason as Error).message : failureOf(cause).said
        throw new GraphError(`Microsoft Graph: ${said}`, undefined, undefined, { cause })
      }
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new GraphError('Microsoft Graph answered something that is no JSON', undefined, undefined, {
      cause,
    })
  }
}

/** What the service says of an error, if it says it in its usual form. */
function saidIn(text: string | null | undefined): string {
  try {
    const { error } = errorSchema.parse(JSON.parse(text ?? ''))
    return `: ${error.code}: ${error.message.replace(/\s+/g, ' ').slice(0, LONGEST)}`
  } catch {
    return ''
  }
}
