/** Batches that the hub may send at once, at most, before a link is opened anew. */
const MOST_BATCHES = 40

/**
 * How many events the hub may still send on a link, at most. Each time that the client (6.0.4) asks for events it gives
 * credit for a whole batch, whatever is left of the credit it gave before
 * (https://github.com/Azure/azure-sdk-for-js/issues/39452): after an hour of little traffic the hub could send tens of
 * thousands at once. The only way to take credit back is to open the link anew.
 */
export class Credit {
  readonly #batch: number
  #outstanding: number

  constructor(batch: number) {
    this.#batch = batch
    this.#outstanding = batch
  }

  /** Notes that the client has brought so many events and will ask for more. Whether that is one time too many. */
  spend(events: number): boolean {
    this.#outstanding += this.#batch - events
    return this.#outstanding > MOST_BATCHES * this.#batch
  }
}
