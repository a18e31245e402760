import type { Piece } from '../sources/splitter.js'

/** Something that yields JSON values in chunks, and can be read again from its start. */
export interface PieceSource {
  readonly name: string
  /** Can be read only once, as standard input. */
  readonly once?: boolean
  pieces(): AsyncIterable<Piece[]>
}

/** What is done with the values as they come. */
export interface MergeHandler {
  /** Takes one value; returns its newest event time, in milliseconds since 1970, if it has any. */
  take(piece: Piece, source: PieceSource): number | undefined
  /** The same without any effect: only says the event time. */
  peek(piece: Piece): number | undefined
  /** All sources have reached this event time, but for what comes out of order. */
  advance(time: number): void | Promise<void>
  /** A source broke off. */
  failed(source: PieceSource, error: unknown): void
}

/** A source that is being read, and how far it has got in event time. */
interface Cursor {
  readonly source: PieceSource
  readonly start: number
  chunks?: AsyncIterator<Piece[]>
  reached: number
  done: boolean
}

/**
 * Reads several sources as one, always from the one that lies furthest back in event time, so that the order in
 * which they were given makes no difference and each is opened only when its time has come.
 *
 * Memory: a chunk for each source whose time overlaps with the present.
 */
export async function merge(sources: readonly PieceSource[], handler: MergeHandler): Promise<void> {
  const cursors = await cursorsOf(sources, handler)
  try {
    for (let next = furthestBack(cursors); next; next = furthestBack(cursors)) {
      await readChunk(next, handler)
      const reached = cursors.reduce(
        (least, one) => (one.done ? least : Math.min(least, one.reached)),
        Number.POSITIVE_INFINITY,
      )
      if (Number.isFinite(reached)) await handler.advance(reached)
    }
  } finally {
    for (const { chunks } of cursors) await chunks?.return?.()
  }
}

async function cursorsOf(sources: readonly PieceSource[], handler: MergeHandler): Promise<Cursor[]> {
  const cursors: Cursor[] = []
  for (const source of sources) {
    const start = sources.length === 1 ? undefined : await startOf(source, handler)
    cursors.push({
      source,
      start: start ?? Number.NEGATIVE_INFINITY,
      reached: start ?? Number.NEGATIVE_INFINITY,
      done: false,
    })
  }
  return cursors.sort((a, b) => a.start - b.start || (a.source.name < b.source.name ? -1 : 1))
}

/** The first event time of a source; one that can't be read twice counts as the furthest back. */
async function startOf(source: PieceSource, handler: MergeHandler): Promise<number | undefined> {
  if (source.once) return undefined
  try {
    for await (const pieces of source.pieces()) {
      for (const piece of pieces) {
        const time = handler.peek(piece)
        if (time !== undefined) return time
      }
    }
  } catch {
    // It will fail again when it is read, and is reported then.
  }
  return undefined
}

function furthestBack(cursors: readonly Cursor[]): Cursor | undefined {
  let next: Cursor | undefined
  for (const cursor of cursors) if (!cursor.done && (!next || cursor.reached < next.reached)) next = cursor
  return next
}

async function readChunk(cursor: Cursor, handler: MergeHandler): Promise<void> {
  const chunk = await nextChunk(cursor, handler)
  if (chunk === undefined) cursor.done = true
  for (const piece of chunk ?? []) {
    const time = handler.take(piece, cursor.source)
    if (time !== undefined && time > cursor.reached) cursor.reached = time
  }
}

async function nextChunk(cursor: Cursor, handler: MergeHandler): Promise<Piece[] | undefined> {
  cursor.chunks ??= cursor.source.pieces()[Symbol.asyncIterator]()
  try {
    const chunk = await cursor.chunks.next()
    return chunk.done ? undefined : chunk.value
  } catch (error) {
    handler.failed(cursor.source, error)
    return undefined
  }
}
