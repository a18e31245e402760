import { KEPT_HOURS, LATE_HOURS } from '../baselines/window.js'
import { getOrAdd, increment } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { hourOf } from '../records/time.js'
import type { ViewRow } from '../views/view.js'
import { AlertBook, type AlertLimits, DEFAULT_ALERT_LIMITS } from './alert-book.js'
import type { Companion } from './companion.js'
import { type Agents, accompanied, type Watch } from './companions.js'
import { type Judge, LEARNING, type Shown } from './kind.js'
import { type Agent, Memory, MemoryPlan, type Remembered, type Scope, Stores } from './memory.js'
import { cut, MAX_VALUE_LENGTH } from './values.js'

/** Bounds on what strangers can make the scorer remember. */
export interface ScorerLimits extends AlertLimits {
  /** Most agents; the rows of further ones are judged only by detections that need no memory. */
  readonly maxAgents: number
  /** Most values in one set of one agent. */
  readonly maxValues: number
  /** Most different texts that all agents together showed, each of at most 256 characters. */
  readonly maxTexts: number
}

export const DEFAULT_LIMITS: ScorerLimits = {
  maxAgents: 200_000,
  maxValues: 1_000,
  maxTexts: 5_000_000,
  ...DEFAULT_ALERT_LIMITS,
}

/** What the scorer counts besides alerts; every row that is not fully used shows here. */
export interface ScorerCounters {
  rows: number
  /** Rows too far behind the newest one to be counted into a baseline; only `match` detections saw them. */
  tooLate: number
  /** Rows of agents beyond the bound, or with an id that is too long to be kept. */
  beyondAgents: number
  /** By detection: rows that would have alerted if more were known of the agent. */
  readonly learning: Map<string, number>
}

/** What became of the agents: to be applied in this order. */
export interface AgentChanges {
  readonly forgotten: ReadonlySet<Agent>
  /** New agents, and those that a row was counted into. */
  readonly changed: ReadonlySet<Agent>
}

/** How far a scorer has got, in hours since 1970. */
export interface ScorerPosition {
  /** Newest hour of any row. */
  readonly newest: number
  /** When silent agents were forgotten last. */
  readonly swept: number
}

const SWEEP_AT_LEAST = 100_000

/** Texts are swept once a day if they have grown by so much since: a sweep looks at every agent. */
const GROWN = 1.25

/** A detection bound to its memory. */
interface BoundDetection {
  readonly detection: Detection
  readonly scope: Scope
  readonly judge: Judge
}

/** A detection whose findings wait for companions among the rows of a scope. */
interface BoundWatch extends Watch {
  readonly detection: Detection
}

/** What is done with the rows that one scope lets through: asked once a row, however many detections share it. */
interface ScopePlan {
  readonly holds: Scope['holds']
  readonly remembered: readonly Remembered[]
  readonly detections: readonly BoundDetection[]
  readonly watches: readonly BoundWatch[]
}

/** What happens to the rows of one view: first they are remembered, then judged. */
interface ViewPlan {
  readonly scopes: readonly ScopePlan[]
  readonly stateless: readonly BoundDetection[]
}

/**
 * The rows a detection sees; detections of one view with equal conditions share one scope, and so their memory.
 * The view is part of the key, by which saved state is found again.
 */
function scopeOf({ view: { name }, where }: Pick<Companion, 'view' | 'where'>, stores: Stores): Scope {
  if (!where) return { view: name, key: `${name} all`, holds: () => true }
  return { view: name, key: `${name} ${JSON.stringify(where)}`, holds: stores.holds(where) }
}

/**
 * Learns what each agent normally does and finds what it does otherwise: the streaming engine. Takes agent
 * rows, best in order of event time, and enters its findings in a book of alerts. No clock, no I/O.
 *
 * Cost: about 3 us a row with twenty detections, and 1 to 10 kB an agent.
 */
