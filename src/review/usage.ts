import type { Inventory } from '../agents/inventory.js'
import { getOrAdd } from '../collections.js'
import type { ViewRow } from '../views/view.js'

/** How often something was used, and when last. */
export interface Use {
  rows: number
  /** Milliseconds since 1970. */
  last: number
}

/** A kind of call of Microsoft Graph. */
export interface Operation extends Use {
  /** The parts of its path that are no ids, in small letters. */
  readonly words: ReadonlySet<string>
  readonly access: 'read' | 'write'
}

/** What the logs show that one agent used. */
export interface AgentUsage {
  /** Its sign-ins and calls of Graph, failed ones too. */
  readonly seen: Use
  /** By name, and by application id, in small letters. */
  readonly resources: Map<string, Use>
  /** By method and template. */
  readonly operations: Map<string, Operation>
}

/** Most different operations and resources that are kept of one agent; further ones are counted as overflow. */
const MOST = 5_000

/** Gathers what listed agents used, from rows in any order. Memory grows with the agents and what is different of them. */
export class Usage {
  /** By object id as the inventory has it, in small letters. */
  readonly agents = new Map<string, AgentUsage>()
  /** By id, in small letters, whoever used them: an agent's credentials may be its blueprint's. */
  readonly credentials = new Map<string, Use>()
  /** Whether there are sign-ins, and calls of Graph, of anybody at all. */
  readonly views = new Set<string>()
  /** Times of the first and last row of anybody, in milliseconds since 1970. */
  from = Number.POSITIVE_INFINITY
  to = Number.NEGATIVE_INFINITY
  /** Rows that brought one kind of use too many. */
  overflow = 0
  readonly #ids: ReadonlySet<string>
  /** Agents by application id, where it is that of one agent only. */
  readonly #byApp: ReadonlyMap<string, string>

  constructor(inventory: Inventory) {
    this.#ids = new Set(inventory.entries.map(({ id }) => id.toLowerCase()))
    this.#byApp = onlyOnes(inventory)
  }

  /** Takes a row of anybody. What failed was not used, but whoever failed was seen. */
  take(row: ViewRow): void {
    this.from = Math.min(this.from, row.EventTime)
    this.to = Math.max(this.to, row.EventTime)
    this.views.add(row.View)
    const id = this.#agentOf(row)
    if (row.View === 'SignIns') this.#signIn(row, id)
    if (row.View === 'GraphCalls' && id !== undefined) this.#call(row, id)
  }

  /** The agent itself, or the one whose application acts on behalf of a user. */
  #agentOf({ AgentId, AppId }: ViewRow): string | undefined {
    if (this.#ids.has(AgentId)) return AgentId
    return AppId === undefined ? undefined : this.#byApp.get(AppId)
  }

  #signIn(row: ViewRow, id: string | undefined): void {
    const usage = id === undefined ? undefined : this.#seen(id, row)
    if (row.ResultType !== '0') return
    if (typeof row.CredentialId === 'string')
      count(getOrAdd(this.credentials, row.CredentialId.toLowerCase(), none), row)
    if (usage === undefined) return
    for (const name of [row.ResourceDisplayName, row.ResourceIdentity])
      if (typeof name === 'string') this.#note(usage.resources, name.toLowerCase(), none, row)
  }

  #call(row: ViewRow, id: string): void {
    const status = row.ResponseStatusCode
    const { operations } = this.#seen(id, row)
    if (typeof status === 'number' && status >= 400) return
    const template = String(row.UriTemplate)
    const make = () => ({ ...none(), words: wordsOf(template), access: accessOf(row) })
    this.#note(operations, `${accessOf(row)} ${template}`, make, row)
  }

  #seen(id: string, row: ViewRow): AgentUsage {
    const usage = getOrAdd(this.agents, id, () => ({
      seen: none(),
      resources: new Map(),
      operations: new Map(),
    }))
    count(usage.seen, row)
    return usage
  }

  #note<Kind extends Use>(uses: Map<string, Kind>, key: string, make: () => Kind, row: ViewRow): void {
    if (uses.size >= MOST && !uses.has(key)) this.overflow++
    else count(getOrAdd(uses, key, make), row)
  }
}

const none = (): Use => ({ rows: 0, last: Number.NEGATIVE_INFINITY })

function count(use: Use, { EventTime }: ViewRow): void {
  use.rows++
  use.last = Math.max(use.last, EventTime)
}

function accessOf({ Access }: ViewRow): 'read' | 'write' {
  return Access === 'write' ? 'write' : 'read'
}

function wordsOf(template: string): ReadonlySet<string> {
  return new Set(template.split('/').filter((word) => word !== '' && !word.includes('{')))
}

function onlyOnes(inventory: Inventory): ReadonlyMap<string, string> {
  const ids = new Map<string, string[]>()
  for (const { id, app_id } of inventory.entries)
    if (app_id !== undefined) getOrAdd(ids, app_id.toLowerCase(), () => []).push(id.toLowerCase())
  return new Map([...ids].flatMap(([app, all]) => (all.length === 1 ? [[app, all[0]!] as const] : [])))
}
