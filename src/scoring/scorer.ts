import { RISK_LEVELS, type RiskLevel } from '../alerts/risk.js'
import { CLOSING_HOURS, KEPT_HOURS, LATE_HOURS, WINDOW_HOURS } from '../baselines/window.js'
import { increment } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { HOUR_MS, hourOf } from '../records/time.js'
import { agentAlerts } from '../views/agent-alerts.js'
import type { ViewRow } from '../views/view.js'
import { AgentRisks, type Entered, type RiskOptions } from './agent-risks.js'
import { AlertBook, type AlertLimits, DEFAULT_ALERT_LIMITS, NO_TABLE } from './alert-book.js'
import type { Companion } from './companion.js'
import { type Agents, accompanied } from './companions.js'
import { type ClosedJudge, type Finding, LEARNING, type Shown } from './kind.js'
import { type AgentChanges, KnownAgents, newAgent, type Sighting } from './known-agents.js'
import { type Agent, Memory, MemoryPlan, type Remembered, type Scope, Stores } from './memory.js'
import {
  type BoundDetection,
  type BoundWatch,
  plansOf,
  remember,
  scopeOf,
  type ViewPlan,
} from './view-plan.js'

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
  /** Rows of the time that a backfill has counted already; only `match` detections saw them. */
  backfilled: number
  /** Rows of agents beyond the bound, or with an id that is too long to be kept. */
  beyondAgents: number
  /** By detection: rows that would have alerted if more were known of the agent. */
  readonly learning: Map<string, number>
}

/** How far a scorer has got, in hours since 1970. */
export interface ScorerPosition {
  /** Newest hour of any row. */
  readonly newest: number
  /** When silent agents were forgotten last. */
  readonly swept: number
  /** The rows of hours before this one are in memory already, from a backfill. */
  readonly backfilled?: number
}

const SWEEP_AT_LEAST = 100_000

/** Texts are swept once a day if they have grown by so much since: a sweep looks at every agent. */
const GROWN = 1.25

/** A detection that looks at hours that are over. */
interface BoundClosing {
  readonly detection: Detection
  readonly judge: ClosedJudge
}

/**
 * Learns what each agent normally does and finds what it does otherwise: the streaming engine. Takes agent
 * rows, best in order of event time, and enters its findings in a book of alerts. No clock, no I/O.
 *
 * Cost: about 3 us a row with eighteen detections and 7 with sixty, and 1 to 10 kB an agent.
 */
export class Scorer {
  readonly book: AlertBook
  readonly counters: ScorerCounters = {
    rows: 0,
    tooLate: 0,
    backfilled: 0,
    beyondAgents: 0,
    learning: new Map(),
  }
  readonly stores: Stores
  /** What the alerts of each agent say together. */
  readonly risks: AgentRisks
  /** What its detections remember that can be drawn. */
  readonly shown: { readonly detection: Detection; readonly shown: Shown }[] = []
  /** Called about once a day of event time, before old things are forgotten: what is remembered may be looked at. */
  onDay: (() => void) | undefined
  /** Called with each row about an alert, before it is counted and judged. */
  onAlert: ((row: ViewRow) => void) | undefined
  readonly #limits: ScorerLimits
  readonly #plans: ReadonlyMap<string, ViewPlan>
  readonly #agents: KnownAgents
  readonly #closing: BoundClosing[] = []
  #newest = 0
  #sweptAt = 0
  #backfilled = 0
  #slots = 0
  #remembered: readonly Remembered[] | undefined
  /** Number of texts at which those that nobody uses are forgotten before the day is over. */
  #sweepAtTexts = SWEEP_AT_LEAST
  /** Number of texts that the last sweep left. */
  #textsSwept = 0

