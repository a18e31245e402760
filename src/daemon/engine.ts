import type { Alert } from '../alerts/alert.js'
import type { RiskLevel } from '../alerts/risk.js'
import { StateDamaged } from '../state/errors.js'
import { AlertFeed } from './alert-feed.js'
import { NO_POLICY } from './alert-policy.js'
import { DEFAULT_OUTBOX, DurableOutbox } from './durable-outbox.js'
import type { Ended, EngineOptions } from './engine-options.js'
import type { Outbox } from './outbox.js'
import { Pipeline, type Rules } from './pipeline.js'
import { damageAlert, gapAlert } from './platform-findings.js'
import { DEFAULT_QUEUES, PartitionQueues, type Queued } from './queues.js'
import { SaveCycle } from './save-cycle.js'
import { loadRecord, type SavedParts } from './saved-state.js'
import { SaveSchedule } from './schedule.js'
import { Slices } from './slices.js'
import type { Fatal } from './source.js'
import { type PortEvents, sourcePort } from './source-port.js'
import type { EngineStatus } from './status.js'
import { type Connection, statusOf } from './status-of.js'

export type { Ended, EngineOptions } from './engine-options.js'

/** Bytes of dead letters that may wait for the next save. */
const MAX_DEAD_LETTERS = 8 * 1024 * 1024

/**
 * The heart of the daemon: takes messages from the sources, scores them, and saves state, positions and alerts
 * together. All of it on one loop, which rests every few milliseconds; only the write to disk goes on beside it.
 */
export class Engine {
  readonly #options: EngineOptions
  readonly #slices: Slices
  readonly #queues: PartitionQueues
  readonly #feed = new AlertFeed()
  readonly #outbox: DurableOutbox
  readonly #cycle: SaveCycle
  readonly #schedule: SaveSchedule
  readonly #connections = new Map<string, Connection>()
  /** What is to be done between two messages. */
  readonly #tasks: (() => Promise<void>)[] = []
  #pipeline: Pipeline
  #state: 'new' | 'running' | 'draining' | 'ended' = 'new'
  #loop: Promise<void> = Promise.resolve()
  #stateBytes = 0
  #fatal: Ended | undefined
  #wake = () => {}
  #end!: (ended: Ended) => void
  /** Resolves when the engine has ended, for whatever reason. */
  readonly ended = new Promise<Ended>((resolve) => {
    this.#end = resolve
  })

