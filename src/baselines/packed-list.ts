/**
 * Lists of whole numbers from 0 on that grow in small steps: their last places may be free. A list that is copied
 * for each number makes garbage, an array that grows by itself takes up to half more room than its numbers, and 16.
 */

/** What a free place holds. */
export const FREE = -1

/** Places that a short list gets at a time. */
const STEP = new Array<number>(8).fill(FREE)

/** Longer lists grow by this share of their length, so that a thousand numbers are not copied each fourth time. */
const GROWTH = 1 / 8

/** Stands for all lists that are empty; a list that gets a number is made anew. */
export const EMPTY: number[] = []

/** How many numbers a list holds: its length without the free places. */
export function sizeOf(list: readonly number[]): number {
  let size = list.length
  while (size > 0 && list[size - 1] === FREE) size--
  return size
}

/** Puts a number at an index up to `sizeOf(list)`; returns the list, or a larger one in its stead. O(length). */
export function inserted(list: number[], index: number, value: number): number[] {
  const size = sizeOf(list)
  const roomy = size < list.length ? list : list.concat(freePlaces(size))
  for (let at = size; at > index; at--) roomy[at] = roomy[at - 1]!
  roomy[index] = value
  return roomy
}

/** Keeps some of the numbers, in their order; returns the list, or a smaller one in its stead. O(length). */
export function retained(list: number[], keep: (value: number) => boolean): number[] {
  const size = sizeOf(list)
  let kept = 0
  for (let at = 0; at < size; at++) if (keep(list[at]!)) list[kept++] = list[at]!
  if (kept === 0) return EMPTY
  list.fill(FREE, kept, size)
  const roomy = kept + 2 * freePlaces(kept).length
  return list.length > roomy ? list.slice(0, roomy) : list
}

function freePlaces(size: number): number[] {
  const places = Math.floor(size * GROWTH)
  return places <= STEP.length ? STEP : new Array<number>(places).fill(FREE)
}
