import type {
  EventHubConsumerClient,
  LastEnqueuedEventProperties,
  ReceivedEventData,
  SubscribeOptions,
} from '@azure/event-hubs'
import { closed } from '../../waiting.js'
import type { Pace } from './pace.js'

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
  { closing, silence }: Pick<Pace, 'closing' | 'silence'>,
  signal: AbortSignal,
  handler: Handler,
): Promise<Error | undefined> {
  const outcome = new Outcome(signal)
  const watchdog = new Watchdog(silence, () => outcome.set(new Error('the client shows no sign of life')))
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (events, { lastEnqueuedEventProperties }) => {
        if (outcome.known) return
        watchdog.stop()
        const wish = await handler(events, lastEnqueuedEventProperties).catch((error: Error) => error)
        if (wish !== 'continue') outcome.set(wish === 'renew' ? undefined : wish)
        else if (!outcome.known) watchdog.start()
      },
      processError: async (error) => outcome.set(error as Error),
      processClose: async () => outcome.set(new Error('the client stopped reading')),
    },
    options,
  )
  const error = await outcome.promise
  watchdog.stop()
  await closed(subscription.close(), closing)
  return error
}

/** Calls back unless it is stopped in time: the client can wait for ever for a connection that is half closed. */
class Watchdog {
  readonly #after: number
  readonly #bark: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(after: number, bark: () => void) {
    this.#after = after
    this.#bark = bark
    this.start()
  }

  start(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#bark, this.#after)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
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
