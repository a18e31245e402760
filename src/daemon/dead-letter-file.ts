import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { createStream } from 'rotating-file-stream'
import { type DeadLetter, deadLetterLine } from '../replay/dead-letters.js'

/** Where dead letters go. */
export interface DeadLetters {
  /** Bytes that are not written yet. */
  readonly pending: number
  add(letter: DeadLetter): void
  /** Resolves once all that was added is on disk; rejects otherwise, and may be tried again. */
  flush(): Promise<void>
}

/** Bounds on the files of dead letters. */
export interface DeadLetterLimits {
  /** Bytes of a file, after which the next is begun. */
  readonly maxBytes: number
  /** Files that are kept besides the current one; older ones are removed. */
  readonly maxFiles: number
}

export const DEFAULT_DEAD_LETTERS: DeadLetterLimits = { maxBytes: 100_000_000, maxFiles: 10 }

/**
 * Dead letters as NDJSON in a file that is rotated by size. Kept in memory until `flush`, which the engine calls before
 * each save: so no position is ever saved that lies beyond a letter which is not on disk. After a crash the letters of
 * what is read again come again.
 */
export class DeadLetterFile implements DeadLetters {
  readonly #path: string
  readonly #limits: DeadLetterLimits
  #lines: string[] = []
  #pending = 0

  constructor(path: string, limits: DeadLetterLimits = DEFAULT_DEAD_LETTERS) {
    this.#path = path
    this.#limits = limits
  }

  get pending(): number {
    return this.#pending
  }

  add(letter: DeadLetter): void {
    const line = deadLetterLine(letter)
    this.#lines.push(line)
    this.#pending += line.length
  }

  async flush(): Promise<void> {
    const lines = this.#lines
    if (lines.length === 0) return
    // What is added from now on waits for the next flush.
    this.#lines = []
    try {
      await this.#append(lines)
    } catch (error) {
      this.#lines = [...lines, ...this.#lines]
      throw error
    }
    this.#pending -= lines.reduce((sum, line) => sum + line.length, 0)
  }

  async #append(lines: readonly string[]): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    await this.#endTornLine()
    await this.#write(lines)
    await this.#sync()
  }

  async #write(lines: readonly string[]): Promise<void> {
    const stream = createStream(basename(this.#path), {
      path: dirname(this.#path),
      size: `${this.#limits.maxBytes}B`,
      maxFiles: this.#limits.maxFiles,
    })
    const done = finished(stream)
    // Whatever goes wrong is what `done` rejects with; waiting for room must not wait for ever then.
    done.catch(() => {})
    for (const line of lines) if (!stream.write(line)) await Promise.race([once(stream, 'drain'), done])
    stream.end()
    await done
  }

  /** A crash, or a full disk, may have left part of a line. */
  async #endTornLine(): Promise<void> {
    const file = await open(this.#path, 'a+')
    try {
      const { size } = await file.stat()
      if (size === 0) return
      const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 })
      if (buffer[0] !== 0x0a) await file.write('\n')
    } finally {
      await file.close()
    }
  }

  /** What was written before a rotation is synced with the file that has its name now only in part: rotation is rare. */
  async #sync(): Promise<void> {
    const file = await open(this.#path, 'a')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
}
