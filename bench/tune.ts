import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { main as agentwarden } from '../src/main.js'
import { packagePath } from '../src/package-root.js'
import { cpuSeconds, inChild, middle } from './child.js'
import { ioTo } from './io.js'
import { atMost, figure, lineText } from './report.js'

/**
 * What it takes to try all values of all parameters on the sample tenant, against a plain replay of it: processor time,
 * each run in a process of its own, one after the other.
 */
const SCRIPT = fileURLToPath(import.meta.url)
const ROUNDS = 3
/** The most that a sweep may take, in plain replays. */
const MOST = 3

const WHOSE = ['--agents', packagePath('samples/agents.yaml'), '--identities', 'workloads']
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  replay: ['replay', '--format', 'ndjson'],
  tune: ['tune', '--json'],
}

interface Taken {
  readonly seconds: number
  readonly written: number
}

/** Runs a command on the samples in this process: seconds of the processor, and characters of the result. */
async function run(name: string): Promise<Taken> {
  let written = 0
  const counting = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.length
        done()
      },
    })
  const io = ioTo(counting(), counting())
  const start = cpuSeconds()
  const code = await agentwarden([...COMMANDS[name]!, packagePath('samples'), ...WHOSE, '--quiet'], io)
  if (code !== 0 || written === 0) throw new Error(`${name} ended with ${code} and ${written} characters`)
  return { seconds: cpuSeconds() - start, written }
}

async function compare(): Promise<void> {
  const seconds: Record<string, number[]> = { replay: [], tune: [] }
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, some] of Object.entries(seconds))
      some.push((await inChild<Taken>(SCRIPT, name)).seconds)
  const [replay, tune] = [middle(seconds.replay!), middle(seconds.tune!)]
  console.log(`Node ${process.version}, the sample tenant, medians of ${ROUNDS}`)
  console.log(lineText(figure('replay, processor time', `${replay.toFixed(2)} s`)))
  console.log(lineText(figure('tune, processor time', `${tune.toFixed(2)} s`)))
  console.log(lineText(atMost('tune / replay', tune / replay, MOST)))
}

const [task] = process.argv.slice(2)
if (task === undefined) await compare()
else process.send!(await run(task), () => process.disconnect())
