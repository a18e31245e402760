import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Detection } from '../../src/detections/detection.js'
import { DEFAULT_STREAM, RowStream } from '../../src/replay/stream.js'
import { companionsOf } from '../../src/scoring/companion-memory.js'
import { Stores } from '../../src/scoring/memory.js'
import { DEFAULT_LIMITS, Scorer } from '../../src/scoring/scorer.js'
import { views } from '../../src/views/index.js'
import type { ViewRow } from '../../src/views/view.js'
import { aLog } from '../kinds/logs.js'
import { reference } from '../kinds/reference.js'
import { detection } from '../support/detections.js'
import { keyOf, stream } from '../support/engine.js'
import { agentChange, HOUR_MS, hourAt, signIn } from '../support/rows.js'

const T = hourAt('2026-11-18T12')
const APP = '00000000-0000-4000-8000-000000000001'

const change = (part: object) => agentChange({ hour: T, AppId: APP, Operation: 'Add owner', ...part })
const used = (part: object) => signIn({ hour: T, minute: 30, AppId: APP, ...part })

/** A sign-in within a day of a change. */
const paired = (said: object = {}) =>
  detection({
    kind: 'pair',
    view: 'SignIns',
    after: { view: 'AgentChanges', within: '24h' },
    alert: '{AgentName} came {after.minutes} minutes after {after.Operation}',
    ...said,
  })
const unannounced = () =>
  detection({ kind: 'pair', view: 'SignIns', unless: { view: 'AgentChanges', within: '24h' } })

/** Rows scored as they come: none waits, not even for others of its hour. */
function live(one: Detection, rows: readonly ViewRow[], limits = DEFAULT_LIMITS): Alert[] {
  const run = new RowStream(new Scorer([one], limits), { ...DEFAULT_STREAM, reorderHours: -1 })
  const alerts: Alert[] = []
  let newest = 0
  for (const row of rows) {
    newest = Math.max(newest, row.EventTime)
    run.add(row)
    alerts.push(...run.advance(newest))
  }
  return [...alerts, ...run.finish()]
}

const NOBODY = { tenantId: 't', id: 'a', name: undefined, first: 0, newest: 0, rows: 0 }

describe('a companion', () => {
  it.each([
    ['half an hour before', change({}), 1],
    ['exactly within before', change({ hour: T - 24, minute: 30 }), 1],
    ['a minute earlier than that', change({ hour: T - 24, minute: 29 }), 0],
    ['at the same instant', change({ minute: 30 }), 0],
    ['a minute later', change({ minute: 31 }), 0],
    ['of another agent', change({ agent: 'agent-2', AppId: undefined }), 0],
    ['of another tenant', change({ tenant: 'tenant-2' }), 0],
    ['of the application that the audit log names by its own object id', change({ agent: 'object-1' }), 1],
    ['of another application', change({ agent: 'object-1', AppId: 'other' }), 0],
  ])('counts, or not: %s', (_, row, alerts) => {
    expect(stream([paired()], [row, used({})]).alerts).toHaveLength(alerts)
    expect(stream([unannounced()], [row, used({})]).alerts).toHaveLength(1 - alerts)
  })

  it('is the latest one in the sentence', () => {
    const rows = [
      change({ Operation: 'Add owner' }),
      change({ minute: 9, Operation: 'Remove owner' }),
      used({}),
    ]
    expect(stream([paired()], rows).alerts[0]!.reason).toBe('agent-1 came 21 minutes after Remove owner')
  })
})

