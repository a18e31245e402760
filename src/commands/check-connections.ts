import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { Chosen, Config } from '../config/load.js'
import type { SinkKind, SourceKind, Surroundings } from '../daemon/kind.js'
import { explained } from '../state/errors.js'
import { within } from '../waiting.js'
import { type Io, print } from './io.js'

/** Longest that one connection is tried, in milliseconds. */
const PATIENCE = 60_000

/** One thing to try, with what is said of it in one line. */
type Try = readonly [what: string, attempt: () => Promise<string>]

/** Tries what the configuration names, all at once, and prints a line for each. Returns whether all of it works. */
export async function checkConnections(io: Io, config: Config, log: Logger): Promise<boolean> {
  const around = (name: string): Surroundings => ({ log: log.child({ name }), count: () => {} })
  const tries: Try[] = [
    [`state ${config.state.directory}`, () => tryState(config.state.directory)],
    ...config.sources.map((one): Try => [`source ${one.name}`, () => trySource(one, around(one.name))]),
    ...config.sinks.map((one): Try => [`sink ${one.name}`, () => trySink(one, around(one.name))]),
  ]
  const results = await Promise.all(tries.map(([, attempt]) => outcome(attempt)))
  for (const [index, { works, said }] of results.entries())
    await print(io.stdout, `${works ? 'ok  ' : 'FAIL'} ${tries[index]![0]}: ${said}`)
  return results.every(({ works }) => works)
}

async function outcome(attempt: () => Promise<string>): Promise<{ works: boolean; said: string }> {
  try {
    const said = await within(PATIENCE, attempt(), `no answer within ${PATIENCE / 1000} s`)
    return { works: true, said }
  } catch (error) {
    return { works: false, said: explained(error) }
  }
}

async function tryState(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true })
  await access(directory, constants.W_OK)
  return 'can be written'
}

async function trySource({ kind, settings }: Chosen<SourceKind>, around: Surroundings): Promise<string> {
  return kind.check(settings, around)
}

async function trySink({ kind, name, settings }: Chosen<SinkKind>, around: Surroundings): Promise<string> {
  const sink = kind.open(name, settings, around)
  try {
    await sink.check?.()
    return sink.check ? 'connected' : 'needs no connection'
  } finally {
    await sink.close()
  }
}
