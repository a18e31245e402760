import { existsSync } from 'node:fs'
import { Command } from 'commander'
import type { Logger } from 'pino'
import { configJsonSchema } from '../config/json-schema.js'
import { type Config, defaultConfig, loadConfig } from '../config/load.js'
import { ProblemsError } from '../config/yaml.js'
import { loadContent } from '../daemon/assemble.js'
import { Daemon } from '../daemon/daemon.js'
import type { Ended } from '../daemon/engine.js'
import { createLog } from '../daemon/log.js'
import { explained, StateLocked } from '../state/errors.js'
import { checkConnections } from './check-connections.js'
import { EXIT } from './exit-codes.js'
import { type Io, print, UsageError, write } from './io.js'
import { weaknessOf } from './node-version.js'
import { onSignals } from './signals.js'

interface RunFlags {
  readonly config?: string
  readonly check?: boolean
  readonly schema?: boolean
  readonly once?: boolean
  readonly allowUnpatchedNode?: boolean
}

const DEFAULT_FOLDER = 'logs'

/** Milliseconds that is waited at the end for what client libraries leave open. */
const LINGER = 1_000

const NOTES = `
Examples:
  agentwarden run                                  follows ./logs, keeps state in ./state, prints alerts
  agentwarden run --config agentwarden.yaml --check
  agentwarden run --config agentwarden.yaml
  agentwarden run samples --once

Alerts go to the sinks, the log to standard error. SIGTERM and SIGINT stop it: what was read is saved, alerts are
delivered, within the grace time of the configuration. SIGHUP reads detections, overrides, inventory, limits,
suppressions, silence rules and canaries anew, and keeps the old ones if the new are wrong.
Exit code: 0 stopped or all read, 1 failed, 2 wrong usage or configuration, 3 another instance has taken over.`

/** `agentwarden run`: the daemon. */
export function runCommand(io: Io, exit: (code: number) => void, version: string): Command {
  return new Command('run')
    .description('watch the logs of Entra live: read sources, keep state, deliver alerts')
    .argument('[path...]', `without --config: files and folders to follow; ./${DEFAULT_FOLDER} by default`)
    .option('--config <file>', 'configuration, YAML')
    .option('--check', 'check the configuration, try every connection, and end')
    .option('--schema', 'print the JSON schema of the configuration, and end')
    .option('--once', 'end when all sources are read to their end')
    .option('--allow-unpatched-node', 'start with --config on a Node.js that a writer of logs could stall')
    .addHelpText('after', NOTES)
    .action(async (paths: string[], flags: RunFlags) => exit(await run(io, version, paths, flags)))
}

async function run(io: Io, version: string, paths: readonly string[], flags: RunFlags): Promise<number> {
  if (flags.schema) {
    await write(io.stdout, await configJsonSchema())
    return EXIT.done
  }
  const weakness = weaknessOf(io.nodeVersion)
  if (weakness && flags.config !== undefined && !flags.allowUnpatchedNode)
    throw new UsageError(`${weakness}, or accept that with --allow-unpatched-node`)
  const config = await configOf(paths, flags)
  const content = await loadContent(config)
  const log = createLog(io.stderr, config.log.level)
  if (weakness) log.warn(weakness)
  if (flags.check) return (await checkConnections(io, config, log)) ? EXIT.done : EXIT.failed
  const daemon = new Daemon(config, content, { log, version, now: io.now })
  return new Run(io, config, flags, daemon, log, version).code()
}