describe('rows that are scored as they come', () => {
  it('find a companion that comes up to two hours late', () => {
    const rows = [used({}), used({ hour: T + 2 }), change({})]
    const alerts = live(paired(), rows)
    expect(alerts.map(({ hour }) => hour)).toEqual(['2026-11-18T12:00:00Z', '2026-11-18T14:00:00Z'])
    expect(alerts[0]!.reason).toBe('agent-1 came 30 minutes after Add owner')
  })

  it('find it also by the application', () => {
    expect(live(paired(), [used({}), change({ agent: 'object-1' })])).toHaveLength(1)
  })

  it('count a row once, though it waits with its agent and with its application', () => {
    const both = change({ agent: 'agent-1' })
    const other = change({ agent: 'object-1', minute: 1 })
    expect(live(paired(), [used({}), both]).map(({ count }) => count)).toEqual([1])
    expect(live(paired(), [used({}), both, other]).map(({ count }) => count)).toEqual([1])
  })

  it('wait for themselves, also where agents share an application', () => {
    const rows = [used({}), used({ agent: 'agent-2' }), change({ agent: 'object-1' })]
    expect(live(paired(), rows).map(({ agentId }) => agentId)).toEqual(['agent-1', 'agent-2'])
  })

  it('stay quiet about a late companion that came after the row', () => {
    expect(live(paired(), [used({}), change({ minute: 31 })])).toEqual([])
  })

  it('keep an alert that a late announcement would have prevented', () => {
    expect(live(unannounced(), [used({}), change({})])).toHaveLength(1)
  })

  it('find the same pairs in whatever order they come within two hours', () => {
    let alerting = 0
    const after = { view: 'AgentChanges', within: 24 }
    fc.assert(
      fc.property(aLog, fc.array(fc.integer({ min: 0, max: 119 }), { minLength: 400 }), (log, delays) => {
        const late = log.map((row, at) => ({ row, arrival: row.EventTime + delays[at % 400]! * 60_000 }))
        const rows = late.sort((a, b) => a.arrival - b.arrival).map(({ row }) => row)
        const expected = [...reference('pair', { view: 'SignIns', after }, rows)].sort()
        expect(live(paired(), rows).map(keyOf).sort()).toEqual(expected)
        if (expected.length > 0) alerting++
      }),
      { numRuns: 150 },
    )
    expect(alerting).toBeGreaterThan(5)
  })
})

describe('the memory of companions', () => {
  const limits = { ...DEFAULT_LIMITS, maxValues: 2 }
  const byOperation = () =>
    paired({ after: { view: 'AgentChanges', within: '24h', on: { Operation: 'ResourceDisplayName' } } })
  const changes = ['a', 'b', 'c'].map((Operation, minute) => change({ minute, Operation }))

  it('is bounded: the newest are kept, and what is pushed out is counted', () => {
    const { alerts, stream: run } = stream(
      [byOperation()],
      [...changes, ...['a', 'b', 'c'].map((name) => used({ ResourceDisplayName: name }))],
      limits,
    )
    expect(alerts[0]!.count).toBe(2)
    // With the agent and with its application.
    expect(run.scorer.stores.overflows).toBe(2)
  })

  it('lets go of what can be no companion any more, which is no overflow', () => {
    const days = Array.from({ length: 10 }, (_, day) => change({ hour: T + 72 * day }))
    expect(stream([paired()], days, limits).stream.scorer.stores.overflows).toBe(0)
  })

  it('does not mind texts that compare with another case, or are missing', () => {
    const sides = [change({ Operation: 'Mail' }), change({ Operation: undefined })]
    const names = ['MAIL', 'files', undefined]
    const { alerts } = stream(
      [byOperation()],
      [...sides, ...names.map((name) => used({ ResourceDisplayName: name }))],
    )
    expect(alerts.map(({ count }) => count)).toEqual([1])
  })

  it('is saved as one list, and read from lists of lists, as layout 1 of the state has them', () => {
    const same = (column: string) => ({ theirs: column, own: column })
    const [on, differs] = [[same('IPAddress')], [same('Location')]]
    const companion = {
      view: views.get('SignIns')!,
      where: undefined,
      within: 24,
      on,
      differs,
      shown: ['ResultType'],
    }
    const feature = companionsOf(new Stores(limits), companion)
    const memory = feature.create()
    for (const part of [
      { Location: 'SE', ResultType: '0' },
      { minute: 1, ResultType: '1' },
    ])
      feature.record(memory, signIn({ hour: T, IPAddress: '10.0.0.1', ...part }), T)
    const [first, second] = [T * HOUR_MS, T * HOUR_MS + 60_000]
    const rows = ['10.0.0.1', first, 'se', '0', '10.0.0.1', second, null, '1']
    const nested = [
      { time: first, compared: ['se'], shown: ['0'] },
      { time: second, compared: [null], shown: ['1'] },
    ]
    const saved = { rows, waiting: [], newest: second }
    const agent = { ...NOBODY, slots: [memory] }
    expect(feature.save(memory, agent)).toEqual(saved)
    for (const one of [saved, { ...saved, rows: [['10.0.0.1', nested]] }])
      expect(feature.save(feature.load(one), agent)).toEqual(saved)
  })
})
