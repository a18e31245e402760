/** A small pack of each kind that remembers something, and rows for it. */
import type { Alert } from '../../src/alerts/alert.js'
import type { Remembered } from '../../src/scoring/memory.js'
import type { Scorer } from '../../src/scoring/scorer.js'
import type { ViewRow } from '../../src/views/view.js'
import { detection } from '../support/detections.js'
import { graphCall, hourAt } from '../support/rows.js'

export const H = hourAt('2026-11-20T03')

export const young = { learn: '1h', min_hours: 1 }
export const refused = detection({ kind: 'match', where: { ResponseStatusCode: 403 } })
export const news = detection({ kind: 'new_value', field: 'GraphResource', ...young })
export const heavy = detection({
  kind: 'spike',
  metric: 'sum',
  column: 'ResponseSizeBytes',
  floor: 5,
  k: 1,
  ...young,
})
export const varied = detection({
  id: 'varied',
  kind: 'spike',
  metric: 'distinct',
  column: 'GraphResource',
  floor: 1,
  k: 0,
  ...young,
})
export const rare = detection({
  kind: 'rare_volume',
  metric: 'count',
  by: 'GraphResource',
  floor: 1,
  ratio: 1,
  ...young,
})
export const nights = detection({ kind: 'off_hours', min_days: { weekday: 1, weekend: 1 }, ...young })
export const refusals = detection({
  id: 'refusals',
  kind: 'spike',
  metric: 'count',
  of: { ResponseStatusCode: 403 },
  floor: 1,
  k: 1,
  ...young,
})
export const pack = [refused, news, heavy, varied, rare, nights]

export const mail = (hour: number, part = {}) => graphCall({ hour, GraphResource: 'mail', ...part })
export const files = (hour: number, part = {}) => graphCall({ hour, GraphResource: 'files', ...part })

export function scored(scorer: Scorer, rows: readonly ViewRow[]): Scorer {
  for (const row of rows) scorer.score(row)
  return scorer
}

export const closed = (scorer: Scorer): Alert[] => scorer.book.close(Number.POSITIVE_INFINITY)
export const inOrder = (rows: readonly ViewRow[]) => [...rows].sort((a, b) => a.EventTime - b.EventTime)

/** Where something that is remembered stands in saved state. */
export const placeOf = ({ scope, feature }: Remembered) => `${scope.key} ${feature.key}`

/** All that is remembered of agents, as plain data. */
export function saved(scorer: Scorer): unknown[] {
  return Array.from(scorer.agents(), (whole) => {
    const { slots, ...agent } = whole
    const known = scorer.remembered().filter(({ slot }) => slots[slot] !== undefined)
    return {
      ...agent,
      memory: Object.fromEntries(
        known.map((one) => [placeOf(one), one.feature.save(slots[one.slot], whole)]),
      ),
    }
  })
}