  /** @param risk - which alerts add to their agent's risk */
  constructor(
    detections: readonly Detection[],
    limits: ScorerLimits = DEFAULT_LIMITS,
    risk: RiskOptions = {},
  ) {
    this.#limits = limits
    this.book = new AlertBook(limits)
    this.stores = new Stores(limits)
    this.#agents = new KnownAgents(limits.maxAgents, () => this.#slots)
    const memory = new MemoryPlan(this.stores, () => this.#slots++)
    const alertHours = new Memory(
      memory,
      scopeOf({ view: agentAlerts, where: undefined }, this.stores),
    ).alertHours()
    this.risks = new AgentRisks(alertHours, this.book, risk)
    const watches: BoundWatch[] = []
    const bound = detections
      .filter(({ status }) => status !== 'retired')
      .map((detection) => this.#bind(detection, memory, watches))
    this.#plans = plansOf(memory.remembered, bound, watches)
  }

  /** How many agents are remembered. */
  get agentCount(): number {
    return this.#agents.size
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
    if (hour < this.#backfilled) {
      this.#judgeAlone(plan, row, hour, 'backfilled', this.find(row.TenantId, row.AgentId))
      return
    }
    const agent = this.#open(row, hour)
    if (agent === undefined) this.#judgeAlone(plan, row, hour, 'beyondAgents')
    else if (this.#newest - hour > LATE_HOURS) this.#judgeAlone(plan, row, hour, 'tooLate', agent)
    else {
      seen(agent, hour)
      this.#use(plan, row, hour, agent)
    }
  }

  #use({ scopes }: ViewPlan, row: ViewRow, hour: number, agent: Agent): void {
    for (const scope of scopes) {
      if (!scope.holds(row)) continue
      remember(scope.remembered, row, hour, agent)
      if (scope.watches.length > 0) this.#meet(scope.watches, row)
      if (scope.detections.length > 0) this.#judge(scope.detections, row, hour, agent, agent)
    }
  }

  /**
   * The agent of a row, as if the row were scored: time goes on to its hour, and its name is the agent's. Nothing if
   * there are too many agents.
   */
  open(row: Sighting): Agent | undefined {
    return this.#open(row, hourOf(row.EventTime))
  }

  /** An agent that is known. */
  find(tenantId: string, id: string): Agent | undefined {
    return this.#agents.find(tenantId, id)
  }

  /** The views that some detection looks at. */
  get views(): readonly string[] {
    return [...this.#plans.keys()]
  }

  /** Takes a row of a scope for the companion that it may be of others, as if it were scored. */
  accompany(row: ViewRow, scope: Scope): void {
    const plan = this.#plans.get(row.View)?.scopes.find(({ key }) => key === scope.key)
    if (plan) this.#meet(plan.watches, row)
  }

  /** All agents, for saving and for showing. */
  agents(): Iterable<Agent> {
    return this.#agents.all()
  }

  /** How many agents are at each level of risk in the newest hour. O(agents). */
  agentsByRisk(): Map<RiskLevel, number> {
    const counts = new Map(RISK_LEVELS.map((level) => [level, 0]))
    for (const agent of this.agents()) increment(counts, this.risks.at(agent, this.#newest).level)
    return counts
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
    const position = { newest: this.#newest, swept: this.#sweptAt }
    return this.#backfilled === 0 ? position : { ...position, backfilled: this.#backfilled }
  }

  /** Goes on where a scorer that was saved had got; to be called before anything else. */
  resume({ newest, swept, backfilled = 0 }: ScorerPosition): void {
    this.#newest = newest
    this.#sweptAt = swept
    this.#backfilled = backfilled
  }

  /** From now on keeps which agents change, for `takeChanges`. */
  trackChanges(): void {
    this.#agents.trackChanges()
  }

  /** Which agents changed since the last call. */
  takeChanges(): AgentChanges {
    return this.#agents.takeChanges()
  }

  /** Takes up a saved agent. */
  restore(agent: Agent): void {
    this.#agents.restore(agent)
    this.#newest = Math.max(this.#newest, agent.newest)
  }

  #bind(detection: Detection, plan: MemoryPlan, watches: BoundWatch[]): BoundDetection {
    const scopeIn = (one: Pick<Companion, 'view' | 'where'>) => scopeOf(one, this.stores)
    const scope = scopeIn(detection)
    const memory = new Memory(plan, scope)
    const judge = detection.kind.prepare(detection.parameters, memory)
    const shown = detection.kind.shows?.(detection.parameters, memory)
    if (shown) this.shown.push({ detection, shown })
    const closed = detection.kind.closed?.(detection.parameters, memory)
    if (closed) this.#closing.push({ detection, judge: closed })
    if (!detection.after && !detection.unless) return { detection, scope, judge }
    const agents: Agents = {
      find: (tenantId, id) => this.find(tenantId, id),
      open: (row, id) => this.#agents.open(id === row.AgentId ? row : { ...row, AgentId: id }),
    }
    const company = accompanied(detection, judge, memory, agents, scopeIn)
    watches.push(...company.watches.map((watch) => ({ ...watch, detection })))
    return { detection, scope, judge: company.judge }
  }

  #open(row: Sighting, hour: number): Agent | undefined {
    this.#advance(hour)
    if (this.stores.texts.size > this.#sweepAtTexts) this.#sweep()
    return this.#agents.open(row)
  }

  /** @param owner - the agent as it is remembered, if it is */
  #judge(
    detections: readonly BoundDetection[],
    row: ViewRow,
    hour: number,
    agent: Agent,
    owner: Agent | undefined,
  ): void {
    for (const { detection, judge } of detections) {
      const finding = judge(row, hour, agent)
      if (finding === undefined) continue
      if (finding === LEARNING) increment(this.counters.learning, detection.id)
      else this.#enter({ detection, row, hour, finding }, agent, owner)
    }
  }

  #enter(found: Omit<Entered, 'alert'>, agent: Agent, owner: Agent | undefined): void {
    const { detection, row, hour, finding } = found
    const alert = this.book.enter(detection, row, hour, agent, finding)
    if (owner) this.#count({ ...found, alert }, owner)
  }

  /** An alert is a row about its agent: counts it into the risk, and judges that. */
  #count(entered: Entered, agent: Agent): void {
    const { hour, alert } = entered
    // A row that only absolute detections saw has not changed its agent so far.
    this.#agents.changed(agent)
    const row = this.risks.rowOf(entered, agent)
    const plan = this.#plans.get(agentAlerts.name)!
    if (row) this.onAlert?.(row)
    const isLate = this.#newest - hour > LATE_HOURS
    if (row && !isLate) this.#use(plan, row, hour, agent)
    else if (row)
      for (const scope of plan.scopes) if (scope.holds(row)) remember(scope.remembered, row, hour, agent)
    if (row || (!alert.risk && alert.agentId !== '')) this.risks.changed(entered, agent, this.#newest)
  }

  /** Findings that waited for this row are entered into their own hours. */
  #meet(watches: readonly BoundWatch[], companion: ViewRow): void {
    for (const { detection, meet } of watches) {
      for (const { row, hour, finding } of meet(companion)) {
        const agent = this.#agents.open(row)
        if (agent) this.#enter({ detection, row, hour, finding }, agent, agent)
      }
    }
  }

  /** What no baseline can silence is judged even where nothing can be remembered. */
  #judgeAlone(
    plan: ViewPlan,
    row: ViewRow,
    hour: number,
    why: 'tooLate' | 'backfilled' | 'beyondAgents',
    owner?: Agent,
  ): void {
    this.counters[why]++
    const alone = plan.stateless.filter(({ scope }) => scope.holds(row))
    this.#judge(alone, row, hour, newAgent(row, hour, 0), owner)
  }

  #advance(hour: number): void {
    if (hour <= this.#newest) return
    if (this.#closing.length > 0 && this.#newest > 0) this.#closeHours(hour)
    if (hour - this.#sweptAt >= 24) this.onDay?.()
    this.#newest = hour
    if (hour - this.#sweptAt < 24) return
    this.#sweptAt = hour
    this.#forgetSilentAgents()
    const { size } = this.stores.texts
    if (size > GROWN * this.#textsSwept || size >= this.#limits.maxTexts) this.#sweep()
  }

  /**
   * Judges the hours that are over now that the newest one is `newest`. What they are over by is the newest hour alone,
   * so nothing more is to be saved. More than a window after the last row nobody can fall silent.
   */
  #closeHours(newest: number): void {
    const last = Math.min(newest - CLOSING_HOURS - 1, this.#newest + WINDOW_HOURS)
    for (let hour = this.#newest - CLOSING_HOURS; hour <= last; hour++)
      for (const ofTenant of this.#agents.tenants())
        for (const { detection, judge } of this.#closing) this.#closeHour(detection, judge, ofTenant, hour)
  }

  #closeHour(
    detection: Detection,
    judge: ClosedJudge,
    ofTenant: ReadonlyMap<string, Agent>,
    hour: number,
  ): void {
    let known: boolean | undefined
    const others = (holds: (other: Agent) => boolean): boolean => {
      known ??= [...ofTenant.values()].some(holds)
      return known
    }
    for (const agent of ofTenant.values()) {
      const finding = judge(hour, agent, others)
      if (finding) this.#enterSilence(detection, agent, hour, finding)
    }
  }

  /** It comes hours late, and so adds nothing to the risk, which has been judged: it only says what that is. */
  #enterSilence(detection: Detection, agent: Agent, hour: number, finding: Finding): void {
    const row = silentRow(agent, detection.view.name, hour)
    const alert = this.book.enter(detection, row, hour, agent, finding)
    this.risks.changed({ detection, row, hour, finding, alert }, agent, this.#newest)
  }

  #sweep(): void {
    this.stores.texts.sweep(this.#idsInUse())
    this.#textsSwept = this.stores.texts.size
    this.#sweepAtTexts = Math.max(SWEEP_AT_LEAST, 2 * this.#textsSwept)
  }

  /** An agent without a row in any window that may still be judged is as good as unknown. */
  #forgetSilentAgents(): void {
    this.#agents.forgetBefore(this.#newest - KEPT_HOURS + 1, ({ slots }) => {
      for (const { feature, slot } of this.remembered())
        if (slots[slot] !== undefined) feature.release(slots[slot])
    })
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

function seen(agent: Agent, hour: number): void {
  agent.rows++
  if (hour < agent.first) agent.first = hour
}

/** What stands for the row that an agent does not have in an hour. */
function silentRow({ tenantId, id }: Agent, view: string, hour: number): ViewRow {
  return {
    View: view,
    Type: NO_TABLE,
    Id: undefined,
    EventTime: hour * HOUR_MS,
    TenantId: tenantId,
    AgentId: id,
    AgentName: undefined,
    AppId: undefined,
    Agentic: 0,
    Workload: 0,
  }
}
