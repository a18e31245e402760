import type {
  EventHubConsumerClient,
  LastEnqueuedEventProperties,
  ReceivedEventData,
  SubscribeOptions,
} from '@azure/event-hubs'
import { closed } from '../../event-hubs/waiting.js'

/** Takes what the hub brought; `renew` ends the subscription so that another one may begin. */
export type Handler = (
  events: readonly ReceivedEventData[],
  last: LastEnqueuedEventProperties | undefined,
) => Promise<'continue' | 'renew'>

/**
 * Reads a partition until something is wrong, the handler wants it renewed, or the signal is aborted. Resolves with what
 * is wrong, if anything. The client calls a handler again only after it is done. Its promises about its own end are
 * not trusted: an error that it calls retryable makes it skip events, and the end of a link of a lost connection is
 * never told.
 */
export async function readPartition(
  client: EventHubConsumerClient,
  partition: string,
  options: SubscribeOptions,
  closing: number,
  signal: AbortSignal,
  handler: Handler,
): Promise<Error | undefined> {
  const outcome = new Outcome(signal)
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (events, { lastEnqueuedEventProperties }) => {
        if (outcome.known) return
        const wish = await handler(events, lastEnqueuedEventProperties).catch((error: Error) => error)
        if (wish !== 'continue') outcome.set(wish === 'renew' ? undefined : wish)
      },
      processError: async (error) => outcome.set(error as Error),
      processClose: async () => outcome.set(new Error('the client stopped reading')),
    },
    options,
  )
  const error = await outcome.promise
  await closed(subscription.close(), closing)
  return error
}

/** How a subscription ended; the first to say so is right. */
class Outcome {
  known = false
  readonly promise: Promise<Error | undefined>
  #resolve: (error: Error | undefined) => void = () => {}

  constructor(signal: AbortSignal) {
    const onAbort = () => this.set(undefined)
    this.promise = new Promise<Error | undefined>((resolve) => {
      this.#resolve = resolve
    }).finally(() => signal.removeEventListener('abort', onAbort))
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
  }

  set(error: Error | undefined): void {
    this.known = true
    this.#resolve(error)
  }
}
