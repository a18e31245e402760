import type { Alert } from '../../src/alerts/alert.js'
import type { Detection } from '../../src/detections/detection.js'
import { RowStream } from '../../src/replay/stream.js'
import { DEFAULT_LIMITS, Scorer, type ScorerLimits } from '../../src/scoring/scorer.js'
import type { ViewRow } from '../../src/views/view.js'

/** Rows in the order of their arrival through the streaming engine, each followed by the clock's advance. */
export function stream(
  detections: readonly Detection[],
  arrivals: readonly ViewRow[],
  limits: ScorerLimits = DEFAULT_LIMITS,
): { alerts: Alert[]; stream: RowStream } {
  const rows = new RowStream(new Scorer(detections, limits))
  const alerts: Alert[] = []
  let newest = 0
  for (const row of arrivals) {
    newest = Math.max(newest, row.EventTime)
    rows.add(row)
    alerts.push(...rows.advance(newest))
  }
  alerts.push(...rows.finish())
  return { alerts, stream: rows }
}

/** The alert key without what is the same in every test: tenant, agent, entity and hour. */
export function keyOf({ tenantId, agentId, entity, hour }: Alert): string {
  return JSON.stringify([tenantId, agentId, entity, hour])
}
