/** Sums stay below this, well within exact whole numbers. */
const MODULUS = 2 ** 48

/** What all records together amount to, whatever their order: how many there are, and the sum of their CRCs. */
export interface Sum {
  readonly records: number
  readonly digest: number
}

/**
 * The CRCs of all records, and their sum. Each save writes the sum that must then hold, so that a record that is
 * missing, too many or out of date is noticed, though it be whole itself: LevelDB passes over what is damaged in the
 * middle of its log. Memory: about 100 bytes a record.
 */
export class Digest {
  readonly #crcs = new Map<string, number>()
  #sum = 0

  get sum(): Sum {
    return { records: this.#crcs.size, digest: this.#sum }
  }

  has(key: string): boolean {
    return this.#crcs.has(key)
  }

  /** The keys that begin in a certain way. O(records). */
  *keys(prefix: string): Iterable<string> {
    for (const key of this.#crcs.keys()) if (key.startsWith(prefix)) yield key
  }

  /** Notes the new CRC of a record, or that it is gone. */
  set(key: string, crc: number | undefined): void {
    this.#sum = (this.#sum - (this.#crcs.get(key) ?? 0) + (crc ?? 0) + MODULUS) % MODULUS
    if (crc === undefined) this.#crcs.delete(key)
    else this.#crcs.set(key, crc)
  }

  /** The sum after some changes, without making them; each key is there at most once. */
  after(changes: Iterable<readonly [key: string, crc: number | undefined]>): Sum {
    let { records, digest } = this.sum
    for (const [key, crc] of changes) {
      const before = this.#crcs.get(key)
      records += Number(crc !== undefined) - Number(before !== undefined)
      digest = (digest - (before ?? 0) + (crc ?? 0) + MODULUS) % MODULUS
    }
    return { records, digest }
  }
}
