/** By how much the shared array grows: more would leave more of it unused. */
const GROWTH = 1.2

/**
 * Blocks of whole numbers of 32 bits in one shared array: an array each would cost several times what is in it, and
 * be one more place in memory to look up. A block is named by where it starts. All costs are O(1) but where said.
 */
export class Blocks {
  /** The numbers of all blocks. Replaced when it grows, so never to be kept. */
  words: Int32Array
  readonly #stride: number
  #used = 0
  /** Starts of the blocks that were given back, by the power of two that is their size. */
  readonly #free: number[][] = []

  /** Blocks are for entries of `stride` numbers each. */
  constructor(stride: number) {
    this.#stride = stride
    this.words = new Int32Array(stride * 1_024)
  }

  /** A block for `2 ** power` entries; what it holds is of no meaning. */
  allocate(power: number): number {
    const start = this.#free[power]?.pop() ?? this.#used
    const end = start + (this.#stride << power)
    this.#used = Math.max(this.#used, end)
    if (end > this.words.length) this.#grow(end)
    return start
  }

  /** Gives a block back. */
  release(start: number, power: number): void {
    this.#free[power] ??= []
    this.#free[power].push(start)
  }

  /** Copies all numbers. */
  #grow(least: number): void {
    const larger = new Int32Array(Math.max(least, Math.ceil(this.words.length * GROWTH)))
    larger.set(this.words)
    this.words = larger
  }
}
