import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { durationSetting } from '../config/duration.js'
import { readSecret, type SecretReference, secretSchema } from '../config/secret.js'
import { defineSink, type Surroundings } from '../daemon/kind.js'
import { type OutgoingAlert, Refused, RetryLater, type Sink } from '../daemon/sink.js'
import { retryAfter } from '../waiting.js'
import { safeJson } from './line.js'
import { type Answer, Client, type ClientOptions } from './webhook/client.js'
import { signature } from './webhook/signature.js'
import { slackMessage } from './webhook/slack.js'
import { teamsMessage } from './webhook/teams.js'

const settings = z.object({
  url: z
    .union([z.url({ protocol: /^https?$/ }), secretSchema])
    .describe(
      'Where alerts are posted to. As a secret where the URL itself is one, as those of Slack and Teams are.',
    ),
  format: z
    .enum(['json', 'slack', 'teams'])
    .default('json')
    .describe('json: the alert; slack: for an incoming webhook of Slack; teams: a card for Teams Workflows.'),
  signing_secret: secretSchema
    .optional()
    .describe(
      'Signs every request by the Standard Webhooks specification. `whsec_` and base64, or any text.',
    ),
  authorization: secretSchema
    .optional()
    .describe('The whole value of the Authorization header, as `Bearer …`.'),
  allow_hosts: z
    .array(z.string().min(1).toLowerCase())
    .min(1)
    .optional()
    .describe(
      'The only hosts that the URL may name: `hooks.example.com`, or `*.example.com` for all below it.',
    ),
  allow_http: z
    .boolean()
    .default(false)
    .describe('Whether the URL may be http, which anybody on the way can read.'),
  allow_private: z
    .boolean()
    .default(false)
    .describe(
      'Whether the host may be in a private network or this machine. Never where clouds keep credentials.',
    ),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe('Certificate authorities that are trusted besides the usual, PEM.'),
  timeout: durationSetting('100ms', '2m').prefault('10s').describe('How long a request may take in all.'),
  max_request_bytes: z
    .int()
    .min(1_000)
    .default(256_000)
    .describe('Larger requests are not sent: their alerts become dead letters.'),
})

type Settings = z.output<typeof settings>

/** Most bytes of an answer that are read; of none is more needed than its status. */
const MAX_RESPONSE = 64_000

/** Answers about this one message, which will not change; all others may be mended by somebody. */
const REFUSALS = new Set([400, 413, 422])

const BODIES: Readonly<Record<Settings['format'], (alert: OutgoingAlert) => unknown>> = {
  json: (alert) => alert,
  slack: slackMessage,
  teams: teamsMessage,
}

/** What tests put in the place of the world outside. */
export interface WebhookWorld {
  readonly lookup?: NonNullable<ClientOptions['lookup']>
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** An HTTP request for each alert. */
export const sink = defineSink({
  kind: 'webhook',
  settings,
  open: (name, chosen, around) => new WebhookSink(name, chosen, around),
})

/** @throws Error for a URL that must not be used, or a `ca_file` that can't be read. */
export class WebhookSink implements Sink {
  readonly name: string
  /** One request an alert: what has arrived of a batch would not be known otherwise. */
  readonly batch = 1
  readonly #settings: Settings
  readonly #around: Surroundings
  readonly #client: Client
  readonly #now: () => number

  constructor(name: string, chosen: Settings, around: Surroundings, world: WebhookWorld = {}) {
    this.name = name
    this.#settings = chosen
    this.#around = around
    this.#now = world.now ?? Date.now
    if (typeof chosen.url === 'string') checkedUrl(chosen.url, chosen)
    this.#client = new Client({
      allowPrivate: chosen.allow_private,
      timeout: chosen.timeout,
      maxResponse: MAX_RESPONSE,
      ...(chosen.ca_file && { ca: readFileSync(chosen.ca_file, 'utf8') }),
      ...(world.lookup && { lookup: world.lookup }),
    })
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    for (const alert of alerts) await this.#post(alert, signal)
  }

  async check(): Promise<void> {
    const { signing_secret, authorization } = this.#settings
    for (const reference of [signing_secret, authorization]) if (reference) readSecret(reference)
    await this.#client.probe(this.#url())
  }

  async close(): Promise<void> {
    await this.#client.close().catch(() => {})
  }

  async #post(alert: OutgoingAlert, signal: AbortSignal): Promise<void> {
    const body = safeJson(BODIES[this.#settings.format](alert))
    const size = Buffer.byteLength(body)
    if (size > this.#settings.max_request_bytes)
      throw refused(alert, `a request of ${size} bytes is too large`)
    const answer = await this.#client.post(this.#url(), this.#headers(alert, body), body, signal)
    if (answer.endless) this.#around.count('endless_answers')
    this.#judge(alert, answer)
  }

  #headers({ id, state, count }: OutgoingAlert, body: string): Record<string, string> {
    const { signing_secret, authorization } = this.#settings
    // An alert is delivered once as raised and may be updated twice, each a message of its own.
    const message = state === 'raised' ? `${id}.raised` : `${id}.updated.${count}`
    const timestamp = Math.floor(this.#now() / 1_000)
    return {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'agentwarden',
      'idempotency-key': message,
      'webhook-id': message,
      'webhook-timestamp': String(timestamp),
      ...(signing_secret && {
        'webhook-signature': signature(readSecret(signing_secret), message, timestamp, body),
      }),
      ...(authorization && { authorization: readSecret(authorization) }),
    }
  }

  #judge(alert: OutgoingAlert, { status, retryAfter: asked }: Answer): void {
    if (status >= 200 && status < 300) return
    const said = `the receiver answered ${status}`
    if (REFUSALS.has(status)) throw refused(alert, said)
    if (status >= 300 && status < 400) throw new Error(`${said}; redirects are not followed`)
    const pause = status === 429 || status === 503 ? retryAfter(asked, this.#now()) : undefined
    throw pause === undefined ? new Error(said) : new RetryLater(pause, said)
  }

  #url(): URL {
    const { url } = this.#settings
    return checkedUrl(typeof url === 'string' ? url : readSecret(url as SecretReference), this.#settings)
  }
}

function refused({ id }: OutgoingAlert, message: string): Refused {
  return new Refused(new Set([id]), message)
}

/** @throws Error for a URL that must not be used; it never holds more of the URL than its host. */
function checkedUrl(text: string, { allow_hosts, allow_http }: Settings): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error('the URL of the webhook is none of http or https')
  if (url.username || url.password)
    throw new Error('the URL of the webhook holds a password: use authorization')
  if (url.protocol === 'http:' && !allow_http) throw new Error('the URL of the webhook must be https')
  if (allow_hosts && !allow_hosts.some((host) => isHost(url.hostname, host)))
    throw new Error(`${url.hostname} is none of the hosts that are allowed`)
  return url
}

function isHost(hostname: string, allowed: string): boolean {
  return allowed.startsWith('*.') ? hostname.endsWith(allowed.slice(1)) : hostname === allowed
}