export class Scorer {
  readonly book: AlertBook
  readonly counters: ScorerCounters = { rows: 0, tooLate: 0, beyondAgents: 0, learning: new Map() }
  readonly stores: Stores
  /** What its detections remember that can be drawn. */
  readonly shown: { readonly detection: Detection; readonly shown: Shown }[] = []
  /** Called about once a day of event time, before old things are forgotten: what is remembered may be looked at. */
  onDay: (() => void) | undefined
  readonly #limits: ScorerLimits
  readonly #plans = new Map<string, ViewPlan>()
  readonly #agents = new Map<string, Map<string, Agent>>()
  /** One copy of each tenant's id, which all its agents share. */
  readonly #tenantIds = new Map<string, string>()
  #agentCount = 0
  /** What changed since it was asked last; kept only when asked for. */
  #changed: Set<Agent> | undefined
  #forgotten: Set<Agent> | undefined
  #newest = 0
  #sweptAt = 0
  #slots = 0
  #remembered: readonly Remembered[] | undefined
  /** Number of texts at which those that nobody uses are forgotten before the day is over. */
  #sweepAtTexts = SWEEP_AT_LEAST
  /** Number of texts that the last sweep left. */
  #textsSwept = 0

  constructor(detections: readonly Detection[], limits: ScorerLimits = DEFAULT_LIMITS) {
    this.#limits = limits
    this.book = new AlertBook(limits)
    this.stores = new Stores(limits)
    const memory = new MemoryPlan(this.stores, () => this.#slots++)
    const watches: BoundWatch[] = []
    const bound = detections
      .filter(({ status }) => status !== 'retired')
      .map((detection) => this.#bind(detection, memory, watches))
    for (const name of new Set([...bound, ...watches].map(({ scope }) => scope.view))) {
      const ofView = ({ scope }: { scope: Scope }) => scope.view === name
      const detectionsOfView = bound.filter(ofView)
      this.#plans.set(name, {
        scopes: scopesOf(memory.remembered.filter(ofView), detectionsOfView, watches.filter(ofView)),
        stateless: detectionsOfView.filter(({ detection }) => detection.kind.stateless),
      })
    }
  }

  /** How many agents are remembered. */
  get agentCount(): number {
    return this.#agentCount
  }

  /** Newest hour of any row. */
  get newest(): number {
    return this.#newest
  }

