import { Receiver } from 'rhea-promise'

/**
 * Makes the address of a link readable when its connection was lost. The client (@azure/core-amqp 4.4.2) reads it for the
 * text of an error when a request was not answered in time, in a timer: there, an exception ends the process.
 */
export function mendLinkAddress(): void {
  const link = Object.getPrototypeOf(Receiver.prototype) as object
  Object.defineProperty(link, 'address', {
    configurable: true,
    get(this: { readonly source?: { readonly address?: unknown } }) {
      return this.source?.address
    },
  })
}
