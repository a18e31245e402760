import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { Message } from '../daemon/source.js'
import { parseTime } from '../records/time.js'
import { gunzip, isGzip } from './gunzip.js'
import { type Piece, Splitter } from './splitter.js'

const CHUNK_BYTES = 256 * 1024

/** By so much of its beginning a file is known again; less where it is shorter. */
const HEAD_BYTES = 1024

/** Longest text of a time that is read. */
const TIME_BYTES = 48
const TIME = Buffer.from('"time"')

/** How far a file was read. */
interface Place {
  /** Uncompressed bytes of which every message was handed over. */
  readonly end: number
  /** Uncompressed byte from which reading can begin anew: no later than `end`. */
  readonly anchor: number
  /** Length and hash of the beginning of the file, by which it is known to be the same. */
  readonly head: string
}

/** What a look at the file said. */
export interface FileFacts {
  readonly size: number
  /** Last change, in milliseconds since 1970. */
  readonly modified: number
}

/** Whether nothing was added to a file for long enough. */
export interface Quiet {
  /** To take a last line without line feed if it is whole JSON, and to read gzip at all. */
  readonly settled: boolean
  /** To give up on what is broken off. */
  readonly final: boolean
}

/** How the reading of a file ended: at its end, or before it since the rest is not there yet. */
export type Reached = 'end' | 'open' | 'cut-gzip'

/**
 * One file that may still grow. Reads messages from where it left off; knows by the beginning of the file whether it
 * is still the same one, since a file number is used again.
 */
export class TailFile {
  /** Path as it is shown; changes when the file is renamed. */
  path: string
  /** Position of the last message that was handed over. */
  position: string | undefined
  readonly #shown: (path: string) => string
  #place: Place | undefined

  constructor(path: string, position: string | undefined, shown: (path: string) => string) {
    this.path = path
    this.position = position
    this.#shown = shown
    this.#place = placeOf(position)
  }

  /**
   * The messages that were not handed over yet, in chunks. Returns how far it came.
   * @throws Error if the file can't be read, or is gzip and damaged.
   */
  async *messages(facts: FileFacts, quiet: Quiet): AsyncGenerator<Message[], Reached> {
    const file = await open(this.path)
    try {
      const start = await headOf(file, this.#place)
      this.#place = { end: 0, anchor: 0, ...(start.same ? this.#place : {}), head: start.head }
      if (!start.gzip) return yield* this.#plain(file, facts, quiet)
      return quiet.settled ? yield* this.#compressed(file, facts) : 'open'
    } finally {
      await file.close()
    }
  }

  /** Time of the first message in milliseconds since 1970, by which files are put in order. Never rejects. */
  async begins({ modified }: FileFacts): Promise<number> {
    // What can't be read, or is gone by now, fails in the same way when it is to be read, and is reported then.
    return this.#firstTime(modified).catch(() => modified)
  }

  async #firstTime(modified: number): Promise<number> {
    const file = await open(this.path)
    try {
      const { gzip } = await headOf(file, undefined)
      for await (const chunk of gzip ? gunzip(chunksOf(file, 0)) : chunksOf(file, 0))
        return timeOf(chunk, modified)
      return modified
    } finally {
      await file.close()
    }
  }

  async *#plain(
    file: FileHandle,
    { modified }: FileFacts,
    { settled, final }: Quiet,
  ): AsyncGenerator<Message[], Reached> {
    const base = this.#place!.anchor
    const splitter = new Splitter()
    for await (const chunk of chunksOf(file, base)) {
      yield this.#messages(splitter.push(chunk), base, modified)
      this.#moveAnchor(base, splitter)
    }
    const rest = splitter.end().filter((piece) => base + piece.offset + piece.length > this.#place!.end)
    if (rest.length === 0) return 'end'
    if (!final && !(settled && rest.every(isWhole))) return 'open'
    yield this.#messages(rest, base, modified)
    return 'end'
  }

  /** Read whole each time: nobody can begin in the middle of it. */
  async *#compressed(file: FileHandle, { modified }: FileFacts): AsyncGenerator<Message[], Reached> {
    const splitter = new Splitter()
    try {
      for await (const chunk of gunzip(chunksOf(file, 0)))
        yield this.#messages(splitter.push(chunk), 0, modified)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') return 'cut-gzip'
      throw error
    }
    yield this.#messages(splitter.end(), 0, modified)
    return 'end'
  }

  /** The pieces that were not handed over yet. */
  #messages(pieces: readonly Piece[], base: number, modified: number): Message[] {
    const messages: Message[] = []
    for (const { bytes, offset, length } of pieces) {
      const end = base + offset + length
      if (end <= this.#place!.end || length === 0) continue
      this.#place = { ...this.#place!, end }
      this.position = JSON.stringify({ file: this.#shown(this.path), ...this.#place })
      messages.push({ body: bytes, position: this.position, enqueued: timeOf(bytes, modified) })
    }
    return messages
  }

  #moveAnchor(base: number, { restart }: Splitter): void {
    if (restart === undefined) return
    this.#place = { ...this.#place!, anchor: Math.min(base + restart, this.#place!.end) }
  }
}

function placeOf(position: string | undefined): Place | undefined {
  if (position === undefined) return undefined
  const { end, anchor, head } = JSON.parse(position) as Partial<Place>
  return Number.isSafeInteger(end) && Number.isSafeInteger(anchor) && typeof head === 'string'
    ? { end: end!, anchor: anchor!, head }
    : undefined
}

/** The beginning of a file, and whether it is still that by which the file was known. */
async function headOf(file: FileHandle, known: Place | undefined) {
  const buffer = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0)
  const bytes = buffer.subarray(0, bytesRead)
  const same = known?.head === headText(bytes.subarray(0, Number.parseInt(known?.head ?? '0', 10)))
  return { same, head: headText(bytes), gzip: isGzip(bytes) }
}

function headText(bytes: Buffer): string {
  return `${bytes.length}-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}

async function* chunksOf(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  for (let at = from; ; ) {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function isWhole({ bytes, problem }: Piece): boolean {
  if (problem !== undefined) return false
  try {
    JSON.parse(bytes.toString('utf8'))
    return true
  } catch {
    return false
  }
}

/**
 * When a broker would have taken the message in: the newest time that one of its records carries, since none may be
 * newer than the message; but not after the present.
 */
function timeOf(bytes: Buffer, modified: number): number {
  let newest: number | undefined
  for (let at = bytes.indexOf(TIME); at >= 0; at = bytes.indexOf(TIME, at + TIME.length)) {
    const [, text] = /^"time"\s*:\s*"([^"]+)"/.exec(bytes.toString('latin1', at, at + TIME_BYTES)) ?? []
    const time = text === undefined ? undefined : parseTime(text)
    if (time !== undefined && !(newest !== undefined && newest >= time)) newest = time
  }
  return Math.min(newest ?? modified, Math.max(modified, Date.now()))
}
