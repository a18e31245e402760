import { z } from 'zod'
import type { Alert } from '../alerts/alert.js'
import { type PlatformFinding, platformAlert } from '../alerts/platform.js'
import { getOrAdd } from '../collections.js'
import { Heartbeat, savedHeartbeat, type Terms } from './heartbeat.js'
import {
  awayFinding,
  canaryFinding,
  categoryFinding,
  hubFinding,
  partitionFinding,
  type Silent,
  stuckFinding,
} from './silence-findings.js'

/** How a partition stands: messages of it that were scored so far, and messages that were not yet. */
export interface PartitionState {
  readonly scored: number
  readonly behind: number
}

/** How a source stands. */
export interface SourceState {
  readonly name: string
  readonly connected: boolean
  /** Messages that were scored so far, also of partitions that are not read any more. */
  readonly scored: number
  readonly partitions: ReadonlyMap<string, PartitionState>
}

/** How everything stands at one moment. Counts are since the process began. */
export interface Observation {
  /** A clock that never jumps, in milliseconds. */
  readonly monotonic: number
  /** The clock on the wall, in milliseconds since 1970; only for the time of alerts. */
  readonly now: number
  readonly sources: readonly SourceState[]
  /** Records by category. */
  readonly categories: ReadonlyMap<string, number>
  /** Rows by canary. */
  readonly canaries: ReadonlyMap<string, number>
}

/** What is expected; all lengths in milliseconds. */
export interface SilenceRules {
  readonly enabled: boolean
  readonly floor: number
  readonly learn: number
  readonly hub?: number | undefined
  readonly partition?: number | undefined
  readonly categories: Readonly<Record<string, number>>
  readonly stuck: number
  readonly canaries: readonly { readonly agent: string; readonly every: number }[]
}

const savedSchema = z.object({ heartbeats: z.array(z.tuple([z.string(), savedHeartbeat])) })

/** A longer step was none: the daemon itself did not run. */
const LONGEST_STEP = 30_000

/** A source with more than this before it is catching up: what comes now says nothing of the present. */
const CATCHING_UP = 10_000

/** Beyond so many, partitions that are not read any more are forgotten. */
const MOST_HEARTBEATS = 10_000

/**
 * Watches for what has stopped: a source as a whole, a partition, a category of logs, a canary. Tells an empty hub from
 * a consumer that is stuck or a broker that is away. Pure: clocks are arguments.
 */
export class SilenceWatch {
  #rules: SilenceRules
  readonly #heartbeats = new Map<string, Heartbeat>()
  readonly #troubles = new Map<string, Trouble>()
  #before: Observation | undefined

  constructor(rules: SilenceRules) {
    this.#rules = rules
  }

  /** Goes on by other rules; what was learnt stays. */
  setRules(rules: SilenceRules): void {
    this.#rules = rules
  }

