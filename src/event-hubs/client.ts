import {
  EventHubConsumerClient,
  type EventHubConsumerClientOptions,
  EventHubProducerClient,
  parseEventHubConnectionString,
  type RetryOptions,
} from '@azure/event-hubs'
import { credentialOf } from '../azure/identity.js'
import { readSecret } from '../config/secret.js'
import { mendLinkAddress } from './link-address.js'
import type { Authentication, HubSettings } from './settings.js'

mendLinkAddress()

/**
 * How often the client itself tries again; loops of our own go on for ever after it. Never 0: what may be tried again
 * would then come back at once, without a pause.
 */
export const RETRIES: RetryOptions = { maxRetries: 2, retryDelayInMs: 300, timeoutInMs: 15_000 }

/** The longest wait that timers know, in milliseconds. */
const NEVER = 2_147_483_647

/**
 * A client that reads. It connects when it is used. Looks secrets up each time, as they are rotated.
 * @throws Error for settings that can't be used; no message holds a secret.
 */
export function openConsumer(
  settings: HubSettings,
  group: string,
  retryOptions = RETRIES,
): EventHubConsumerClient {
  const { hub, authentication } = settings
  const options: EventHubConsumerClientOptions = {
    retryOptions,
    // Left alone, the client begins a partition anew by itself, from where it once began and not from where it is.
    loadBalancingOptions: { updateIntervalInMs: NEVER },
  }
  if (authentication.kind === 'connection-string')
    return new EventHubConsumerClient(group, connectionString(authentication, hub), hub, options)
  return new EventHubConsumerClient(
    group,
    authentication.namespace,
    hub,
    credentialOf(authentication),
    options,
  )
}

/** A client that writes; otherwise like `openConsumer`. */
export function openProducer(settings: HubSettings, retryOptions = RETRIES): EventHubProducerClient {
  const { hub, authentication } = settings
  if (authentication.kind === 'connection-string')
    return new EventHubProducerClient(connectionString(authentication, hub), hub, { retryOptions })
  return new EventHubProducerClient(authentication.namespace, hub, credentialOf(authentication), {
    retryOptions,
  })
}

type Key = Extract<Authentication, { kind: 'connection-string' }>

/** Checked here, as the messages of the client's own checks hold the whole string. */
function connectionString({ connection_string }: Key, hub: string): string {
  const secret = readSecret(connection_string)
  const named = entityOf(secret)
  if (named !== undefined && named !== hub)
    throw new Error(`the connection string is for ${named}, not for ${hub}`)
  return secret
}

function entityOf(secret: string): string | undefined {
  try {
    const { sharedAccessKey, sharedAccessSignature, eventHubName } = parseEventHubConnectionString(
      secret,
    ) as {
      sharedAccessKey?: string
      sharedAccessSignature?: string
      eventHubName?: string
    }
    if (sharedAccessKey ?? sharedAccessSignature) return eventHubName
  } catch {
    // Its message would hold parts of the secret.
  }
  throw new Error(
    'the connection string is not one of Event Hubs: Endpoint=sb://...;SharedAccessKeyName=...;...',
  )
}
