import type { Writable } from 'node:stream'
import type { Io } from '../src/commands/io.js'

/** What a command has of the world outside when it runs in this process: it writes to streams of the caller. */
export function ioTo(stdout: Writable, stderr: Writable): Io {
  return {
    stdin: process.stdin,
    stdout,
    stderr,
    columns: undefined,
    interactive: false,
    now: Date.now,
    nodeVersion: process.versions.node,
    quit: process.exit,
  }
}
