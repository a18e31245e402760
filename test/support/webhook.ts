import { afterEach } from 'vitest'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { sink as kind, WebhookSink, type WebhookWorld } from '../../src/sinks/webhook.js'
import { outgoing, patiently } from './outgoing.js'
import { surroundings } from './surroundings.js'

/** What time it is for the sinks. */
export const NOW = Date.UTC(2026, 10, 20, 3, 12, 44)

/** Settings of a sink whose receiver is on this machine. */
export const HERE = { allow_http: true, allow_private: true }

export type CountingSink = WebhookSink & { readonly counts: ReadonlyMap<string, number> }

/** Makes sinks, which are closed after each test. To be called once by each file. */
export function webhookSinks(): (said: object, world?: WebhookWorld) => CountingSink {
  const opened: WebhookSink[] = []
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  })
  return (said, world = {}) => {
    const around = surroundings()
    const sink = new WebhookSink('hook', kind.settings.parse(said), around, { now: () => NOW, ...world })
    opened.push(sink)
    return Object.assign(sink, { counts: around.counts })
  }
}

/** Why a delivery fails. @throws Error if it does not */
export async function failure(
  sink: WebhookSink,
  alerts: readonly OutgoingAlert[] = [outgoing()],
): Promise<Error> {
  return sink.deliver(alerts, patiently()).then(
    () => {
      throw new Error('was delivered')
    },
    (error: Error) => error,
  )
}