async function configOf(paths: readonly string[], { config }: RunFlags): Promise<Config> {
  if (config !== undefined && paths.length > 0)
    throw new UsageError('the configuration names the sources: leave out the paths, or --config')
  if (config !== undefined) return loadConfig(config)
  const folders = paths.length > 0 ? paths : [DEFAULT_FOLDER]
  const missing = folders.find((path) => !/[*?{[]/.test(path) && !existsSync(path))
  if (missing !== undefined)
    throw new UsageError(`${missing}: no such file or directory; name what to follow, or a --config`)
  return defaultConfig(folders)
}

/** One daemon, from its start to the exit code. */
class Run {
  readonly #io: Io
  readonly #config: Config
  readonly #flags: RunFlags
  readonly #daemon: Daemon
  readonly #log: Logger
  readonly #version: string
  #started: Promise<void> = Promise.resolve()
  #reloading: Promise<void> = Promise.resolve()
  #asked = false
  #ask!: () => void
  /** Resolves when somebody wants it to stop. */
  readonly #stopAsked = new Promise<'asked'>((resolve) => {
    this.#ask = () => resolve('asked')
  })

  constructor(io: Io, config: Config, flags: RunFlags, daemon: Daemon, log: Logger, version: string) {
    this.#version = version
    this.#io = io
    this.#config = config
    this.#flags = flags
    this.#daemon = daemon
    this.#log = log
  }

  /** Runs until it is told to stop or can't go on; never longer than the grace time after that. */
  async code(): Promise<number> {
    const forget = onSignals({
      stop: (signal, number) => this.#stop(signal, number),
      reload: () => this.#reload(),
      crash: (error) => this.#crash(error),
    })
    try {
      const code = await this.#run()
      setTimeout(() => this.#io.quit(code), LINGER).unref()
      return code
    } finally {
      forget()
    }
  }

  async #run(): Promise<number> {
    this.#log.info({ version: this.#version }, 'starting')
    this.#started = this.#daemon.start()
    const failure = await Promise.race([this.#started.then(() => undefined, asError), this.#stopAsked])
    if (failure instanceof Error) return this.#didNotStart(failure)
    const end = await Promise.race([this.#daemon.ended, this.#stopAsked, this.#allRead()])
    return typeof end === 'object' ? this.#ended(end) : this.#finish()
  }

  async #allRead(): Promise<'read'> {
    if (!this.#flags.once) return new Promise(() => {})
    await this.#daemon.untilRead()
    return 'read'
  }

  /** Stops in good order, or not at all any more once the grace time is over. */
  async #finish(): Promise<number> {
    const { grace } = this.#config
    const stopped = this.#started.then(() => this.#daemon.stop(grace)).then(() => EXIT.done, asError)
    const result = await Promise.race([stopped, after(grace, 'late' as const)])
    if (result === EXIT.done) this.#log.info('stopped')
    else if (result === 'late') this.#log.error('not stopped within the grace time: given up')
    else this.#log.error({ err: result }, 'could not stop in good order')
    if (result === 'late') setImmediate(() => this.#io.quit(EXIT.failed))
    return result === EXIT.done ? EXIT.done : EXIT.failed
  }

  async #didNotStart(error: Error): Promise<number> {
    await this.#daemon.close()
    this.#log.fatal({ err: error }, 'could not start')
    await print(this.#io.stderr, `error: ${explained(error)}`)
    return error instanceof StateLocked ? EXIT.elsewhere : EXIT.failed
  }

  async #ended({ reason, error }: Ended): Promise<number> {
    this.#log.fatal({ err: error }, reason === 'fenced' ? 'another instance has taken over' : 'cannot go on')
    await this.#daemon.close()
    return reason === 'fenced' ? EXIT.elsewhere : EXIT.failed
  }

  #stop(signal: NodeJS.Signals, number: number): void {
    if (this.#asked) this.#io.quit(128 + number)
    this.#asked = true
    this.#log.info({ signal, grace: this.#config.grace }, 'stopping; once more to stop at once')
    this.#ask()
  }

  #reload(): void {
    this.#reloading = this.#reloading.then(() => this.#reloadOnce())
  }

  async #reloadOnce(): Promise<void> {
    const { config } = this.#flags
    if (config === undefined) return this.#log.warn('nothing is read anew without --config')
    try {
      await this.#started
      const waiting = await this.#daemon.reload(() => loadConfig(config))
      this.#log.info('reloaded')
      if (waiting.length > 0) this.#log.warn({ waiting }, 'changes that count from the next start only')
    } catch (error) {
      const problems = error instanceof ProblemsError ? error.message.split('\n') : [explained(error)]
      this.#log.error({ problems }, 'not reloaded: what was read before goes on')
    }
  }

  #crash(error: unknown): void {
    this.#log.fatal({ err: error }, 'crashed')
    this.#io.quit(EXIT.failed)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function after<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value).unref())
}