  /** Counts a row into its agent's memory and judges it. */
  score(row: ViewRow): void {
    const plan = this.#plans.get(row.View)
    this.counters.rows++
    if (!plan) return
    const hour = hourOf(row.EventTime)
    this.#advance(hour)
    if (this.stores.texts.size > this.#sweepAtTexts) this.#sweep()
    const agent = this.#agentOf(row, hour)
    if (agent === undefined) this.#judgeAlone(plan, row, hour, 'beyondAgents')
    else if (this.#newest - hour > LATE_HOURS) this.#judgeAlone(plan, row, hour, 'tooLate')
    else {
      for (const scope of plan.scopes) {
        if (!scope.holds(row)) continue
        remember(scope.remembered, row, hour, agent)
        if (scope.watches.length > 0) this.#meet(scope.watches, row)
        if (scope.detections.length > 0) this.#judge(scope.detections, row, hour, agent)
      }
    }
  }

  /** All agents, for saving and for showing. */
  *agents(): Iterable<Agent> {
    for (const ofTenant of this.#agents.values()) yield* ofTenant.values()
  }

  /** All that is remembered of agents, with where it stands. */
  remembered(): readonly Remembered[] {
    this.#remembered ??= [...this.#plans.values()].flatMap(({ scopes }) =>
      scopes.flatMap(({ remembered }) => remembered),
    )
    return this.#remembered
  }

  /** How far it has got, for saving. */
  get position(): ScorerPosition {
    return { newest: this.#newest, swept: this.#sweptAt }
  }

  /** Goes on where a scorer that was saved had got; to be called before anything else. */
  resume({ newest, swept }: ScorerPosition): void {
    this.#newest = newest
    this.#sweptAt = swept
  }

  /** From now on keeps which agents change, for `takeChanges`. */
  trackChanges(): void {
    this.#changed ??= new Set()
    this.#forgotten ??= new Set()
  }

  /** Which agents changed since the last call. */
  takeChanges(): AgentChanges {
    const changes = { forgotten: this.#forgotten ?? new Set<Agent>(), changed: this.#changed ?? new Set() }
    this.#changed = new Set()
    this.#forgotten = new Set()
    return changes
  }

  /** Takes up a saved agent. */
  restore(agent: Agent): void {
    this.#tenant(agent.tenantId).set(agent.id, agent)
    this.#agentCount++
    this.#newest = Math.max(this.#newest, agent.newest)
  }

  #bind(detection: Detection, plan: MemoryPlan, watches: BoundWatch[]): BoundDetection {
    const scopeIn = (one: Pick<Companion, 'view' | 'where'>) => scopeOf(one, this.stores)
    const scope = scopeIn(detection)
    const memory = new Memory(plan, scope)
    const judge = detection.kind.prepare(detection.parameters, memory)
    const shown = detection.kind.shows?.(detection.parameters, memory)
    if (shown) this.shown.push({ detection, shown })
    if (!detection.after && !detection.unless) return { detection, scope, judge }
    const agents: Agents = {
      find: (tenantId, id) => this.#agents.get(tenantId)?.get(id),
      open: (row, id) =>
        this.#agentOf(id === row.AgentId ? row : { ...row, AgentId: id }, hourOf(row.EventTime)),
    }
    const company = accompanied(detection, judge, memory, agents, scopeIn)
    watches.push(...company.watches.map((watch) => ({ ...watch, detection })))
    return { detection, scope, judge: company.judge }
  }

  #judge(detections: readonly BoundDetection[], row: ViewRow, hour: number, agent: Agent): void {
    for (const { detection, judge } of detections) {
      const finding = judge(row, hour, agent)
      if (finding === undefined) continue
      if (finding === LEARNING) increment(this.counters.learning, detection.id)
      else this.book.enter(detection, row, hour, agent, finding)
    }
  }

  /** Findings that waited for this row are entered into their own hours. */
  #meet(watches: readonly BoundWatch[], companion: ViewRow): void {
    for (const { detection, meet } of watches) {
      for (const { row, hour, finding } of meet(companion)) {
        const agent = this.#agentOf(row, hour)
        if (agent) this.book.enter(detection, row, hour, agent, finding)
      }
    }
  }

  /** What no baseline can silence is judged even where nothing can be remembered. */
  #judgeAlone(plan: ViewPlan, row: ViewRow, hour: number, why: 'tooLate' | 'beyondAgents'): void {
    this.counters[why]++
    const alone = plan.stateless.filter(({ scope }) => scope.holds(row))
    this.#judge(alone, row, hour, newAgent(row, hour, 0))
  }

