import { z } from 'zod'
import { backoff, pause } from '../waiting.js'
import { type GraphClient, GraphError } from './client.js'

/** How patiently Microsoft Graph is read. */
export interface Patience {
  /** Attempts of one call, the first counted. */
  readonly attempts: number
  /** Longest first pause, and longest pause at all, in milliseconds. */
  readonly first: number
  readonly longest: number
}

export const PATIENT: Patience = { attempts: 8, first: 1_000, longest: 300_000 }

/** More pages than any tenant fills: a server that goes on for ever is not read for ever. */
const MOST_PAGES = 10_000

const pageSchema = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() })

/** Reads Microsoft Graph: tries again what may pass, follows pages, and checks what comes. */
export class GraphReader {
  readonly #client: GraphClient
  readonly #signal: AbortSignal
  readonly #patience: Patience

  constructor(client: GraphClient, signal: AbortSignal, patience: Patience = PATIENT) {
    this.#client = client
    this.#signal = signal
    this.#patience = patience
  }

  /** One object; `undefined` if there is none. @throws GraphError */
  async one<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    try {
      return checked(schema, await this.#get(path), path)
    } catch (error) {
      if (error instanceof GraphError && error.status === 404) return undefined
      throw error
    }
  }

  /** All objects of a list, page by page. @throws GraphError, also for a page that leads to another host or to itself */
  async all<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>[]> {
    const found: z.output<Schema>[] = []
    const seen = new Set<string>()
    let next: string | undefined = path
    while (next !== undefined) {
      if (seen.has(next) || seen.size >= MOST_PAGES)
        throw new GraphError(`${said(path)}: the pages never end`)
      seen.add(next)
      const page: z.output<typeof pageSchema> = checked(pageSchema, await this.#get(next), path)
      for (const one of page.value) found.push(checked(schema, one, path))
      next = this.#pathOf(page['@odata.nextLink'], path)
    }
    return found
  }

  async #get(path: string): Promise<unknown> {
    const { attempts, first, longest } = this.#patience
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#client.call('GET', path, undefined, this.#signal)
      } catch (error) {
        if (!(error instanceof GraphError)) throw error
        if (!error.passing || attempt >= attempts) throw inContext(error, path)
        await pause(Math.min(error.after ?? backoff(attempt, first, longest), longest), this.#signal)
      }
    }
  }

  /** The token goes wherever a link leads: so only to where it was for. */
  #pathOf(link: string | undefined, path: string): string | undefined {
    if (link === undefined) return undefined
    const url = URL.canParse(link) ? new URL(link) : undefined
    if (url?.origin !== this.#client.origin || url.username !== '' || url.password !== '')
      throw new GraphError(`${said(path)}: the next page is on another host, which is not asked`)
    return `${url.pathname}${url.search}`
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, path: string): z.output<Schema> {
  const { data, error } = schema.safeParse(value)
  const [issue] = error?.issues ?? []
  if (issue === undefined) return data as z.output<Schema>
  throw new GraphError(`${said(path)}: an answer of another form: ${issue.path.join('.')}: ${issue.message}`)
}

function inContext(error: GraphError, path: string): GraphError {
  return new GraphError(`${said(path)}: ${error.message}`, error.status, error.after, { cause: error })
}

/** A path without its query. */
function said(path: string): string {
  return path.replace(/\?.*/, '')
}
