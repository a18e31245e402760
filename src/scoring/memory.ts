import type { EntityTotals } from '../baselines/entity-totals.js'
import { HourSets } from '../baselines/hours.js'
import { Interner } from '../baselines/interner.js'
import type { HourlyTotals } from '../baselines/totals.js'
import { SeenValues, ValueSets } from '../baselines/values.js'
import type { ViewRow } from '../views/view.js'
import type { Condition } from '../where/condition.js'
import { type Predicate, predicate } from '../where/predicate.js'
import { type AlertHours, alertHoursOf } from './alert-hours.js'
import type { Companion } from './companion.js'
import { type CompanionMemory, companionsOf } from './companion-memory.js'
import { distinctOf, entityTotalsOf, hoursOf, totalsOf, valuesOf } from './features.js'
import { hoursHaving } from './hours-having.js'
import { type Fact, RowFacts } from './row-facts.js'
import type { PastRows, Summary } from './summary.js'
import { valueIn, valuesIn } from './values.js'

/** What is known of one agent: a slot for each thing that is remembered, empty until first needed. */
export interface Agent {
  readonly tenantId: string
  readonly id: string
  name: string | undefined
  /** Oldest hour of a row that came in time, since it is remembered. */
  first: number
  /** Newest hour of any row. */
  newest: number
  /** Rows that came in time, since it is remembered: of later ones nobody knows whether they are second deliveries. */
  rows: number
  readonly slots: unknown[]
}

/** How a thing is remembered: kept up to date with each row that the scope lets through and that counts. */
export interface Feature<State = unknown> {
  /** Says what it is, so that two detections which need the same share it, and saved state finds it again. */
  readonly key: string
  readonly create: () => State
  /** Whether a row is recorded at all; every row is without it. An agent that has no such row has no state. */
  readonly counts?: (row: ViewRow) => boolean
  readonly record: (state: State, row: ViewRow, hour: number) => void
  /**
   * Instead of creating and recording: the state after a row, made of what is known of the agent before that row; so it
   * comes before all features without.
   */
  readonly next?: (state: State | undefined, row: ViewRow, hour: number, agent: Agent) => State | undefined
  /** The same from what a workspace sums up, or which rows are needed where only rows will do. */
  readonly past: Summary<State> | PastRows
  /** Ids of texts that the state refers to. */
  readonly ids: (state: State) => Iterable<number>
  readonly release: (state: State) => void
  /** Plain data that `load` takes back, equal to what JSON makes of it; undefined if there is nothing to save. */
  readonly save: (state: State, agent: Agent) => unknown
  readonly load: (saved: unknown) => State
}

/** Which rows of a view a detection sees: a condition with a name that is equal for equal conditions. */
export interface Scope {
  readonly view: string
  readonly key: string
  /** The condition, where there is one. */
  readonly where: Condition | undefined
  /** Columns that must have a value. */
  readonly having: readonly string[]
  /** Both, of a row. */
  readonly holds: Predicate
}

/** A feature, the rows it sees, and the place of its state among an agent's slots. */
export interface Remembered {
  readonly scope: Scope
  readonly feature: Feature
  readonly slot: number
}

/** Takes one thing that is remembered out of an agent; makes it if there is none yet. */
export interface Recall<State> {
  (agent: Agent): State
  /** Its place among an agent's slots: equal for things that are remembered once for several detections. */
  readonly slot: number
  /** The same without making it. */
  readonly peek: (agent: Agent) => State | undefined
}

/** How much of a row counts. */
export interface Metric {
  readonly metric: 'count' | 'sum' | 'distinct'
  /** The column that is summed up, or whose values are told apart. */
  readonly column: string | undefined
  /** Only rows that satisfy this count; the others still make the hour an active one. */
  readonly of: Condition | undefined
}

/** Bounds on what agents may fill. */
export interface StoreLimits {
  /** Most values in one set of one agent. */
  readonly maxValues: number
  /** Most different texts of all agents. */
  readonly maxTexts: number
}

/** The number of a text that is not kept because there are too many: no set has it. */
export const NO_ID = -1

/** Stores that all agents share, and the bounds on what an agent may fill. */
export class Stores {
  readonly hours = new HourSets()
  readonly values = new ValueSets()
  readonly texts = new Interner()
  readonly #facts = new RowFacts()
  /** How often a value or entity was left out because an agent, or all together, had too many. */
  overflows = 0
  /** How often of these because all together had too many. */
  textOverflows = 0
  /** Most values in one set of one agent. */
  readonly maxValues: number
  readonly #maxTexts: number

  constructor({ maxValues, maxTexts }: StoreLimits) {
    this.maxValues = maxValues
    this.#maxTexts = maxTexts
  }

