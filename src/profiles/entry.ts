import type { AgentRisk } from '../alerts/risk.js'
import { increment } from '../collections.js'
import { hourText } from '../records/time.js'
import type { Agent } from '../scoring/memory.js'
import type { Scorer } from '../scoring/scorer.js'

/** An agent in a list. */
export interface AgentEntry {
  readonly agentId: string
  readonly agentName?: string
  readonly tenantId: string
  /** Start of the first and the last hour with a row, since it is remembered. */
  readonly firstSeen: string
  readonly lastSeen: string
  /** Rows since it is remembered, without those more than a day late. */
  readonly rows: number
  readonly openAlerts: number
  /** In the newest hour of any agent. */
  readonly risk: AgentRisk
}

/**
 * All agents, those at the highest risk first, then those with a row last. An id that has no row of its own, as that of
 * an application of which something is kept for its agent, is none. O(agents).
 */
export function agentList(scorer: Scorer): AgentEntry[] {
  const open = openAlerts(scorer)
  return Array.from(scorer.agents(), (agent) => entryOf(scorer, agent, open.get(keyOf(agent)) ?? 0))
    .filter(({ rows, openAlerts, risk }) => rows + openAlerts + risk.score > 0)
    .sort(
      (a, b) =>
        b.risk.score - a.risk.score || compare(b.lastSeen, a.lastSeen) || compare(a.agentId, b.agentId),
    )
}

/** One agent as it stands in a list. */
export function entryOf(scorer: Scorer, agent: Agent, openAlerts: number): AgentEntry {
  const { id, name, tenantId, first, newest, rows } = agent
  return {
    agentId: id,
    ...(name === undefined ? {} : { agentName: name }),
    tenantId,
    firstSeen: hourText(first),
    lastSeen: hourText(newest),
    rows,
    openAlerts,
    risk: scorer.risks.of(agent, scorer.newest),
  }
}

function openAlerts({ book }: Scorer): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [, , { tenantId, agentId }] of book.saved()) increment(counts, keyOf({ tenantId, id: agentId }))
  return counts
}

function keyOf({ tenantId, id }: Pick<Agent, 'tenantId' | 'id'>): string {
  return JSON.stringify([tenantId, id])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
