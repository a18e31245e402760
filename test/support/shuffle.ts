/** Numbers from 0 to 1 that look like chance, the same for the same seed (mulberry32, Tommy Ettinger). */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** In an order in which nothing comes after what happened `hours` later. */
export function shuffledWithin<T extends { readonly time: number }>(
  items: readonly T[],
  hours: number,
  random: () => number,
): T[] {
  return items
    .map((item) => ({ item, at: item.time + random() * hours * 3_600_000 }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/** In any order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
