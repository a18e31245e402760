import { getOrAdd } from '../collections.js'
import { hourOf } from '../records/time.js'
import type { ViewRow } from '../views/view.js'
import type { Agent } from './memory.js'
import { cut, MAX_VALUE_LENGTH } from './values.js'

/** What opens an agent: enough of a row to say whose it is and when. */
export type Sighting = Pick<ViewRow, 'TenantId' | 'AgentId' | 'AgentName' | 'EventTime'>

/** What became of the agents: to be applied in this order. */
export interface AgentChanges {
  readonly forgotten: ReadonlySet<Agent>
  /** New agents, and those that a row was counted into. */
  readonly changed: ReadonlySet<Agent>
}

/** The agents that are remembered, by tenant and id, up to a bound. */
export class KnownAgents {
  readonly #byTenant = new Map<string, Map<string, Agent>>()
  /** One copy of each tenant's id, which all its agents share. */
  readonly #tenantIds = new Map<string, string>()
  readonly #most: number
  readonly #slots: () => number
  #size = 0
  /** What changed since it was asked last; kept only when asked for. */
  #changed: Set<Agent> | undefined
  #forgotten: Set<Agent> | undefined

  /** @param most - agents; further ones are not remembered. @param slots - how many things there are to remember */
  constructor(most: number, slots: () => number) {
    this.#most = most
    this.#slots = slots
  }

  get size(): number {
    return this.#size
  }

  *all(): Iterable<Agent> {
    for (const ofTenant of this.#byTenant.values()) yield* ofTenant.values()
  }

  /** The agents of each tenant. */
  tenants(): Iterable<ReadonlyMap<string, Agent>> {
    return this.#byTenant.values()
  }

  find(tenantId: string, id: string): Agent | undefined {
    return this.#byTenant.get(tenantId)?.get(id)
  }

  /** The agent of a row, which counts as changed by it; nothing if there are too many, or its id is too long. */
  open(row: Sighting): Agent | undefined {
    const hour = hourOf(row.EventTime)
    const agent = this.find(row.TenantId, row.AgentId) ?? this.#create(row, hour)
    if (agent === undefined) return undefined
    if (row.AgentName !== undefined && row.AgentName !== agent.name) agent.name = cut(row.AgentName)
    if (hour > agent.newest) agent.newest = hour
    this.#changed?.add(agent)
    return agent
  }

  /** Says that what is remembered of an agent has changed. */
  changed(agent: Agent): void {
    this.#changed?.add(agent)
  }

  /** Takes up a saved agent. */
  restore(agent: Agent): void {
    this.#tenant(agent.tenantId).set(agent.id, agent)
    this.#size++
  }

  /** Forgets the agents whose newest row is older than an hour. @param release - frees what is remembered of one */
  forgetBefore(hour: number, release: (agent: Agent) => void): void {
    for (const [tenantId, ofTenant] of this.#byTenant) {
      for (const agent of ofTenant.values()) if (agent.newest < hour) this.#forget(agent, ofTenant, release)
      if (ofTenant.size > 0) continue
      this.#byTenant.delete(tenantId)
      this.#tenantIds.delete(tenantId)
    }
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

  #create(row: Sighting, hour: number): Agent | undefined {
    if (this.#size >= this.#most || hasLongId(row)) return undefined
    const tenantId = getOrAdd(this.#tenantIds, row.TenantId, () => row.TenantId)
    const agent: Agent = { ...newAgent(row, hour, this.#slots()), tenantId }
    this.#tenant(tenantId).set(row.AgentId, agent)
    this.#size++
    return agent
  }

  #tenant(id: string): Map<string, Agent> {
    return getOrAdd(this.#byTenant, id, () => new Map<string, Agent>())
  }

  #forget(agent: Agent, ofTenant: Map<string, Agent>, release: (agent: Agent) => void): void {
    release(agent)
    ofTenant.delete(agent.id)
    this.#size--
    this.#changed?.delete(agent)
    this.#forgotten?.add(agent)
  }
}

/** An agent of whom nothing is remembered yet. */
export function newAgent(row: Sighting, hour: number, slots: number): Agent {
  return {
    tenantId: row.TenantId,
    id: row.AgentId,
    name: row.AgentName === undefined ? undefined : cut(row.AgentName),
    first: hour,
    newest: hour,
    rows: 0,
    slots: new Array<unknown>(slots).fill(undefined),
  }
}

/** Cut like other texts, the ids of two agents could be one. Entra's have 36 characters. */
function hasLongId({ TenantId, AgentId }: Sighting): boolean {
  return TenantId.length > MAX_VALUE_LENGTH || AgentId.length > MAX_VALUE_LENGTH
}
