/** The value at a key; makes and keeps one if there is none. */
export function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** Adds to a count, which starts at 0. */
export function increment<Key>(counts: Map<Key, number>, key: Key, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Values that were made for keys, kept at hand for the next time: at most so many, then it begins anew. */
export class Kept<Key, Value> {
  readonly #most: number
  readonly #values = new Map<Key, Value>()

  constructor(most: number) {
    this.#most = most
  }

  /** The value of a key; made if it is not kept. */
  of(key: Key, make: (key: Key) => Value): Value {
    const known = this.#values.get(key)
    if (known !== undefined || this.#values.has(key)) return known as Value
    if (this.#values.size >= this.#most) this.#values.clear()
    const made = make(key)
    this.#values.set(key, made)
    return made
  }
}
