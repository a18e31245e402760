import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/load.js'
import { type Content, engineSettings, loadContent, needsRestart, silenceRules } from './assemble.js'
import { CanaryCounts } from './canaries.js'
import { DeadLetterFile } from './dead-letter-file.js'
import { Delivery } from './delivery.js'
import { type Ended, Engine } from './engine.js'
import { isHealthy, isReady, type Verdict } from './health.js'
import type { Surroundings } from './kind.js'
import { Limits } from './limits.js'
import { Metrics } from './metrics.js'
import { ObservedSource } from './observed-source.js'
import type { OutboxEntry } from './outbox.js'
import type { Rules } from './pipeline.js'
import { DaemonPolicy } from './policy.js'
import { type Answer, json, type Pages, type RunningServer, serve } from './server.js'
import { SilenceWatch } from './silence.js'
import type { Sink } from './sink.js'
import { sourceStates } from './source-states.js'
import type { EngineStatus } from './status.js'

/** What a daemon has of the world outside. */
export interface World {
  readonly log: Logger
  readonly version: string
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
}

/** How often is looked at how things stand, in milliseconds. */
const LOOK_EVERY = 1_000

/** How often is looked whether all is read, where the daemon is to end then. */
const READ_EVERY = 100

/** Sources, engine, delivery, metrics and health of one process, from its start to its end. */
export class Daemon {
  #config: Config
  readonly #world: World
  readonly #engine: Engine
  readonly #sources: readonly ObservedSource[]
  readonly #sinks: readonly Sink[]
  readonly #policy: DaemonPolicy
  readonly #silence: SilenceWatch
  readonly #canaries = new CanaryCounts()
  readonly #metrics: Metrics
  #delivery: Delivery | undefined
  #server: RunningServer | undefined
  #looking: NodeJS.Timeout | undefined
  #saves = 0

