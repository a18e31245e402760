import { gunzipSync } from 'node:zlib'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { sink as kind, LogAnalyticsSink, type LogAnalyticsWorld } from '../../src/sinks/log-analytics.js'
import { givenToken } from './azure.js'
import { patiently } from './outgoing.js'
import { type Answerer, type Received, selfMade, type WebhookReceiver } from './receiver.js'
import { type NotingSurroundings, surroundings } from './surroundings.js'

export const RULE = 'dcr-0123456789abcdef0123456789abcdef'

/** What time it is for the sinks. */
export const NOW = Date.UTC(2026, 10, 20, 3, 20)

/** The rows of a call. */
export function rowsOf({ bytes }: Received): Record<string, unknown>[] {
  return JSON.parse(gunzipSync(bytes).toString('utf8'))
}

/** The stream that a call is for. */
export function streamIn({ path }: Received): string {
  return /\/streams\/([^?]+)\?/.exec(path)?.[1] ?? path
}

/** Answers as the service does when all is well. */
export const taken: Answerer = (response) => response.writeHead(204).end()

/** Answers with an error as the service words them. */
export function refusal(status: number, headers: Record<string, string> = {}, message = 'no'): Answerer {
  return (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error: { code: `Code${status}`, message } }))
}

/** Answers one call after the other as listed, and all that come later as the last one. */
export function inTurn(...answers: readonly Answerer[]): Answerer {
  let turn = 0
  return (response, request) => answers[Math.min(turn++, answers.length - 1)]!(response, request)
}

/** A sink that sends to a receiver on this machine, and what it counts. */
export function ingestionSink(
  receiver: WebhookReceiver,
  said: object = {},
  world: LogAnalyticsWorld = {},
): LogAnalyticsSink & { readonly around: NotingSurroundings } {
  const around = surroundings()
  const settings = kind.settings.parse({
    endpoint: `https://127.0.0.1:${receiver.port}`,
    rule_id: RULE,
    authentication: { kind: 'managed-identity' },
    ...said,
  })
  const here = { credential: givenToken(), ca: selfMade().cert, now: () => NOW, ...world }
  return Object.assign(new LogAnalyticsSink('workspace', settings, around, here), { around })
}

/** Why a delivery fails. @throws Error if it does not */
export async function whyNot(sink: LogAnalyticsSink, alerts: readonly OutgoingAlert[]): Promise<Error> {
  return sink.deliver(alerts, patiently()).then(
    () => {
      throw new Error('was delivered')
    },
    (error: Error) => error,
  )
}
