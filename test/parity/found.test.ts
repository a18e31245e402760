import { describe, expect, it } from 'vitest'
import { Inventory } from '../../src/agents/inventory.js'
import type { ViewRow } from '../../src/views/view.js'
import { APP, auditRecord, TENANT } from '../support/records.js'
import { graphCall, hourAt } from '../support/rows.js'
import { comparison, differences } from './compare.js'
import { sourceOf, sourceOfRecords } from './wire.js'

/**
 * Logs on which the two engines once differed, each with the number of alert keys that both raise now. What
 * `npm run parity:fuzz` prints of a difference goes here.
 */
interface Found {
  readonly name: string
  readonly detection: Readonly<Record<string, unknown>> & { readonly kind: string }
  readonly log: readonly ViewRow[]
  readonly keys: number
}

const H = hourAt('2026-11-20T03')
const at = (hour: number, part: Partial<Parameters<typeof graphCall>[0]> = {}) =>
  graphCall({ hour: H + hour, ...part })
const times = (count: number, row: (index: number) => ViewRow) =>
  Array.from({ length: count }, (_, i) => row(i))
const SPIKE = { kind: 'spike', metric: 'count', floor: 0, k: 0, rel: 0, learn: '1h', min_hours: 1 }
const OFF_HOURS = { kind: 'off_hours', learn: '24h', min_hours: 1, min_days: { weekday: 1, weekend: 1 } }
const long = 'x'.repeat(300)

const FOUND: readonly Found[] = [
  {
    name: 'events without an id can not be told apart, so each counts into a spike',
    detection: SPIKE,
    log: [at(-3), ...times(2, (minute) => at(0, { id: null, minute }))],
    keys: 1,
  },
  {
    name: 'events without an id each count into the bytes of a spike, and into those before it',
    detection: { ...SPIKE, metric: 'sum', column: 'ResponseSizeBytes' },
    log: [
      ...times(2, () => at(-3, { id: null, ResponseSizeBytes: 10 })),
      at(0, { ResponseSizeBytes: 15 }),
      at(1, { ResponseSizeBytes: 21 }),
    ],
    keys: 1,
  },
  {
    name: 'events without an id each count toward the least that is off hours',
    detection: { ...OFF_HOURS, min_count: 2 },
    log: [at(-36), at(-35), ...times(2, (minute) => at(0, { id: null, minute }))],
    keys: 1,
  },
  {
    name: 'events whose ids differ by nothing but case are two',
    detection: SPIKE,
    log: [at(-3), at(0, { id: 'Event-1' }), at(0, { id: 'event-1' })],
    keys: 1,
  },
  {
    name: 'a late row counts into the baseline of the hour that is being judged',
    detection: SPIKE,
    log: [...times(2, () => at(-2)), at(-1), ...times(2, () => at(0)), at(-1)],
    keys: 0,
  },
  {
    name: 'the entity of an event is cut like the values of baselines',
    detection: { kind: 'match', entity: ['GraphResource'] },
    log: [at(0, { GraphResource: `${long}a` }), at(0, { GraphResource: `${long}b` })],
    keys: 1,
  },
  {
    name: 'rows of one instant that are alike but for what `unless` compares are judged apart',
    detection: {
      kind: 'pair',
      unless: { view: 'GraphCalls', differs: { GraphResource: 'GraphResource' }, within: '24h' },
    },
    log: [
      at(-1, { GraphResource: 'files' }),
      at(0, { GraphResource: 'mail' }),
      at(0, { GraphResource: undefined }),
    ],
    // That of the first hour, and of the row that names no resource.
    keys: 2,
  },
]

describe('both engines agree on a log on which they once differed', () => {
  it.each(FOUND)('$name', async ({ detection, log, keys }) => {
    const result = await differences(comparison(detection), [sourceOf(log)])
    expect(result.differences).toEqual([])
    expect(result.both).toBe(keys)
  })

  it('an application in the audit log is its agent by the application id', async () => {
    const inventory = new Inventory([{ id: 'agent', app_id: APP.toUpperCase(), status: 'retired' }])
    const record = (appId: string, id: string) =>
      auditRecord({
        id,
        targetResources: [{ id: `object-of-${appId}`, type: 'Application', modifiedProperties: [] }],
        additionalDetails: [{ key: 'AppId', value: appId }],
      })
    const engines = comparison(
      { kind: 'match', view: 'AgentChanges', where: { 'agent.status': 'retired' } },
      { inventory, population: 'inventory' },
    )
    const result = await differences(engines, [sourceOfRecords([record(APP, 'a'), record(TENANT, 'b')])])
    expect(result.differences).toEqual([])
    expect(result.both).toBe(1)
  })
})
