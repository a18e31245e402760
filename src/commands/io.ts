import type { Readable, Writable } from 'node:stream'

/** What a command has of the world outside: handed in, so that tests run a command as a user does. */
export interface Io {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Width of the terminal in characters; `undefined` where there is none. */
  readonly columns: number | undefined
  /** Whether standard error is a terminal, on which progress can be shown. */
  readonly interactive: boolean
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
  /** Version of Node.js, such as 24.14.1. */
  readonly nodeVersion: string
  /** Ends the process at once, whatever is under way. */
  readonly quit: (code: number) => void
}

/** Writes a text and waits until the stream has taken it. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.write(text)) return
  await new Promise<void>((resolve) => stream.once('drain', resolve))
}

/** Writes a line. */
export async function print(stream: Writable, line: string): Promise<void> {
  await write(stream, `${line}\n`)
}

/** Something the user has to put right in how the command was called: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
