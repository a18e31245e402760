/** 32-bit FNV-1a with a final avalanche: spreads keys that differ in one character. */
function hash(text: string, basis: number): number {
  let h = basis
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const byteAt = (word: number, shift: number) => hex[(word >>> shift) & 255]!

/**
 * A stream of pseudo-random numbers (sfc32, Chris Doty-Humphrey, PractRand). A stream is named by its keys, so
 * every agent and day has its own and none shifts when another draws more.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(...keys: readonly (string | number)[]) {
    const name = keys.join('/')
    this.a = hash(name, 0x811c9dc5)
    this.b = hash(name, 0x9e3779b9)
    this.c = hash(name, 0x5bd1e995)
    for (let i = 0; i < 12; i++) this.word()
  }

  /** An integer in [0, 2^32). */
  word(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0
    return t >>> 0
  }

  /** A number in [0, 1). */
  next(): number {
    return this.word() / 4294967296
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  /** One item, drawn in proportion to its weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let left = this.next() * items.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of items) {
      left -= weight
      if (left < 0) return item
    }
    return items.at(-1)![0]
  }

  /** `count` different items in random order (all of them when there are fewer). */
  sample<T>(list: readonly T[], count: number): T[] {
    const rest = [...list]
    const taken: T[] = []
    while (taken.length < count && rest.length > 0)
      taken.push(...rest.splice(this.integer(0, rest.length - 1), 1))
    return taken
  }

  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next())
  }

  /** Log-normal with the given median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(this.normal(0, sigma))
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** Pareto: at least `least`, heavier tailed the smaller `alpha`. */
  pareto(least: number, alpha: number): number {
    return least / (1 - this.next()) ** (1 / alpha)
  }

  /** Poisson by Knuth's product: meant for means up to about 50. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.next(); product > limit; product *= this.next()) count++
    return count
  }

  /** A random (version 4) GUID. */
  guid(): string {
    const a = this.word()
    const b = (this.word() & 0xffff0fff) | 0x4000
    const c = (this.word() & 0x3fffffff) | 0x80000000
    const d = this.word()
    return (
      `${byteAt(a, 24)}${byteAt(a, 16)}${byteAt(a, 8)}${byteAt(a, 0)}-` +
      `${byteAt(b, 24)}${byteAt(b, 16)}-${byteAt(b, 8)}${byteAt(b, 0)}-` +
      `${byteAt(c, 24)}${byteAt(c, 16)}-${byteAt(c, 8)}${byteAt(c, 0)}` +
      `${byteAt(d, 24)}${byteAt(d, 16)}${byteAt(d, 8)}${byteAt(d, 0)}`
    )
  }

  /** `length` hexadecimal digits, lower case. */
  digits(length: number): string {
    let text = ''
    while (text.length < length) text += this.word().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
}
