import type { TokenCredential } from '@azure/identity'
import { isAggregateLogsUploadError, LogsIngestionClient } from '@azure/monitor-ingestion'
import { z } from 'zod'
import { failureOf } from '../azure/failure.js'
import { credentialOf, identitySetting } from '../azure/identity.js'
import { durationSetting } from '../config/duration.js'
import { defineSink, type Surroundings } from '../daemon/kind.js'
import { type OutgoingAlert, Refused, RetryLater, type Sink } from '../daemon/sink.js'
import { limited, retryAfter, within } from '../waiting.js'
import { chunksOf } from './log-analytics/chunks.js'
import { fitted, jsonBytes, TIGHT_LIMITS } from './log-analytics/cut.js'
import { meaningOf } from './log-analytics/meaning.js'
import {
  ALERTS,
  CUT_COLUMN,
  type CustomRow,
  type CustomTable,
  RISK,
  riskOf,
  rowOf,
  streamOf,
} from './log-analytics/tables.js'

const stream = z.string().regex(/^Custom-[A-Za-z][A-Za-z0-9_-]{0,99}$/, 'a stream of ours reads Custom-NAME')

const settings = z.object({
  endpoint: z
    .url({ protocol: /^https$/ })
    .describe(
      'Where logs are taken in: that of the data collection endpoint, or of the rule if it has one of its own.',
    ),
  rule_id: z
    .string()
    .regex(/^dcr-[0-9a-f]{32}$/, 'the immutable id of a rule reads dcr- and 32 digits or letters from a to f')
    .describe('Immutable id of the data collection rule: dcr-….'),
  stream: stream.default(streamOf(ALERTS)).describe('Stream of the rule that alerts go to.'),
  risk_stream: stream.default(streamOf(RISK)).describe('Stream of the rule that the risk of agents goes to.'),
  risk: z.boolean().default(true).describe('Whether the risk of agents is written to its own table too.'),
  authentication: identitySetting,
  audience: z
    .enum(['https://monitor.azure.com', 'https://monitor.azure.us', 'https://monitor.azure.cn'])
    .default('https://monitor.azure.com')
    .describe('Whom the token is for: differs in the clouds of the US government and of China.'),
  timeout: durationSetting('1s', '2m').prefault('30s').describe('How long a call may take in all.'),
})

type Settings = z.output<typeof settings>

/** What tests put in the place of the world outside. */
export interface LogAnalyticsWorld {
  readonly credential?: TokenCredential
  /** Certificate authority that is trusted, PEM. */
  readonly ca?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** A row, and the alert that it is of. */
interface Row {
  readonly alert: OutgoingAlert
  readonly row: CustomRow
}

/** Log Analytics, by the Logs Ingestion API. */
export const sink = defineSink({
  kind: 'log-analytics',
  settings,
  open: (name, chosen, around) => new LogAnalyticsSink(name, chosen, around),
})

/**
 * Sends alerts as rows of custom tables. The client tries nothing again and never has to split: it would call a split
 * that was broken off a success. What of a batch has arrived is remembered, so that only the rest is sent again.
 */
export class LogAnalyticsSink implements Sink {
  readonly name: string
  readonly batch = 100
  readonly #settings: Settings
  readonly #around: Surroundings
  readonly #credential: TokenCredential
  readonly #client: LogsIngestionClient
  readonly #now: () => number
  /** Rows of the batch under way that have arrived. */
  readonly #arrived = new Set<string>()
  /** The last time that was written into a row. */
  #stamped = 0

