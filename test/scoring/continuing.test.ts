import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { DEFAULT_STREAM, RowStream, type StreamOptions } from '../../src/replay/stream.js'
import { agentOf, fullName, type SavedAgent, savedAgent } from '../../src/scoring/saved-agent.js'
import { DEFAULT_LIMITS, Scorer } from '../../src/scoring/scorer.js'
import type { ViewRow } from '../../src/views/view.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'

const SOON = { learn: '1h', min_hours: 1 }
const after = { view: 'AgentChanges', within: '24h' }

/** All that is remembered, companions of both sorts above all. */
const pack = [
  detection({ id: 'every', kind: 'match', where: { ResponseStatusCode: 403 } }),
  detection({ id: 'busy', kind: 'spike', metric: 'count', floor: 1, k: 0, ...SOON }),
  detection({
    id: 'broad',
    kind: 'spike',
    metric: 'distinct',
    column: 'GraphResource',
    floor: 1,
    k: 0,
    ...SOON,
  }),
  detection({
    id: 'rare',
    kind: 'rare_volume',
    metric: 'count',
    by: 'GraphResource',
    floor: 1,
    ratio: 1,
    ...SOON,
  }),
  detection({ id: 'fresh', kind: 'new_value', field: 'GraphResource', ...SOON, unless: after }),
  detection({ id: 'paired', kind: 'pair', view: 'SignIns', after }),
  detection({ id: 'differing', kind: 'pair', after: { ...after, differs: { ActorName: 'GraphResource' } } }),
  detection({ id: 'gone', kind: 'absent', for: '1h', share: 0 }),
  detection({ id: 'lonely', kind: 'pair', view: 'SignIns', unless: { ...after, view: 'GraphCalls' } }),
]

/** Agents as they are saved. */
function agentsOf({ scorer }: RowStream): Map<string, SavedAgent> {
  const saved = Array.from(scorer.agents(), (agent) => savedAgent(agent, scorer.remembered(), fullName))
  return new Map(saved.map((agent) => [`${agent.tenantId} ${agent.id}`, agent]))
}

/** The same data as it is after it was on disk. */
const fromDisk = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

type Limits = typeof DEFAULT_LIMITS

/** A stream that goes on where another one stands. */
function continued(old: RowStream, options: StreamOptions, limits: Limits): RowStream {
  const { scorer } = old
  const stream = new RowStream(new Scorer(pack, limits), options)
  stream.resume(fromDisk(old.position))
  stream.scorer.resume(fromDisk(scorer.position))
  for (const agent of agentsOf(old).values())
    stream.scorer.restore(agentOf(fromDisk(agent), stream.scorer.remembered(), fullName))
  for (const entry of scorer.book.saved()) stream.scorer.book.restore(...(fromDisk(entry) as typeof entry))
  for (const [table, hour, ids] of old.seen.saved()) for (const id of ids) stream.seen.add(table, id, hour)
  for (const row of old.reorder.saved()) stream.place(fromDisk(row))
  return stream
}

/** What comes of rows when the stream is saved and loaded after each of these, and `advance` asked only then. */
function run(
  rows: readonly ViewRow[],
  stops: ReadonlySet<number>,
  part: Partial<StreamOptions>,
  limits: Limits,
) {
  const options = { ...DEFAULT_STREAM, ...part }
  let stream = new RowStream(new Scorer(pack, limits), options)
  const alerts: Alert[] = []
  let newest = 0
  for (const [index, row] of rows.entries()) {
    stream.add(row)
    newest = Math.max(newest, row.EventTime)
    if (!stops.has(index)) continue
    alerts.push(...stream.advance(newest))
    stream = continued(stream, options, limits)
  }
  alerts.push(...stream.finish())
  const final = new Map(alerts.map((alert) => [alert.id, alert]))
  return { agents: agentsOf(stream), alerts: [...final.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

const delays = fc.array(fc.integer({ min: 0, max: 180 }), { minLength: 20, maxLength: 20 })

/** A log in the order in which it arrives. */
const arrivals = fc.tuple(aLog, delays).map(([log, late]) => {
  const arriving = log.map((row, at) => ({ row, arrival: row.EventTime + late[at % 20]! * 60_000 }))
  return arriving.sort((a, b) => a.arrival - b.arrival).map(({ row }) => row)
})

describe('what is remembered and found is a function of the rows', () => {
  it.each([
    ['that wait', {}, {}],
    ['that are scored at once', { atOnce: true }, {}],
    ['of which few are kept', { atOnce: true }, { maxValues: 2 }],
  ] as [string, Partial<StreamOptions>, Partial<Limits>][])(
    '%s, however often the state is saved and loaded in between',
    (_, options, less) => {
      const limits = { ...DEFAULT_LIMITS, ...less }
      fc.assert(
        fc.property(arrivals, fc.array(fc.nat(60)), (rows, stops) => {
          const cut = run(rows, new Set(stops), options, limits)
          expect(cut).toStrictEqual(run(rows, new Set(), options, limits))
        }),
        { numRuns: 60 },
      )
    },
  )

  it('and is plain data, so that the saved form of it is all of it', () => {
    fc.assert(
      fc.property(arrivals, (rows) => {
        const { agents } = run(rows, new Set(), { atOnce: true }, DEFAULT_LIMITS)
        for (const agent of agents.values()) expect(fromDisk(agent)).toStrictEqual(agent)
      }),
      { numRuns: 60 },
    )
  })
})
