import { jsonBytes } from './cut.js'

/** The service takes 1 MB a call, brackets and commas counted. Kept below, so that the client sends it as one call. */
export const MOST_BYTES = 1_000_000

/**
 * Deals rows to calls, in order, each call's JSON smaller than `most` bytes. A row that is too large by itself gets a
 * call of its own.
 */
export function chunksOf<Row extends { readonly row: unknown }>(
  rows: readonly Row[],
  most = MOST_BYTES,
): Row[][] {
  const chunks: Row[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const one of rows) {
    const added = jsonBytes(one.row) + 1
    if (size + added >= most) {
      chunks.push([])
      size = 1
    }
    chunks.at(-1)!.push(one)
    size += added
  }
  return chunks
}
