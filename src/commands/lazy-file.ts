import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A file that comes into being with its first line. Written at once and not in the background, so that a full disk
 * ends the run instead of losing lines, and lines never pile up in memory.
 */
export class LazyFile {
  /** Whether anything was written. */
  used = false
  readonly #path: string
  #handle: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  open(): number {
    if (this.#handle !== undefined) return this.#handle
    mkdirSync(dirname(this.#path), { recursive: true })
    this.#handle = openSync(this.#path, 'w')
    return this.#handle
  }

  write(line: string): void {
    appendFileSync(this.open(), line)
    this.used = true
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle)
    this.#handle = undefined
  }
}