  constructor(options: EngineOptions) {
    const { store, sources, deadLetters, now, hook, monotonic = () => performance.now() } = options
    this.#options = options
    this.#slices = new Slices(monotonic)
    this.#queues = new PartitionQueues({ ...DEFAULT_QUEUES, ...options.queues }, monotonic)
    this.#schedule = new SaveSchedule(options.saves, monotonic)
    this.#pipeline = this.#newPipeline()
    const limits = { ...DEFAULT_OUTBOX, ...options.outbox }
    this.#outbox = new DurableOutbox(store, options.sinks, limits, () => this.#wake())
    this.#cycle = new SaveCycle({
      ...{ store, sources, deadLetters, now, monotonic, hook },
      parts: () => this.#parts,
      failed: (error) => options.trouble?.('the state could not be saved', error),
      over: (error) => this.#saveOver(error),
    })
  }

  /** The alerts that are on disk and not delivered. */
  get outbox(): Outbox {
    return this.#outbox
  }

  /**
   * Opens the state, puts it aside if it is damaged, and begins to read.
   * @throws StateLocked, StateNewer, or Error if the state can't be used.
   */
  async start(): Promise<void> {
    await this.#load()
    this.#pipeline.begin()
    this.#state = 'running'
    this.#schedule.begun()
    if (this.#feed.pending > 0) this.#schedule.alerted()
    this.#loop = this.#run().catch((error: Error) => void this.#fail('crashed', error))
    for (const source of this.#options.sources) {
      const port = sourcePort(source, this.#queues, this.#events)
      await source.start(port).catch((error: Error) => void this.#fail('crashed', error))
    }
  }

  /** Sends out an alert about the platform with the next save. */
  raise(alert: Alert): void {
    this.#feed.raise(alert)
    this.#schedule.alerted()
    this.#wake()
  }

  /** Goes on with other detections, suppressions and another inventory. Resolves when they are in use; nothing is forgotten. */
  reload(rules: Rules): Promise<void> {
    return this.#inLoop(async () => {
      await this.#save()
      this.#slices.begin()
      await this.#pipeline.change(rules, this.#slices)
    })
  }

  /** Saves all that was scored up to now. Resolves when it is on disk. */
  save(): Promise<void> {
    return this.#inLoop(() => this.#save())
  }

  /**
   * Stops reading and saves what was scored; the outbox can be read and advanced until `stop`.
   * @throws Error if it can't be saved: one attempt is made.
   */
  async drain(): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    this.#cycle.hurry()
    this.#wake()
    await this.#stopSources()
    await this.#loop
    await this.#save()
  }

  /** Stops reading, saves, and closes the state. What was read and not scored will be read again. */
  async stop(): Promise<void> {
    try {
      await this.drain()
      if (this.#state === 'draining' && this.#outbox.moved) await this.#save()
    } finally {
      await this.#close()
    }
  }

  /** What it counts and measures, made anew. O(partitions). */
  status(): EngineStatus {
    return statusOf({
      pipeline: this.#pipeline,
      queues: this.#queues,
      outbox: this.#outbox,
      store: this.#options.store,
      cycle: this.#cycle,
      connections: this.#connections,
      stateBytes: this.#stateBytes,
      waitingFor: this.#obstacle(),
      now: this.#options.now(),
    })
  }

  /** How many agents are at each level of risk now. O(agents). */
  agentsByRisk(): ReadonlyMap<RiskLevel, number> {
    return this.#pipeline.stream.scorer.agentsByRisk()
  }

  get #parts(): SavedParts {
    const { policy = NO_POLICY } = this.#options
    return {
      stream: this.#pipeline.stream,
      feed: this.#feed,
      queues: this.#queues,
      outbox: this.#outbox,
      policy,
    }
  }

  get #events(): PortEvents {
    const { now, trouble } = this.#options
    return {
      changed: () => this.#wake(),
      connection: (source, up, detail) => void this.#connections.set(source, { up, detail }),
      gap: (source, gap) => this.raise(gapAlert(source, gap, now())),
      fatal: (reason, error) => {
        trouble?.(`the source is ${reason}`, error)
        void this.#fail(reason, error)
      },
    }
  }

  #newPipeline(): Pipeline {
    const { detections, selector, suppressions, stream, limits, tenants, deadLetters, now } = this.#options
    const rules = { detections, selector, suppressions }
    return new Pipeline({ ...rules, stream, limits, tenants, deadLetters, now, feed: this.#feed })
  }

  async #load(): Promise<void> {
    const { store, now, trouble } = this.#options
    try {
      await store.open((key, value) => loadRecord(key, value, this.#parts))
    } catch (error) {
      if (!(error instanceof StateDamaged)) throw error
      const aside = await store.putAside(now())
      trouble?.(`the state is damaged and was put aside as ${aside}`, error)
      this.#startAnew()
      await store.open()
      this.#feed.raise(damageAlert(error, aside, now()))
    }
  }

  /** Forgets what was loaded of a damaged state. */
  #startAnew(): void {
    this.#pipeline = this.#newPipeline()
    this.#outbox.reset()
    this.#queues.forget()
    this.#feed.reset()
    this.#options.policy?.load(undefined)
  }

  async #run(): Promise<void> {
    this.#slices.begin()
    while (this.#state === 'running') {
      const task = this.#tasks.shift()
      if (task) await task()
      else if (this.#isSaveDue()) await this.#beginSave()
      else await this.#step()
    }
    for (const task of this.#tasks.splice(0)) await task()
  }

  async #step(): Promise<void> {
    const next = this.#obstacle() ? undefined : this.#queues.next()
    if (typeof next === 'object') return this.#score(next)
    const untilSave = this.#cycle.isWriting ? Number.POSITIVE_INFINITY : this.#schedule.wait
    await this.#idle(Math.min(next ?? Number.POSITIVE_INFINITY, untilSave))
  }

  async #score(queued: Queued): Promise<void> {
    this.#pipeline.take(queued)
    this.#schedule.changed(queued.message.body.length)
    if (this.#pipeline.hasDue) for (const _ of this.#pipeline.due()) await this.#rest()
    if (this.#newAlerts > 0) this.#schedule.alerted()
    await this.#rest()
  }

  async #rest(): Promise<void> {
    if (this.#slices.over) await this.#slices.pause()
  }

  async #idle(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, 60_000))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#slices.begin()
  }

  get #newAlerts(): number {
    return this.#feed.pending + this.#pipeline.stream.scorer.book.raised
  }

  #obstacle(): EngineStatus['waitingFor'] {
    if (this.#state === 'new') return 'start'
    if (this.#state !== 'running') return 'stopped'
    if (this.#cycle.saver.failure !== undefined || this.#schedule.isTooMuch) return 'state'
    if (this.#options.deadLetters.pending > MAX_DEAD_LETTERS) return 'dead-letters'
    return this.#outbox.isFull(this.#newAlerts) ? 'outbox' : undefined
  }

  #isSaveDue(): boolean {
    if (this.#cycle.isWriting) return false
    const obstacle = this.#obstacle()
    return (
      this.#schedule.isDue || obstacle === 'dead-letters' || (obstacle === 'outbox' && this.#outbox.moved)
    )
  }

  async #beginSave(): Promise<void> {
    this.#schedule.begun(await this.#cycle.begin())
    this.#slices.begin()
  }

  async #save(): Promise<void> {
    await this.#cycle.settled()
    await this.#beginSave()
    await this.#cycle.settled()
  }

  #saveOver(error: Error | undefined): void {
    if (error && this.#state === 'running') void this.#fail('crashed', error)
    void this.#options.store.bytes().then((bytes) => {
      this.#stateBytes = bytes
    })
    this.#wake()
  }

  #inLoop(task: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject))
      this.#wake()
    })
  }

  async #stopSources(): Promise<void> {
    this.#queues.clear()
    await Promise.all(this.#options.sources.map((source) => source.stop()))
    this.#queues.clear()
  }

  /** Ends because it can't go on. Saves what it has, unless another instance has taken over. */
  async #fail(reason: Fatal, error: Error): Promise<void> {
    if (reason === 'fenced') this.#cycle.saver.abandon(error)
    this.#fatal ??= { reason, error }
    if (this.#state !== 'running') return
    this.#state = 'draining'
    this.#cycle.hurry()
    this.#wake()
    await this.#stopSources()
    await this.#loop
    if (reason === 'crashed') await this.#save().catch(() => {})
    await this.#close()
  }

  async #close(): Promise<void> {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#outbox.close()
    await this.#cycle.settled().catch(() => {})
    await this.#options.store.close()
    this.#end(this.#fatal ?? { reason: 'stopped' })
  }
}
