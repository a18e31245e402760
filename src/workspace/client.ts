import type { TokenCredential } from '@azure/identity'
import { LogsQueryClient, type LogsQueryResult, LogsQueryResultStatus } from '@azure/monitor-query'
import { z } from 'zod'
import { backoff, limited, pause } from '../waiting.js'
import { WorkspaceError } from './errors.js'
import { failureOf } from './failure.js'
import { warningsOf } from './warnings.js'

/** The public cloud; `https://api.loganalytics.us` and `https://api.loganalytics.azure.cn` are the other two. */
export const PUBLIC_ENDPOINT = 'https://api.loganalytics.io'

/** Seconds that the service may take for one query: the most that it allows. */
const SERVER_SECONDS = 600

/** Milliseconds until an answer must be here: a minute more. */
const PATIENCE_MS = SERVER_SECONDS * 1_000 + 60_000

/** Attempts at one query. With pauses that double from a second to a minute they last about three minutes. */
const ATTEMPTS = 9
const LONGEST_PAUSE = 60_000

/** The service asks for seconds; more than this and it is not worth waiting for. */
const LONGEST_ASKED = 600_000

/** More different ones tell nothing new. */
const MOST_WARNINGS = 100

export interface WorkspaceOptions {
  /** The workspace's id, a GUID. */
  readonly id: string
  readonly credential: TokenCredential
  readonly endpoint?: string | undefined
  /** Whom tokens are for; the endpoint unless given. */
  readonly audience?: string | undefined
  /** Certificates to trust besides the machine's, as PEM: for a proxy that looks into connections. */
  readonly ca?: string
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
  /** The first pause after a failure, in milliseconds; 1,000 unless given. */
  readonly firstPause?: number
  /** Milliseconds until an answer must be here; eleven minutes unless given. */
  readonly patience?: number
}

/** Rows as they came: times in milliseconds since 1970, `null` for none. */
export interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** What the client library hands out is checked: it passes on whatever came. */
const tableSchema = z.object({
  columnDescriptors: z.array(z.object({ name: z.string() })),
  rows: z.array(z.array(z.unknown())),
})

/** A period of time: milliseconds since 1970, from and to. */
export interface Period {
  readonly from: number
  readonly to: number
}

/**
 * Queries to one Log Analytics workspace. An answer is whole or an error: what the service gives in part is thrown
 * away. Where it asks to wait, or can't be reached, it is asked again after that while or a growing one.
 *
 * The only file that knows `@azure/monitor-query`, which has a successor, `@azure/monitor-query-logs`.
 */
export class Workspace {
  readonly id: string
  /** How often a query had to be sent again. */
  retries = 0
  /** What it had to say of answers that are whole: mostly tables that it has not. */
  readonly warnings = new Set<string>()
  readonly #options: WorkspaceOptions
  readonly #client: LogsQueryClient

  constructor(options: WorkspaceOptions) {
    const { id, credential, endpoint = PUBLIC_ENDPOINT, audience, ca } = options
    this.id = id
    this.#options = options
    this.#client = new LogsQueryClient(credential, {
      endpoint,
      audience: audience ?? new URL(endpoint).origin,
      // Its own retries know no jitter and can't be counted.
      retryOptions: { maxRetries: 0 },
      ...(ca === undefined ? {} : { tlsOptions: { ca } }),
    })
  }

  /**
   * Asks for nothing, once: whether there is such a workspace, and whether the identity may read it.
   * @throws WorkspaceError
   */
  async check(signal: AbortSignal): Promise<void> {
    const now = this.#options.now()
    try {
      await this.#attempt('print Ready = true', { from: now, to: now }, signal)
    } catch (cause) {
      throw failureOf(cause, this.id, this.#options.now()).error
    }
  }

  /**
   * The answer to a query over rows that were exported within a period.
   * @throws WorkspaceError, or the signal's reason
   */
  async query(text: string, exported: Period, signal: AbortSignal): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.#attempt(text, exported, signal)
      } catch (cause) {
        signal.throwIfAborted()
        const { error, again, wait } = failureOf(cause, this.id, this.#options.now())
        if (!again || failures === ATTEMPTS || (wait ?? 0) > LONGEST_ASKED) throw error
        await this.#rest(failures, wait, signal)
      }
    }
  }

  async #rest(failures: number, wait: number | undefined, signal: AbortSignal): Promise<void> {
    this.retries++
    // Several that were told to wait equally long must not come back together.
    const own = backoff(failures, this.#options.firstPause ?? 1_000, LONGEST_PAUSE)
    await pause(wait === undefined ? own : wait + own / 2, signal)
    signal.throwIfAborted()
  }

  async #attempt(text: string, { from, to }: Period, signal: AbortSignal): Promise<Answer> {
    const timespan = { startTime: new Date(from), endTime: new Date(to) }
    let body: string | null | undefined
    const result = await this.#inTime(signal, (abortSignal) =>
      this.#client.queryWorkspace(this.id, text, timespan, {
        serverTimeoutInSeconds: SERVER_SECONDS,
        abortSignal,
        onResponse: ({ bodyAsText }) => {
          body = bodyAsText
        },
      }),
    )
    return this.#whole(result, body)
  }

  /** @throws WorkspaceError `too-much` for what takes longer than the service says that it will */
  async #inTime<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { patience = PATIENCE_MS } = this.#options
    let inner: AbortSignal | undefined
    try {
      return await limited(patience, signal, (ended) => {
        inner = ended
        return work(ended)
      })
    } catch (cause) {
      if (!inner?.aborted || signal.aborted) throw cause
      const message = `workspace ${this.id} gave no answer within ${patience / 1_000} s`
      throw new WorkspaceError('too-much', message, { cause })
    }
  }

  #whole(result: LogsQueryResult, body: string | null | undefined): Answer {
    if (result.status === LogsQueryResultStatus.Success) return checked(result.tables[0])
    const warnings = warningsOf(body)
    if (warnings === undefined) {
      const { code, message } = result.partialError
      throw new WorkspaceError('too-much', `workspace ${this.id} answered only in part: ${code}: ${message}`)
    }
    for (const one of warnings) if (this.warnings.size < MOST_WARNINGS) this.warnings.add(one)
    return checked(result.partialTables[0])
  }
}

/** @throws Error for what is no table */
function checked(table: unknown): Answer {
  const { columnDescriptors, rows } = tableSchema.parse(table)
  const columns = columnDescriptors.map(({ name }) => name)
  const odd = rows.find(({ length }) => length !== columns.length)
  if (odd) throw new Error(`an answer of ${columns.length} columns has a row of ${odd.length}`)
  return { columns, rows: rows.map((row) => row.map(plain)) }
}

function plain(value: unknown): unknown {
  if (!(value instanceof Date)) return value ?? null
  const time = value.getTime()
  return Number.isNaN(time) ? null : time
}
