import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { gunzip, isGzip } from './gunzip.js'
import { type Input, InputError, STDIN } from './inputs.js'
import { type Piece, Splitter, type SplitterOptions } from './splitter.js'

const READ_BYTES = 1024 * 1024

export interface FileSourceOptions extends SplitterOptions {
  /** What `-` reads; process.stdin. */
  stdin?: Readable
}

/** One file, or standard input, as JSON values; uncompressed when it is gzip, whatever its name. */
export class FileSource {
  readonly name: string
  /** Bytes on disk; undefined before the file is open, and for what has no size (standard input, pipes). */
  size: number | undefined
  /** Bytes on disk read so far, for progress. */
  read = 0
  readonly #path: string
  readonly #options: FileSourceOptions

  constructor(input: Input, options: FileSourceOptions = {}) {
    this.#path = input.path
    this.#options = options
    this.name = input.name
    this.size = input.size
  }

  /**
   * The values, one array a chunk. The file is opened when the first is asked for and closed when the
   * iteration ends, also when it ends early. What can be read before an error is yielded.
   * @throws InputError `missing`, `unreadable` or `corrupt-gzip`
   */
  async *pieces(): AsyncGenerator<Piece[]> {
    const splitter = new Splitter(this.#options)
    let failure: unknown
    try {
      for await (const chunk of this.#uncompressed()) yield splitter.push(chunk)
    } catch (error) {
      failure = error
    }
    yield splitter.end()
    if (failure !== undefined) throw failure
  }

  async *#uncompressed(): AsyncGenerator<Buffer> {
    const chunks = this.#chunks()
    try {
      const head = await readHead(chunks)
      const all = startingWith(head, chunks)
      if (isGzip(head)) yield* this.#gunzipped(all)
      else yield* all
    } finally {
      await chunks.return(undefined)
    }
  }

  async *#gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0
    try {
      for await (const chunk of gunzip(chunks)) {
        yield chunk
        size += chunk.length
      }
    } catch (cause) {
      if (cause instanceof InputError) throw cause
      const place = `within the first ${this.read} bytes, after ${size} uncompressed bytes`
      throw new InputError('corrupt-gzip', `${this.name}: gzip is corrupt ${place}: ${textOf(cause)}`, {
        cause,
      })
    }
  }

  /** The bytes on disk. */
  async *#chunks(): AsyncGenerator<Buffer> {
    this.read = 0
    try {
      for await (const chunk of this.#path === STDIN ? this.#standardInput() : this.#file()) {
        this.read += chunk.length
        yield chunk
      }
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable'
      const message = `${this.name}: cannot be read at byte ${this.read}: ${textOf(cause)}`
      throw new InputError(code, message, { cause })
    }
  }

  async *#standardInput(): AsyncGenerator<Buffer> {
    const stdin = this.#options.stdin ?? process.stdin
    for await (const chunk of stdin) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
  }

  async *#file(): AsyncGenerator<Buffer> {
    const file = await open(this.#path)
    try {
      const stats = await file.stat()
      if (stats.isFile()) this.size = stats.size
      yield* stats.isFile() ? chunksOf(file) : chunksAsked(file)
    } finally {
      await file.close()
    }
  }
}

/** The chunks of a file, of which the next is read while one is worked on. */
async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  let next = readChunk(file)
  try {
    for (let chunk = await next; chunk.length > 0; chunk = await next) {
      next = readChunk(file)
      // Until it is asked for, its failure is nobody's.
      next.catch(() => {})
      yield chunk
    }
  } finally {
    await next.catch(() => {})
  }
}

/** A new buffer for each read: pieces are slices of it and may outlive the next read. */
async function readChunk(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const { bytesRead } = await file.read(buffer, 0, READ_BYTES)
  return buffer.subarray(0, bytesRead)
}

/** The chunks of what is no regular file; none is read before it is asked for, as that may wait forever. */
async function* chunksAsked(file: FileHandle): AsyncGenerator<Buffer> {
  for (let chunk = await readChunk(file); chunk.length > 0; chunk = await readChunk(file)) yield chunk
}

/** The first two bytes, or all when there are fewer, with what was read along with them. */
async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return head
}

async function* startingWith(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  yield* rest
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
