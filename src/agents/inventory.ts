import type { ViewRow } from '../views/view.js'
import { watchlistRow } from './watchlist.js'

/** The owner's word on one agent. */
export interface InventoryEntry {
  /** Object id of the service principal, managed identity or agent identity, or user id of an agent user. */
  readonly id: string
  readonly app_id?: string | undefined
  readonly name?: string | undefined
  readonly owner?: string | undefined
  readonly sponsor?: string | undefined
  readonly tier?: string | undefined
  readonly status: 'active' | 'disabled' | 'retired'
  readonly hours?: AllowedHours | undefined
  readonly networks?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  /** What Entra said of it when it was last asked. */
  readonly entra?: EntraFacts | undefined
}

/** Sorts of agents in Entra. */
export const ENTRA_KINDS = ['agent-identity', 'blueprint', 'service-principal', 'managed-identity'] as const

/** What Entra says of an agent, beside the owner's word: written by `agentwarden inventory pull`. */
export interface EntraFacts {
  readonly kind: (typeof ENTRA_KINDS)[number]
  readonly enabled: boolean
  /** ISO 8601. */
  readonly created?: string | undefined
  /** Application id of the blueprint that an agent identity is made from, which holds its credentials. */
  readonly blueprint?: string | undefined
  readonly owners: readonly string[]
  readonly sponsors: readonly string[]
  readonly tags: readonly string[]
  readonly credentials: readonly EntraCredential[]
  readonly permissions: readonly EntraPermission[]
}

/** A credential as Entra lists it; no secret is ever among what it lists. */
export interface EntraCredential {
  readonly kind: 'secret' | 'certificate' | 'federated'
  readonly id: string
  readonly name?: string | undefined
  /** From and until when it is valid, ISO 8601. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** A permission that was granted. */
export interface EntraPermission {
  /** Name and application id of what it is on, as sign-ins name it. */
  readonly resource: string
  readonly resource_id?: string | undefined
  readonly permission: string
  /** Its own, or on behalf of users. */
  readonly type: 'application' | 'delegated'
}

/** When an agent may work: `from` to `to` on some days, in a time zone of the IANA list. */
export interface AllowedHours {
  readonly days: readonly string[]
  readonly from: string
  readonly to: string
  readonly zone: string
}

/** Fields of the inventory that conditions can name as `agent.<field>`. */
export const INVENTORY_FIELDS = ['id', 'app_id', 'name', 'owner', 'sponsor', 'tier', 'status'] as const

/** What the inventory allows an agent: conditions name it the same way, as the text of the watchlist has it. */
export const ALLOWANCE_FIELDS = ['hours', 'networks', 'resources'] as const

/** `yes` or `no`, where an inventory is kept at all: what `agent.listed` says. */
export const LISTED = 'listed'

/** All agents that their owners have listed, by object id and by application id. */
export class Inventory {
  readonly #byId = new Map<string, InventoryEntry>()
  readonly #byAppId = new Map<string, InventoryEntry>()
  readonly #columns = new Map<InventoryEntry, Readonly<Record<string, string | undefined>>>()

  constructor(entries: readonly InventoryEntry[]) {
    for (const entry of entries) {
      this.#byId.set(entry.id.toLowerCase(), entry)
      this.#columns.set(entry, inventoryColumns(entry))
      if (entry.app_id !== undefined) this.#byAppId.set(entry.app_id.toLowerCase(), entry)
    }
  }

  get entries(): readonly InventoryEntry[] {
    return [...this.#byId.values()]
  }

  get size(): number {
    return this.#byId.size
  }

  /**
   * What is listed of the agent of a row. The application id counts too: the audit log names an application's
   * own object id where the inventory has that of its service principal.
   */
  entryOf(row: ViewRow): InventoryEntry | undefined {
    const byId = this.#byId.get(row.AgentId)
    return (
      byId ?? (row.Type === 'AuditLogs' && row.AppId !== undefined ? this.#byAppId.get(row.AppId) : undefined)
    )
  }

  /** An entry of this inventory as columns of a row: `agent.owner` and the like. */
  columnsOf(entry: InventoryEntry): Readonly<Record<string, string | undefined>> {
    return this.#columns.get(entry) ?? inventoryColumns(entry)
  }
}

/**
 * Whose rows are an agent's: those that Entra marks (`agentic`), also those that the inventory lists
 * (`inventory`), also all workload identities but Microsoft's own (`workloads`).
 */
export type Population = 'agentic' | 'inventory' | 'workloads'

export const POPULATIONS: readonly Population[] = ['agentic', 'inventory', 'workloads']

/** Finds the rows that are an agent's, and gives them the inventory's word on it. */
export class AgentSelector {
  readonly #population: Population
  readonly #inventory: Inventory

  constructor(population: Population, inventory: Inventory) {
    this.#population = population
    this.#inventory = inventory
  }

  /** The row, with the fields of the inventory as `agent.<field>` where it lists the agent; or nothing. */
  select(row: ViewRow): ViewRow | undefined {
    const entry = this.#inventory.size === 0 ? undefined : this.#inventory.entryOf(row)
    if (!this.#belongs(row, entry)) return undefined
    if (entry) return { ...row, ...this.#inventory.columnsOf(entry) }
    return this.#inventory.size === 0 ? row : { ...row, ...NOT_LISTED }
  }

  #belongs(row: ViewRow, entry: InventoryEntry | undefined): boolean {
    if (row.Agentic === 1) return true
    if (this.#population === 'agentic') return false
    return entry !== undefined || (this.#population === 'workloads' && row.Workload === 1)
  }
}

const NOT_LISTED = { [`agent.${LISTED}`]: 'no' }

function inventoryColumns(entry: InventoryEntry): Record<string, string | undefined> {
  const written = watchlistRow(entry)
  const allowed = ALLOWANCE_FIELDS.map((field) => [`agent.${field}`, written[field] || undefined])
  const fields = INVENTORY_FIELDS.map((field) => [`agent.${field}`, entry[field]])
  return Object.fromEntries([...fields, ...allowed, [`agent.${LISTED}`, 'yes']])
}