  /** Longest that any source has been with something to read and nothing read, in milliseconds. */
  get stuckFor(): number {
    return Math.max(0, ...Array.from(this.#troubles.values(), ({ stuck }) => stuck))
  }

  /** Takes note of how things stand, every few seconds; returns the alerts that are due. */
  observe(seen: Observation): readonly Alert[] {
    const time = this.#step(seen)
    const steady = new Map(seen.sources.map((source) => [source.name, this.#watch(source, time)]))
    const all = [...steady.values()].every((one) => one)
    const findings = [
      ...seen.sources.flatMap((source) => this.#ofSource(source, steady.get(source.name)! ? time : 0)),
      ...this.#ofCategories(seen, all ? time : 0),
      ...this.#ofCanaries(seen, all ? time : 0),
    ]
    this.#before = seen
    this.#forget(seen)
    if (!this.#rules.enabled) return []
    return findings.map((finding) => platformAlert(finding, seen.now))
  }

  /** Plain data that `load` takes back. */
  save(): unknown {
    return { heartbeats: Array.from(this.#heartbeats, ([key, one]) => [key, one.save()]) }
  }

  /** Takes up what was saved; nothing of what does not fit any more. */
  load(saved: unknown): void {
    for (const [key, one] of savedSchema.safeParse(saved).data?.heartbeats ?? [])
      this.#heartbeat(key).load(one)
  }

  #step({ monotonic }: Observation): number {
    const step = this.#before === undefined ? 0 : monotonic - this.#before.monotonic
    return Math.max(0, Math.min(step, LONGEST_STEP))
  }

  /** Notes troubles with reading; whether a source is read up to the present, so that silence can be told. */
  #watch(source: SourceState, time: number): boolean {
    const before = this.#before?.sources.find(({ name }) => name === source.name)
    const behind = behindOf(source)
    const moving = !before || source.scored !== before.scored
    const trouble = getOrAdd(this.#troubles, source.name, () => ({ away: 0, stuck: 0, told: false }))
    trouble.away = source.connected ? 0 : trouble.away + time
    trouble.stuck = source.connected && behind > 0 && !moving ? trouble.stuck + time : 0
    return source.connected && (behind === 0 || (moving && behind <= CATCHING_UP))
  }

  /** While a whole source is silent, nothing can be said of its parts. */
  #ofSource(source: SourceState, time: number): PlatformFinding[] {
    const { name, partitions } = source
    const trouble = this.#troubleOf(source)
    const hub = this.#check(`source ${name}`, source.scored, time, this.#rules.hub)
    const ofPart = this.#isSilent(source) ? 0 : time
    const parts = [...partitions].flatMap(([partition, { scored }]) => {
      const silent = this.#check(`partition ${partition}`, scored, ofPart, this.#rules.partition)
      return silent ? [partitionFinding(name, partition, silent)] : []
    })
    return [...trouble, ...(hub ? [hubFinding(name, hub)] : []), ...parts]
  }

  #ofCategories({ categories, sources }: Observation, time: number): PlatformFinding[] {
    const ofPart = sources.every((source) => this.#isSilent(source)) ? 0 : time
    const set = this.#rules.categories
    const names = new Set([...categories.keys(), ...Object.keys(set), ...this.#knownCategories()])
    return [...names].flatMap((category) => {
      const interval = Object.hasOwn(set, category) ? set[category] : undefined
      const silent = this.#check(`category ${category}`, categories.get(category) ?? 0, ofPart, interval)
      return silent ? [categoryFinding(category, silent)] : []
    })
  }

  /** Those of earlier runs too: a category may have stopped while the daemon was down. */
  #knownCategories(): string[] {
    const prefix = 'category '
    return [...this.#heartbeats.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
  }

  #ofCanaries({ canaries }: Observation, time: number): PlatformFinding[] {
    return this.#rules.canaries.flatMap(({ agent, every }) => {
      const silent = this.#check(`canary ${agent}`, canaries.get(agent) ?? 0, time, every)
      return silent ? [canaryFinding(agent, silent)] : []
    })
  }

  #check(key: string, count: number, time: number, set: number | undefined): Silent | undefined {
    const heartbeat = this.#heartbeat(key)
    const terms: Terms = { set, floor: this.#rules.floor, learn: this.#rules.learn }
    heartbeat.pass(time, count, terms)
    const expected = heartbeat.isDue(terms)
    return expected && { silence: heartbeat.silence, expected }
  }

  #isSilent({ name }: SourceState): boolean {
    return this.#heartbeat(`source ${name}`).told
  }

  #heartbeat(key: string): Heartbeat {
    return getOrAdd(this.#heartbeats, key, () => new Heartbeat())
  }

  #troubleOf(source: SourceState): PlatformFinding[] {
    const { name } = source
    const trouble = this.#troubles.get(name)!
    const longest = Math.max(trouble.away, trouble.stuck)
    const told = trouble.told
    trouble.told = longest >= this.#rules.stuck
    if (!trouble.told || told) return []
    return [trouble.away > 0 ? awayFinding(name, longest) : stuckFinding(name, longest, behindOf(source))]
  }

  /** A source may read other partitions from day to day, as files come and go. */
  #forget({ sources }: Observation): void {
    if (this.#heartbeats.size <= MOST_HEARTBEATS) return
    const read = new Set(sources.flatMap(({ partitions }) => [...partitions.keys()]))
    for (const key of this.#heartbeats.keys())
      if (key.startsWith('partition ') && !read.has(key.slice('partition '.length)))
        this.#heartbeats.delete(key)
  }
}

/** Milliseconds for which a source could not be reached, or had something to read and nothing was read. */
interface Trouble {
  away: number
  stuck: number
  told: boolean
}

function behindOf({ partitions }: SourceState): number {
  let total = 0
  for (const { behind } of partitions.values()) total += behind
  return total
}
