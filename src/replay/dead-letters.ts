import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Rejection } from '../records/record.js'
import type { Piece } from '../sources/splitter.js'

/** Something that could not be read, with where it stands, so that it can be looked at and fed in again. */
export interface DeadLetter {
  readonly reason: string
  readonly detail: string
  readonly source: string
  /** Line of the input on which the message starts, from 1. */
  readonly line?: number
  /** Byte of the uncompressed input at which the message starts, from 0. */
  readonly offset?: number
  /** Length of the message in bytes. */
  readonly length?: number
  /** Where the message stands in a broker: its partition, its position there, and when it came (ISO 8601). */
  readonly partition?: string
  readonly position?: string
  readonly enqueued?: string
  /** Place of the record in the message, from 0; absent when the whole message could not be read. */
  readonly index?: number
  /** The record, or the message as text, or as base64 where it is no UTF-8. */
  readonly record?: unknown
  readonly text?: string
  readonly base64?: string
  /** Set where only the beginning is given; with the hash of that beginning. */
  readonly cut?: { readonly bytes: number; readonly sha256: string }
}

/** Longer messages are given in part: the position says where the rest is. */
const MOST_BYTES = 1_048_576

/** The dead letter for what a message or one of its records was rejected for. */
export function deadLetter(rejection: Rejection, source: string, piece: Piece): DeadLetter {
  const { line, offset, length } = piece
  return deadLetterAt(rejection, { source, line, offset, length }, piece.bytes)
}

/** The same for a message that stands elsewhere than in a file; `length` may be more than there are bytes. */
export function deadLetterAt(
  { record, ...said }: Rejection,
  place: Pick<DeadLetter, 'source' | 'line' | 'offset' | 'partition' | 'position' | 'enqueued'> & {
    readonly length: number
  },
  bytes: Buffer,
): DeadLetter {
  if (record !== undefined && isWritable(record)) return { ...said, ...place, record }
  return { ...said, ...place, ...contentOf(bytes, place.length) }
}

/** A dead letter as one line of JSON. */
export function deadLetterLine(letter: DeadLetter): string {
  return `${JSON.stringify(letter)}\n`
}

/** A record nested too deep to be written comes with the bytes of its message instead. */
function isWritable(record: unknown): boolean {
  try {
    JSON.stringify(record)
    return true
  } catch {
    return false
  }
}

function contentOf(all: Buffer, length: number): Pick<DeadLetter, 'text' | 'base64' | 'cut'> {
  const bytes = all.subarray(0, MOST_BYTES)
  const text = bytes.toString('utf8')
  const content = text.includes('\ufffd') ? { base64: bytes.toString('base64') } : { text }
  if (bytes.length === length) return content
  return {
    ...content,
    cut: { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  }
}
