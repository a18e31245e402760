/**
 * Texts as small numbers, each text kept once however many agents show it. Numbers of texts that nobody uses
 * any more are given out again after a `sweep`.
 */
export class Interner {
  readonly #ids = new Map<string, number>()
  readonly #texts: (string | undefined)[] = []
  readonly #free: number[] = []

  /** How many texts are kept. */
  get size(): number {
    return this.#ids.size
  }

  /** Whether a text is kept. */
  has(text: string): boolean {
    return this.#ids.has(text)
  }

  /** The number of a text, a new one if it has none. */
  id(text: string): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#free.pop() ?? this.#texts.length
    this.#ids.set(text, id)
    this.#texts[id] = text
    return id
  }

  /** The text of a number. @throws Error if there is none. */
  text(id: number): string {
    const text = this.#texts[id]
    if (text === undefined) throw new Error(`no text has the number ${id}`)
    return text
  }

  /** Forgets the texts whose numbers are not in use. O(texts). */
  sweep(used: ReadonlySet<number>): void {
    for (const [text, id] of this.#ids) {
      if (used.has(id)) continue
      this.#ids.delete(text)
      this.#texts[id] = undefined
      this.#free.push(id)
    }
  }
}
