import { join } from 'node:path'
import { EntraResponse, sink as kind, type ResponseWorld } from '../../src/sinks/entra-response.js'
import { givenToken } from './azure.js'
import { selfMade, type WebhookReceiver } from './receiver.js'
import { type NotingSurroundings, surroundings } from './surroundings.js'

/** The agent of `outgoing()`. */
export const AGENT = '22222222-2222-2222-2222-222222222222'

/** Half an hour after the event of `outgoing()`. */
export const SOON_AFTER = Date.UTC(2026, 10, 20, 3, 42, 44)

/** A response that calls a server on this machine, with its audit file in a folder. */
export function response(
  server: WebhookReceiver,
  folder: string,
  said: object = {},
  world: ResponseWorld = {},
): EntraResponse & { readonly around: NotingSurroundings } {
  const around = surroundings()
  const settings = kind.settings.parse({
    act: true,
    agents: [AGENT],
    rules: [{ detections: ['unusual-resource'], severity: 'medium', action: 'disable-service-principal' }],
    audit: join(folder, 'audit.ndjson'),
    authentication: { kind: 'managed-identity' },
    endpoint: `https://127.0.0.1:${server.port}`,
    ...said,
  })
  const here = {
    credential: givenToken(),
    ca: selfMade().cert,
    now: () => SOON_AFTER,
    firstPause: 1,
    ...world,
  }
  return Object.assign(new EntraResponse('response', settings, around, here), { around })
}
