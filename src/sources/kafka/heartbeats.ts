import type { Consumer } from 'kafkajs'

/** Knows whether a member of a group may still think that it is one. */
export class Heartbeats {
  readonly #sessionTimeout: number
  #sent = 0
  /** When the last heartbeat was sent that was answered: the answer itself may have been under way for long. */
  #confirmed = 0

  constructor({ on, events }: Consumer, sessionTimeout: number) {
    this.#sessionTimeout = sessionTimeout
    on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Heartbeat') this.#sent = payload.sentAt
    })
    on(events.HEARTBEAT, () => {
      this.#confirmed = this.#sent
    })
  }

  /** To be called when it has joined. */
  joined(): void {
    this.#confirmed = Date.now()
  }

  /** Whether the group can't have given its place away yet. */
  get alive(): boolean {
    return Date.now() - this.#confirmed < this.#sessionTimeout
  }
}
