import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { Io } from '../../src/commands/io.js'
import { NOW } from './now.js'

/** What a command that tests make themselves, with servers of their own, has printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/** Runs such a command. @throws what the command throws */
export async function printedBy(make: (io: Io) => Command, args: readonly string[]): Promise<Printed> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const printed = Promise.all([text(stdout), text(stderr)])
  const quit = (code: number) => {
    throw new Error(`quit with ${code}`)
  }
  const streams = { stdin, stdout, stderr, columns: undefined, interactive: false }
  const io: Io = { ...streams, now: () => NOW, nodeVersion: '24.14.1', quit }
  try {
    await make(io)
      .exitOverride()
      .parseAsync([...args], { from: 'user' })
  } finally {
    stdout.end()
    stderr.end()
  }
  const [out, err] = await printed
  return { stdout: out, stderr: err }
}