  constructor(name: string, chosen: Settings, around: Surroundings, world: LogAnalyticsWorld = {}) {
    this.name = name
    this.#settings = chosen
    this.#around = around
    this.#now = world.now ?? Date.now
    this.#credential = world.credential ?? credentialOf(chosen.authentication)
    this.#client = new LogsIngestionClient(chosen.endpoint, this.#credential, {
      audience: chosen.audience,
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: 'agentwarden' },
      ...(world.ca === undefined ? {} : { tlsOptions: { ca: world.ca } }),
    })
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    const { stream, risk_stream, risk } = this.#settings
    await this.#sendAll(stream, this.#rows(ALERTS, alerts), signal)
    const risky = risk ? alerts.filter((alert) => riskOf(alert) !== undefined) : []
    await this.#sendAll(risk_stream, this.#rows(RISK, risky), signal)
    this.#arrived.clear()
  }

  /** Gets a token. Whether the rule may be written to shows with the first alert only. */
  async check(): Promise<void> {
    const { audience, timeout } = this.#settings
    try {
      await within(timeout, this.#credential.getToken(`${audience}/.default`), 'no token in time')
    } catch (error) {
      throw new Error(failureOf(error).said, { cause: error })
    }
  }

  async close(): Promise<void> {}

  #rows(table: CustomTable, alerts: readonly OutgoingAlert[]): Row[] {
    return alerts.map((alert) => ({ alert, row: fitted(rowOf(table, { alert, at: this.#stamp() })) }))
  }

  /** No two alike, and never one before an earlier one: of two rows of an alert the newer one must be known by it. */
  #stamp(): string {
    this.#stamped = Math.max(this.#now(), this.#stamped + 1)
    return new Date(this.#stamped).toISOString()
  }

  async #sendAll(stream: string, rows: readonly Row[], signal: AbortSignal): Promise<void> {
    const missing = rows.filter((row) => !this.#arrived.has(keyOf(stream, row)))
    for (const chunk of chunksOf(missing)) await this.#send(stream, chunk, signal)
  }

  async #send(stream: string, rows: readonly Row[], signal: AbortSignal): Promise<void> {
    try {
      await this.#call(stream, rows, signal)
    } catch (error) {
      if (failureOf(error).status !== 413) throw this.#explained(stream, error)
      return this.#sendSmaller(stream, rows, signal)
    }
    for (const row of rows) {
      this.#arrived.add(keyOf(stream, row))
      if (CUT_COLUMN in row.row) this.#around.count('cut_alerts')
    }
  }

  /** Sends what was found too large in halves, and at last a single row with less in it. */
  async #sendSmaller(stream: string, rows: readonly Row[], signal: AbortSignal): Promise<void> {
    if (rows.length > 1) {
      const middle = Math.ceil(rows.length / 2)
      await this.#send(stream, rows.slice(0, middle), signal)
      return this.#send(stream, rows.slice(middle), signal)
    }
    const [one] = rows
    const row = fitted(one!.row, TIGHT_LIMITS)
    if (jsonBytes(row) >= jsonBytes(one!.row))
      throw new Refused(new Set([one!.alert.id]), `${stream}: too large for the service even when cut`)
    return this.#send(stream, [{ alert: one!.alert, row }], signal)
  }

  /** @throws what the call failed with; the reason if it took too long or was called off. */
  async #call(stream: string, rows: readonly Row[], signal: AbortSignal): Promise<void> {
    const { rule_id, timeout } = this.#settings
    const logs = rows.map(({ row }) => ({ ...row }))
    await limited(timeout, signal, async (abortSignal) => {
      try {
        await this.#client.upload(rule_id, stream, logs, { abortSignal, maxConcurrency: 1 })
      } catch (error) {
        abortSignal.throwIfAborted()
        throw isAggregateLogsUploadError(error) ? (error.errors[0]?.cause ?? error) : error
      }
    })
  }

  #explained(stream: string, error: unknown): Error {
    const { status, retryAfter: asked, said } = failureOf(error)
    const message = `${stream}: ${meaningOf(status, said)}`
    const pause = status === 429 || status === 503 ? retryAfter(asked, this.#now()) : undefined
    return pause === undefined
      ? new Error(message, { cause: error })
      : new RetryLater(pause, message, { cause: error })
  }
}

/** An alert can be updated twice within a batch, after an outage: each time it counts more. */
function keyOf(stream: string, { alert }: Row): string {
  return `${stream}/${alert.id}.${alert.state}.${alert.count}`
}
