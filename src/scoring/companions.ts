import { hourOf } from '../records/time.js'
import type { View, ViewRow } from '../views/view.js'
import {
  type Accompaniment,
  COMPANION_PREFIX,
  type Companion,
  joinsByApplication,
  meetingIds,
} from './companion.js'
import type { CompanionMemory, KeptRow, Waiting } from './companion-memory.js'
import { type Finding, type Judge, LEARNING } from './kind.js'
import type { Agent, Memory, Recall, Scope, Stores } from './memory.js'

/** The agents that the scorer knows. */
export interface Agents {
  find(tenantId: string, id: string): Agent | undefined
  /** The agent of this id in the row's tenant, made if there is room for one more. */
  open(row: ViewRow, id: string): Agent | undefined
}

/** Rows of a scope that may be companions: called with each, once it is remembered with its own agent. */
export interface Watch {
  readonly scope: Scope
  readonly meet: (row: ViewRow) => Iterable<Waiting>
}

/** A detection's own judgement, narrowed down to the rows that have their companions. */
export interface Accompanied {
  readonly judge: Judge
  readonly watches: readonly Watch[]
}

/** Where the companions of a detection's rows are found. */
class Meeting {
  readonly companion: Companion
  readonly scope: Scope
  readonly #recall: Recall<CompanionMemory>
  readonly #byApplication: boolean
  readonly #agents: Agents

  constructor(view: View, companion: Companion, scope: Scope, memory: Memory, agents: Agents) {
    this.companion = companion
    this.scope = scope
    this.#recall = memory.companions(scope, companion)
    this.#byApplication = joinsByApplication(view, companion.view)
    this.#agents = agents
  }

  /** The latest companion of a row, whichever of its ids it is found by. */
  latest(row: ViewRow): KeptRow | undefined {
    const found = meetingIds(row, this.#byApplication).flatMap((id) => {
      const agent = this.#agents.find(row.TenantId, id)
      return (agent && this.#recall.peek(agent)?.latest(row)) ?? []
    })
    return found.reduce<KeptRow | undefined>((a, b) => (a && a.time >= b.time ? a : b), undefined)
  }

  /** Keeps a companion with its application too; its own agent remembers it anyhow. */
  meet(row: ViewRow, stores: Stores): readonly CompanionMemory[] {
    if (!this.#byApplication) return this.#own(row)
    return meetingIds(row, this.#byApplication).flatMap((id) => {
      const agent = this.#agents.open(row, id)
      if (agent === undefined) return []
      const memory = this.#recall(agent)
      if (id !== row.AgentId) stores.overflows += memory.add(row, stores.maxValues)
      return memory
    })
  }

  #own(row: ViewRow): readonly CompanionMemory[] {
    const agent = this.#agents.find(row.TenantId, row.AgentId)
    return agent ? [this.#recall(agent)] : []
  }

  wait(waiting: Waiting): void {
    for (const memory of this.#waitingPlaces(waiting)) memory.wait(waiting)
  }

  /** Nothing waits for a companion any more once it has one, whichever id that came by. */
  forget(waiting: Waiting): void {
    for (const memory of this.#waitingPlaces(waiting)) memory.forget(waiting)
  }

  #waitingPlaces({ row }: Waiting): CompanionMemory[] {
    return meetingIds(row, this.#byApplication).flatMap((id) => {
      const agent = this.#agents.open(row, id)
      return agent === undefined ? [] : this.#recall(agent)
    })
  }
}

/**
 * Lets a judge's findings stand only where the row has the companion that `after` wants, and none that `unless`
 * names. A finding that lacks its companion waits for one that comes late.
 */
export function accompanied(
  wanted: Accompaniment,
  judge: Judge,
  memory: Memory,
  agents: Agents,
  scopeOf: (companion: Companion) => Scope,
): Accompanied {
  const at = (companion: Companion | undefined) =>
    companion && new Meeting(wanted.view, companion, scopeOf(companion), memory, agents)
  const [after, unless] = [at(wanted.after), at(wanted.unless)]
  const { stores } = memory
  const watches: Watch[] = []
  if (unless) watches.push({ scope: unless.scope, meet: (row) => kept(unless, row, stores) })
  if (after) {
    const isMissing = (row: ViewRow) => unless?.latest(row) === undefined
    watches.push({ scope: after.scope, meet: (row) => settled(after, row, stores, isMissing) })
  }
  return { judge: (...args) => narrowed(judge(...args), args[0], after, unless), watches }
}

function narrowed(
  finding: ReturnType<Judge>,
  row: ViewRow,
  after: Meeting | undefined,
  unless: Meeting | undefined,
): ReturnType<Judge> {
  if (finding === undefined || finding === LEARNING) return finding
  if (unless?.latest(row) !== undefined) return undefined
  if (after === undefined) return finding
  const companion = after.latest(row)
  if (companion) return together(finding, row, companion, after.companion)
  after.wait({ row, hour: hourOf(row.EventTime), finding })
  return undefined
}

/** An announcement is kept; nothing waits for it. */
function kept(unless: Meeting, row: ViewRow, stores: Stores): readonly Waiting[] {
  unless.meet(row, stores)
  return []
}

/** The findings for which a companion has come. */
function* settled(
  after: Meeting,
  row: ViewRow,
  stores: Stores,
  stands: (row: ViewRow) => boolean,
): Iterable<Waiting> {
  for (const memory of after.meet(row, stores)) {
    for (const { kept, ...waiting } of memory.settle()) {
      after.forget(waiting)
      if (!stands(waiting.row)) continue
      yield { ...waiting, finding: together(waiting.finding, waiting.row, kept, after.companion) }
    }
  }
}

/** A finding with what the alert says of its companion. */
function together(finding: Finding, row: ViewRow, kept: KeptRow, { shown }: Companion): Finding {
  const columns = shown.flatMap((column, index) => {
    const value = kept.shown[index]
    return value === undefined ? [] : [[`${COMPANION_PREFIX}${column}`, value] as const]
  })
  const minutes = Math.floor((row.EventTime - kept.time) / 60_000)
  const expected = { ...finding.expected, [`${COMPANION_PREFIX}minutes`]: minutes }
  return { ...finding, expected: { ...expected, ...Object.fromEntries(columns) } }
}
