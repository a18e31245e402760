import { type SealedRecord, seal } from './record.js'

/** What one save writes. Of several changes of one key the last counts. */
export class Batch {
  readonly #changes = new Map<string, SealedRecord | undefined>()
  #bytes = 0

  /** Bytes of all values, about. */
  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#changes.size
  }

  /** Writes a value, which must be plain data. It is serialised at once: later changes of it don't matter. */
  put(key: string, value: unknown): void {
    const record = seal(key, value)
    this.#bytes += record.sealed.length
    this.#changes.set(key, record)
  }

  /** Removes a record; there need not be one. */
  delete(key: string): void {
    this.#changes.set(key, undefined)
  }

  entries(): Iterable<readonly [key: string, record: SealedRecord | undefined]> {
    return this.#changes
  }
}
