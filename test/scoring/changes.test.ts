import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { DEFAULT_STREAM, RowStream, type StreamOptions } from '../../src/replay/stream.js'
import { fullName, type SavedAgent, savedAgent } from '../../src/scoring/saved-agent.js'
import { DEFAULT_LIMITS, Scorer } from '../../src/scoring/scorer.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { graphCall, hourAt } from '../support/rows.js'

const pack = [
  detection({ kind: 'match', where: { ResponseStatusCode: 403 } }),
  detection({ kind: 'spike', metric: 'count', floor: 2, k: 0, learn: '1h', min_hours: 1 }),
  detection({ kind: 'new_value', field: 'GraphResource', learn: '1h', min_hours: 1 }),
  detection({ kind: 'pair', after: { view: 'AgentChanges', within: '24h' } }),
  detection({ id: 'alone', kind: 'pair', unless: { view: 'SignIns', within: '24h' } }),
]

/** What a stream holds, as far as it is saved by changes. */
interface Kept {
  readonly agents: Map<string, SavedAgent>
  readonly alerts: Map<string, Alert>
  readonly seen: Map<string, readonly string[]>
  readonly waiting: Map<number, readonly unknown[]>
}

const none = (): Kept => ({ agents: new Map(), alerts: new Map(), seen: new Map(), waiting: new Map() })

/** All of it, taken from the stream itself. */
function whole({ scorer, seen, reorder }: RowStream): Kept {
  const kept = none()
  for (const agent of scorer.agents())
    kept.agents.set(agent.tenantId + agent.id, savedAgent(agent, scorer.remembered(), fullName))
  for (const [key, , alert] of scorer.book.saved()) kept.alerts.set(key, { ...alert })
  for (const [table, hour, ids] of seen.saved()) if (ids.length > 0) kept.seen.set(`${hour} ${table}`, ids)
  for (const row of reorder.saved()) {
    const hour = Math.floor(row.EventTime / 3_600_000)
    kept.waiting.set(hour, [...(kept.waiting.get(hour) ?? []), row])
  }
  return kept
}

/** What was kept before, with what the stream says has changed. */
function follow(kept: Kept, { scorer, seen, reorder }: RowStream, closed: readonly Alert[]): void {
  const agents = scorer.takeChanges()
  for (const { tenantId, id } of agents.forgotten) kept.agents.delete(tenantId + id)
  for (const agent of agents.changed)
    kept.agents.set(agent.tenantId + agent.id, savedAgent(agent, scorer.remembered(), fullName))
  const ids = new Set(closed.map(({ id }) => id))
  for (const [key, { id }] of kept.alerts) if (ids.has(id)) kept.alerts.delete(key)
  const book = scorer.book.takeChanges()
  for (const [key, , alert] of [...book.raised, ...book.updated]) kept.alerts.set(key, { ...alert })
  const events = seen.takeChanges()
  for (const key of kept.seen.keys())
    if (events.forgotten.has(Number(key.split(' ')[0]))) kept.seen.delete(key)
  for (const [hour, tables] of events.added)
    for (const [table, added] of tables)
      kept.seen.set(`${hour} ${table}`, [...(kept.seen.get(`${hour} ${table}`) ?? []), ...added])
  const waiting = reorder.takeChanges()
  for (const hour of waiting.released) kept.waiting.delete(hour)
  for (const [hour, rows] of waiting.added)
    kept.waiting.set(hour, [...(kept.waiting.get(hour) ?? []), ...rows])
}

const sorted = ({ agents, alerts, seen, waiting }: Kept) =>
  [agents, alerts, seen, waiting].map((map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)))

describe('the changes since they were asked last', () => {
  it.each([
    ['that waits', {}],
    ['that scores at once', { atOnce: true }],
    ['with little room', { maxWaiting: 5, maxSeen: 8 }],
  ] as [string, Partial<StreamOptions>][])('add up to all that a stream %s holds', (_, options) => {
    fc.assert(
      fc.property(aLog, fc.integer({ min: 1, max: 9 }), fc.nat(40), (log, every, gap) => {
        const limits = { ...DEFAULT_LIMITS, maxAgents: 2, maxAlertsOfHour: 1 }
        const stream = new RowStream(new Scorer(pack, limits), { ...DEFAULT_STREAM, ...options })
        stream.trackChanges()
        const kept = none()
        const closed: Alert[] = []
        for (const [index, logged] of log.entries()) {
          // Two halves with days between them: the agents of the first are forgotten.
          const later = index > log.length / 2 ? gap * 24 * 3_600_000 : 0
          const row = { ...logged, EventTime: logged.EventTime + later }
          stream.add(row)
          closed.push(...stream.advance(row.EventTime))
          if (index % every > 0) continue
          follow(kept, stream, closed.splice(0))
          expect(sorted(kept)).toStrictEqual(sorted(whole(stream)))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('are not kept by a stream that nobody asks', () => {
    const stream = new RowStream(new Scorer(pack))
    stream.add(graphCall({ hour: hourAt('2026-11-20T03') }))
    stream.finish()
    expect(stream.scorer.takeChanges().changed.size).toBe(0)
    expect(stream.seen.takeChanges().added.size).toBe(0)
    expect(stream.scorer.book.takeChanges()).toEqual({ raised: [], updated: [] })
  })
})