  /** The number of a value; `NO_ID` for a new one when there is no room for it. */
  id(value: string | number): number {
    const text = String(value)
    if (this.texts.size < this.#maxTexts || this.texts.has(text)) return this.texts.id(text)
    this.textOverflows++
    return NO_ID
  }

  /** The number of the value of a column, or of several together; undefined where there is none. Once a row. */
  idOf(columns: readonly string[]): Fact<number | undefined> {
    return this.#facts.once(`id of ${columns.join(', ')}`, (row) => {
      const value = valuesIn(row, columns)
      return value === undefined ? undefined : this.id(value)
    })
  }

  /** Whether a row satisfies a condition. Once a row. */
  holds(condition: Condition): Predicate {
    return this.#facts.once(JSON.stringify(condition), predicate(condition))
  }

  /** Whether a row has a value in each of some columns. Once a row. */
  has(columns: readonly string[]): Predicate {
    return this.#facts.once(`has ${columns.join(', ')}`, (row) =>
      columns.every((column) => valueIn(row, column) !== undefined),
    )
  }
}

/** The memory that detections ask for; equal wishes share one feature. */
export class MemoryPlan {
  readonly stores: Stores
  readonly #remembered = new Map<string, Remembered>()
  readonly #nextSlot: () => number

  constructor(stores: Stores, nextSlot: () => number) {
    this.stores = stores
    this.#nextSlot = nextSlot
  }

  /** All that is to be kept up to date. */
  get remembered(): readonly Remembered[] {
    return [...this.#remembered.values()]
  }

  remember<State>(scope: Scope, feature: Feature<State>): Recall<State> {
    const key = `${scope.key} ${feature.key}`
    const known = this.#remembered.get(key)
    const slot = known?.slot ?? this.#nextSlot()
    if (!known) this.#remembered.set(key, { scope, feature: feature as Feature, slot })
    const recall = (agent: Agent) => {
      agent.slots[slot] ??= feature.create()
      return agent.slots[slot] as State
    }
    return Object.assign(recall, { slot, peek: (agent: Agent) => agent.slots[slot] as State | undefined })
  }
}

/** What one detection may remember of an agent: only rows of its own scope are seen. */
export class Memory {
  readonly stores: Stores
  readonly #plan: MemoryPlan
  /** The rows of the detection, and those of them that have a value in some columns. */
  readonly #all: Scope
  readonly #scope: Scope
  readonly #columns: readonly string[]

  constructor(plan: MemoryPlan, scope: Scope, columns: readonly string[] = []) {
    this.stores = plan.stores
    this.#plan = plan
    this.#all = scope
    this.#columns = columns
    this.#scope = columns.length === 0 ? scope : having(scope, columns, plan.stores.has(columns))
  }

  /** The same memory, of the rows only that have a value in a column. */
  having(column: string): Memory {
    return new Memory(this.#plan, this.#all, [...this.#columns, column])
  }

  /** The companions that the agent's rows may have: rows of a scope of their own. */
  companions(scope: Scope, companion: Companion): Recall<CompanionMemory> {
    return this.#plan.remember(scope, companionsOf(this.stores, companion))
  }

  /** In which hours the agent was active: a set of the shared hour sets. */
  hours(): Recall<number> {
    const all = this.#plan.remember(this.#all, hoursOf(this.stores))
    if (this.#columns.length === 0) return all
    return hoursHaving(this.#plan, this.#all, this.#columns, all)
  }

  /** In which hours the agent had alerts of which detection; of rows of the view `AgentAlerts`. */
  alertHours(): Recall<AlertHours> {
    return this.#plan.remember(this.#scope, alertHoursOf(this.stores))
  }

  /** Which values a column, or several together, showed. */
  values(...columns: readonly string[]): Recall<SeenValues> {
    const sets = this.#plan.remember(this.#scope, valuesOf(this.stores, columns))
    const values = new SeenValues(this.stores.values)
    return seenAs(sets, (set) => values.at(set))
  }

  /** A metric hour by hour. */
  totals(metric: Metric): Recall<HourlyTotals> {
    if (metric.metric !== 'distinct') return this.#plan.remember(this.#scope, totalsOf(this.stores, metric))
    const distinct = this.#plan.remember(this.#scope, distinctOf(this.stores, metric))
    return seenAs(distinct, ({ totals }) => totals)
  }

  /** A count or a sum, hour by hour, for each value of a column. */
  totalsBy(metric: Metric, by: string): Recall<EntityTotals> {
    return this.#plan.remember(this.#scope, entityTotalsOf(this.stores, metric, by))
  }
}

/** Takes something out of what is remembered. */
function seenAs<State, Part>(recall: Recall<State>, part: (state: State) => Part): Recall<Part> {
  const peek = (agent: Agent) => {
    const state = recall.peek(agent)
    return state === undefined ? undefined : part(state)
  }
  return Object.assign((agent: Agent) => part(recall(agent)), { slot: recall.slot, peek })
}

function having({ view, key, where, holds }: Scope, columns: readonly string[], has: Predicate): Scope {
  const both = (row: ViewRow) => holds(row) && has(row)
  return { view, key: `${key} ${havingText(columns)}`, where, having: columns, holds: both }
}

/** What the names of saved memory call such rows. */
export function havingText(columns: readonly string[]): string {
  return columns.map((column) => `having ${column}`).join(' ')
}