  constructor(config: Config, content: Content, world: World) {
    this.#config = config
    this.#world = world
    this.#metrics = new Metrics(
      () => ({
        engine: this.status(),
        sinks: this.#delivery?.figures() ?? [],
        risks: this.#engine.agentsByRisk(),
      }),
      world.version,
    )
    this.#silence = new SilenceWatch(silenceRules(config))
    this.#policy = new DaemonPolicy(
      new Limits(config.limits, content.suppressions),
      this.#silence,
      (alerts) => this.#metrics.countAlerts(alerts),
    )
    this.#sources = config.sources.map(
      ({ kind, name, settings }) => new ObservedSource(kind.open(name, settings, this.#around(name))),
    )
    this.#sinks = config.sinks.map(({ kind, name, settings }) =>
      kind.open(name, settings, this.#around(name)),
    )
    this.#engine = this.#newEngine(content)
  }

  /** Resolves when it has ended, for whatever reason. */
  get ended(): Promise<Ended> {
    return this.#engine.ended
  }

  /** Address of the status pages; `undefined` if they are not served. */
  get address(): string | undefined {
    return this.#server?.address
  }

  /**
   * Serves the status pages, restores the state, begins to read and to deliver.
   * @throws Error if the port is taken, or the state can't be used (`StateLocked`, `StateNewer`)
   */
  async start(): Promise<void> {
    const { server } = this.#config
    if (server.enabled) this.#server = await serve(this.#pages, server.host, server.port)
    await this.#engine.start()
    this.#delivery = this.#newDelivery()
    this.#delivery.start()
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY)
    this.#world.log.info({ address: this.address }, 'running')
  }

  /**
   * Stops reading, saves, delivers what it can and ends. What is left in the outbox waits for the next start.
   * @param grace milliseconds that it may take @throws Error if the state could not be saved
   */
  async stop(grace: number): Promise<void> {
    const end = performance.now() + grace
    clearInterval(this.#looking)
    try {
      await this.#engine.drain()
      // The last save needs a little of the time.
      const left = await this.#delivery?.stop(Math.max(0, 0.9 * (end - performance.now())))
      if (left) this.#world.log.warn({ alerts: left }, 'alerts wait in the outbox for the next start')
    } finally {
      await this.#engine.stop()
      await this.close()
    }
  }

  /** Frees what is left once the engine has ended by itself. */
  async close(): Promise<void> {
    clearInterval(this.#looking)
    await this.#delivery?.stop(0)
    await this.#server?.close()
    this.#metrics.close()
  }

  /** Resolves once every source is read to its end and all of it is scored. */
  async untilRead(): Promise<void> {
    for (let before = -1; ; ) {
      const status = this.status()
      const read = this.#sources.every(({ assigned }) => assigned) && isRead(status)
      if (read && status.messages === before) return
      before = read ? status.messages : -1
      await new Promise((resolve) => setTimeout(resolve, READ_EVERY))
    }
  }

  /**
   * Goes on with other detections, inventory, limits, suppressions, silence rules and canaries. Nothing changes if any
   * of them can't be read. Returns the names of other parts that differ: they count from the next start.
   * @throws ProblemsError if something is wrong with configuration, detections or inventory
   */
  async reload(read: () => Promise<Config>): Promise<readonly string[]> {
    try {
      const config = await read()
      const content = await loadContent(config)
      await this.#engine.reload(this.#rules(content))
      this.#policy.setLimits(new Limits(config.limits, content.suppressions))
      this.#silence.setRules(silenceRules(config))
      this.#canaries.watch(silenceRules(config).canaries.map(({ agent }) => agent))
      const waiting = needsRestart(this.#config, config)
      this.#config = { ...this.#config, silence: config.silence }
      this.#metrics.reloaded('success')
      return waiting
    } catch (error) {
      this.#metrics.reloaded('failure')
      throw error
    }
  }

  status(): EngineStatus {
    return this.#engine.status()
  }

  get #pages(): Pages {
    return new Map<string, () => Answer | Promise<Answer>>([
      ['/metrics', () => this.#metricsPage()],
      ['/healthz', () => answer(this.#health())],
      ['/readyz', () => answer(isReady(this.status(), this.#names))],
    ])
  }

  get #names(): readonly string[] {
    return this.#sources.map(({ name }) => name)
  }

  async #metricsPage(): Promise<Answer> {
    return { status: 200, ...(await this.#metrics.page()) }
  }

  #health(): Verdict {
    return isHealthy(this.status(), this.#silence.stuckFor, this.#config.silence.stuck)
  }

  #newEngine(content: Content): Engine {
    const { log, now } = this.#world
    this.#canaries.watch(silenceRules(this.#config).canaries.map(({ agent }) => agent))
    return new Engine({
      ...engineSettings(this.#config),
      sources: this.#sources,
      ...this.#rules(content),
      policy: this.#policy,
      now,
      trouble: (what, error) => log.error({ err: error }, what),
    })
  }

  #rules({ detections, suppressions, population, inventory }: Content): Rules {
    return { detections, suppressions, selector: this.#canaries.selector(population, inventory) }
  }

  #newDelivery(): Delivery {
    const sinks = this.#sinks
    const files = new Map(sinks.map(({ name }) => [name, this.#refusedFile(name)]))
    return new Delivery({
      outbox: this.#engine.outbox,
      sinks,
      log: this.#world.log,
      deadLetters: async (sink, entries, reason) => {
        const file = files.get(sink)!
        for (const entry of entries) file.add(refusedLetter(sink, entry, reason))
        await file.flush()
      },
    })
  }

  /** A file for each sink, as each delivers on its own. */
  #refusedFile(sink: string): DeadLetterFile {
    return new DeadLetterFile(join(this.#config.state.directory, `refused-by-${sink}.ndjson`))
  }

  #around(name: string): Surroundings {
    return {
      log: this.#world.log.child({ name }),
      count: (event, by = 1) => this.#metrics.countEvent(name, event, by),
    }
  }

  /** Takes note of how things stand. */
  #look(): void {
    const status = this.status()
    const clocks = { monotonic: performance.now(), now: this.#world.now() }
    const seen = { ...clocks, sources: sourceStates(this.#names, status), categories: status.records }
    const alerts = this.#silence.observe({ ...seen, canaries: this.#canaries.counts })
    for (const alert of alerts) this.#engine.raise(alert)
    if (status.state.saves !== this.#saves) this.#metrics.saved(status.state.seconds)
    this.#saves = status.state.saves
  }
}

/** Whether the sources have nothing more, and nothing waits here. */
function isRead({ partitions, queueBytes, waitingFor }: EngineStatus): boolean {
  const behind = partitions.some((one) => one.assigned && one.behind !== 0)
  return !behind && queueBytes === 0 && waitingFor === undefined
}

function refusedLetter(source: string, { alert }: OutboxEntry, detail: string) {
  return { reason: 'refused-by-sink', detail, source, record: alert }
}

function answer({ ok, reasons }: Verdict): Answer {
  return json(ok ? 200 : 503, { ok, reasons })
}
