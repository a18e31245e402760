import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { Comparison } from '../../src/parity/parity.js'
import { securityAlert } from '../../src/simulate/records/index.js'
import { aLog } from '../kinds/logs.js'
import { detection } from '../support/detections.js'
import { HOUR_MS, hourAt } from '../support/rows.js'
import { comparison } from './compare.js'
import { sourceOf, sourceOfRecords } from './wire.js'

const SEED = 20_261_120
const H = hourAt('2026-11-20T03')
/** Hours before this one are history: to judge them all would take a minute. */
const JUDGED = H - 8
/** After all of them. */
const NOW = Date.UTC(2026, 11, 31)

const anAlert = fc.record({
  Detection: fc.constantFrom('a', 'b', 'B', 'c'),
  AgentId: fc.constantFrom('agent-1', 'AGENT-1', 'agent-2', 'agent-3', 'agent-4', 'agent-5'),
  severity: fc.constantFrom('Informational', 'Low', 'Medium', 'Medium', 'High', 'High', 'odd'),
  hour: fc.oneof(
    fc.integer({ min: H - 330, max: H }),
    fc.integer({ min: H - 7, max: H }),
    fc.integer({ min: H - 7, max: H }),
  ),
  /** Hours until it is written. */
  late: fc.integer({ min: 1, max: 4 }),
  times: fc.constantFrom(1, 1, 1, 1, 1, 10),
})

/** Alerts as Sentinel writes them, in the order in which they were written. */
const someAlerts = fc.array(anAlert, { minLength: 12, maxLength: 30 }).map((alerts) =>
  alerts
    .flatMap(({ Detection, AgentId, severity, hour, late, times }) =>
      Array.from({ length: times }, (_, index) => {
        const about = Math.min(H, hour + index)
        const details = { Detection, AgentId, Hour: new Date(about * HOUR_MS).toISOString() }
        return { severity, details, time: (about + late) * HOUR_MS }
      }),
    )
    .sort((a, b) => a.time - b.time)
    .map((fields, index) => securityAlert({ ...fields, alertId: `alert-${index}` })),
)

describe.each(['medium', 'high'])('reaching risk %s', (level) => {
  it('is found in the same hours by both engines, in the same alerts', async () => {
    const engines = comparison({ kind: 'risk', view: 'AgentAlerts', level })
    let both = 0
    await fc.assert(
      fc.asyncProperty(someAlerts, async (records) => {
        const [result] = await engines.on([sourceOfRecords(records)], { now: NOW, from: JUDGED * HOUR_MS })
        expect(result).toMatchObject({ streamOnly: [], kqlOnly: [] })
        both += result!.both
      }),
      { numRuns: 10, seed: SEED },
    )
    expect(both).toBeGreaterThan(0)
  })
})

/** An id is of one tenant: rules can't say the tenant of all alerts, and so join by the id. */
describe('the whole way from logs', () => {
  const known = { learn: '1h', min_hours: 1 }
  const detections = [
    detection({ id: 'refused', kind: 'match', severity: 'high', where: { ResponseStatusCode: 403 } }),
    detection({ id: 'sign-in', kind: 'match', view: 'SignIns', severity: 'low' }),
    detection({ id: 'changed', kind: 'match', view: 'AgentChanges', entity: ['Result'] }),
    detection({ id: 'busy', kind: 'spike', metric: 'count', floor: 1, k: 0, ...known }),
    detection({ id: 'fresh', kind: 'new_value', field: 'GraphResource', ...known }),
    detection({ id: 'gone', kind: 'absent', severity: 'high', for: '2h', share: 0.002 }),
    detection({ id: 'at-risk', kind: 'risk', view: 'AgentAlerts' }),
  ]

  it('is the same in both engines: rules raise alerts, and the alerts a risk', async () => {
    const shared = language(logAnalyticsTables())
    const engines = new Comparison({ detections, language: shared, population: 'workloads' })
    let both = 0
    await fc.assert(
      fc.asyncProperty(aLog, async (log) => {
        const rows = log.map((row) => ({ ...row, TenantId: 'tenant-1' }))
        const results = await engines.on([sourceOf(rows)], { now: NOW })
        const different = results.filter(({ streamOnly, kqlOnly }) => streamOnly.length + kqlOnly.length > 0)
        expect(different).toEqual([])
        both += results.find(({ detection }) => detection === 'at-risk')!.both
      }),
      { numRuns: 8, seed: SEED },
    )
    expect(both).toBeGreaterThan(0)
  })
})
