import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Connect } from '../../src/commands/workspace.js'
import { main } from '../../src/main.js'
import { NOW } from './now.js'

export { NOW }

/** What a user sees of a command. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  /** What comes in on standard input, in chunks. */
  readonly stdin?: readonly (string | Buffer)[]
  readonly columns?: number
  readonly interactive?: boolean
  readonly now?: number
  readonly nodeVersion?: string
  /** How workspaces are reached; as in production unless given. */
  readonly connect?: Connect
}

class Sink extends Writable {
  readonly #chunks: Buffer[] = []
  /** What progress bars ask for before they draw. */
  readonly isTTY = true

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk)
    done()
  }
}

/** Runs a command as a user does, in this process. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const { stdin = [], columns, interactive = false, now = NOW, nodeVersion = '24.14.1', connect } = options
  const stdout = new Sink()
  const stderr = new Sink()
  const streams = { stdin: Readable.from(stdin, { objectMode: false }), stdout, stderr }
  const quit = (value: number) => {
    throw new Error(`quit with ${value}`)
  }
  const io = { ...streams, columns, interactive, now: () => now, nodeVersion, quit }
  const code = await main(args, io, connect)
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** Runs `agentwarden replay` and returns its alerts. Fails unless it ends well. */
export async function alertsOf(args: readonly string[], options: CliOptions = {}): Promise<Alert[]> {
  const { code, stdout, stderr } = await cli(['replay', ...args, '--format', 'ndjson', '--quiet'], options)
  if (code !== 0 || stderr !== '') throw new Error(`exit code ${code}: ${stderr}`)
  return linesOf<Alert>(stdout)
}

/** NDJSON as values. */
export function linesOf<T>(text: string): T[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as T)
}

/** Lets the tests of a file run in a folder of their own, from now on and until the last of them is done. */
export function inTempFolder(): void {
  const before = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'agentwarden-'))
  process.chdir(folder)
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })
}
