import { Buffer } from 'node:buffer'

interface Key {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A power of two that leaves most buckets of some dozen keys empty. */
const BUCKETS = 512

/** Some keys of objects, to be known by their bytes in JSON text. Only plain ASCII is ever found. */
export class KeySet {
  readonly #buckets: (readonly Key[] | undefined)[] = new Array(BUCKETS).fill(undefined)

  constructor(names: Iterable<string>) {
    for (const name of new Set(names)) {
      const bytes = Buffer.from(name)
      const bucket = bucketOf(bytes, 0, bytes.length)
      this.#buckets[bucket] = [...(this.#buckets[bucket] ?? []), { name, bytes }]
    }
  }

  /** The key that bytes[from, to) spell, if it is one of the set. Cost: a few ns for most keys that are none. */
  find(bytes: Buffer, from: number, to: number): string | undefined {
    const keys = this.#buckets[bucketOf(bytes, from, to)]
    if (keys === undefined) return undefined
    for (const key of keys) if (spells(bytes, from, to, key.bytes)) return key.name
    return undefined
  }
}

/** From the length and two letters; looking at more of them takes longer than it saves. */
function bucketOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from
  if (length === 0) return 0
  return (length * 37 + bytes[from]! * 7 + bytes[to - 1]! * 61) & (BUCKETS - 1)
}

function spells(bytes: Buffer, from: number, to: number, key: Uint8Array): boolean {
  if (to - from !== key.length) return false
  for (let i = 0; i < key.length; i++) if (bytes[from + i] !== key[i]) return false
  return true
}