  #agentOf(row: ViewRow, hour: number): Agent | undefined {
    const known = this.#agents.get(row.TenantId)?.get(row.AgentId)
    if (known) {
      if (row.AgentName !== undefined && row.AgentName !== known.name) known.name = cut(row.AgentName)
      if (hour > known.newest) known.newest = hour
      this.#changed?.add(known)
      return known
    }
    if (this.#agentCount >= this.#limits.maxAgents || hasLongId(row)) return undefined
    const tenantId = getOrAdd(this.#tenantIds, row.TenantId, () => row.TenantId)
    const agent: Agent = { ...newAgent(row, hour, this.#slots), tenantId }
    this.#tenant(row.TenantId).set(row.AgentId, agent)
    this.#agentCount++
    this.#changed?.add(agent)
    return agent
  }

  #tenant(id: string): Map<string, Agent> {
    return getOrAdd(this.#agents, id, () => new Map<string, Agent>())
  }

  #advance(hour: number): void {
    if (hour <= this.#newest) return
    if (hour - this.#sweptAt >= 24) this.onDay?.()
    this.#newest = hour
    if (hour - this.#sweptAt < 24) return
    this.#sweptAt = hour
    this.#forgetSilentAgents()
    const { size } = this.stores.texts
    if (size > GROWN * this.#textsSwept || size >= this.#limits.maxTexts) this.#sweep()
  }

  #sweep(): void {
    this.stores.texts.sweep(this.#idsInUse())
    this.#textsSwept = this.stores.texts.size
    this.#sweepAtTexts = Math.max(SWEEP_AT_LEAST, 2 * this.#textsSwept)
  }

  /** An agent without a row in any window that may still be judged is as good as unknown. */
  #forgetSilentAgents(): void {
    const remembered = this.remembered()
    for (const [tenantId, ofTenant] of this.#agents) {
      for (const [id, agent] of ofTenant) {
        if (this.#newest - agent.newest < KEPT_HOURS) continue
        for (const { feature, slot } of remembered) {
          if (agent.slots[slot] !== undefined) feature.release(agent.slots[slot])
        }
        ofTenant.delete(id)
        this.#agentCount--
        this.#changed?.delete(agent)
        this.#forgotten?.add(agent)
      }
      if (ofTenant.size > 0) continue
      this.#agents.delete(tenantId)
      this.#tenantIds.delete(tenantId)
    }
  }

  #idsInUse(): Set<number> {
    const used = new Set<number>()
    const remembered = this.remembered()
    for (const agent of this.agents()) {
      for (const { feature, slot } of remembered) {
        const state = agent.slots[slot]
        if (state !== undefined) for (const id of feature.ids(state)) used.add(id)
      }
    }
    return used
  }
}

/** Cut like other texts, the ids of two agents could be one. Entra's have 36 characters. */
function hasLongId({ TenantId, AgentId }: ViewRow): boolean {
  return TenantId.length > MAX_VALUE_LENGTH || AgentId.length > MAX_VALUE_LENGTH
}

function newAgent(row: ViewRow, hour: number, slots: number): Agent {
  return {
    tenantId: row.TenantId,
    id: row.AgentId,
    name: row.AgentName === undefined ? undefined : cut(row.AgentName),
    newest: hour,
    slots: new Array<unknown>(slots).fill(undefined),
  }
}

function remember(remembered: readonly Remembered[], row: ViewRow, hour: number, agent: Agent): void {
  for (const { feature, slot } of remembered) {
    if (feature.next) {
      agent.slots[slot] = feature.next(agent.slots[slot], row, hour, agent)
      continue
    }
    if (feature.counts && !feature.counts(row)) continue
    agent.slots[slot] ??= feature.create()
    feature.record(agent.slots[slot], row, hour)
  }
}

/** What is made of the state before a row comes first. */
function byNeed(a: Remembered, b: Remembered): number {
  return Number(b.feature.next !== undefined) - Number(a.feature.next !== undefined)
}

/**
 * Puts together what belongs to equal scopes. Narrower scopes come first: what a detection remembers of part of
 * its rows must be up to date when it judges.
 */
function scopesOf(
  remembered: readonly Remembered[],
  detections: readonly BoundDetection[],
  watches: readonly BoundWatch[],
): ScopePlan[] {
  const scopes = new Map<string, Scope>()
  for (const { scope } of [...remembered, ...detections, ...watches]) scopes.set(scope.key, scope)
  const plans = [...scopes.values()].map((scope) => ({
    holds: scope.holds,
    remembered: remembered.filter((one) => one.scope.key === scope.key).sort(byNeed),
    detections: detections.filter((one) => one.scope.key === scope.key),
    watches: watches.filter((one) => one.scope.key === scope.key),
  }))
  return plans.sort((a, b) => Number(a.detections.length > 0) - Number(b.detections.length > 0))
}
