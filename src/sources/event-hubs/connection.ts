import type { EventHubConsumerClient } from '@azure/event-hubs'
import { closed } from '../../waiting.js'

/** The one connection to a hub that all readers of its partitions share. */
export class HubConnection {
  readonly #open: () => EventHubConsumerClient
  readonly #closing: number
  #client: EventHubConsumerClient | undefined
  #requests = new AbortController()
  /** Partitions that could not be read by this client. */
  readonly #failed = new Set<string>()

  constructor(open: () => EventHubConsumerClient, closing: number) {
    this.#open = open
    this.#closing = closing
  }

  /** The client, which is made if there is none. @throws Error if a secret is not there. */
  client(): EventHubConsumerClient {
    this.#client ??= this.#open()
    return this.#client
  }

  /**
   * Aborted when the client is dropped. Requests must end with it: one that tried again would open the connection once
   * more, and would make others fail outside of any promise.
   */
  get signal(): AbortSignal {
    return this.#requests.signal
  }

  /** Notes that a partition is read. */
  works(partition: string): void {
    this.#failed.delete(partition)
  }

  /** Notes that a partition can't be read by a client; of all the partitions, none by this one: it is then dropped. */
  fails(partition: string, client: EventHubConsumerClient, partitions: number): void {
    if (client !== this.#client) return
    this.#failed.add(partition)
    if (this.#failed.size >= partitions) void this.drop()
  }

  /** Closes the connection; the next use makes another one, with the secret as it then stands. Never rejects. */
  async drop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#failed.clear()
    this.#requests.abort()
    this.#requests = new AbortController()
    if (client) await closed(client.close(), this.#closing)
  }
}
