import { describe, expect, it } from 'vitest'
import { Metrics } from '../../src/daemon/metrics.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import type { EngineStatus, PartitionStatus } from '../../src/daemon/status.js'

const NOTHING: EngineStatus = {
  ready: true,
  waitingFor: undefined,
  messages: 0,
  records: new Map(),
  unknown: new Map(),
  deadLetters: new Map(),
  rows: {
    rows: 0,
    duplicates: 0,
    reordered: 0,
    late: 0,
    tooLate: 0,
    backfilled: 0,
    beyondAgents: 0,
    otherTenants: 0,
    waiting: 0,
  },
  agents: 0,
  texts: 0,
  openAlerts: 0,
  learning: new Map(),
  bounds: new Map(),
  partitions: [],
  connections: new Map(),
  queueBytes: 0,
  outbox: { entries: 0, bytes: 0, newest: 0 },
  state: {
    bytes: 0,
    records: 0,
    saves: 0,
    failures: 0,
    failure: undefined,
    savedAt: undefined,
    seconds: 0,
    blocked: 0,
    savedBytes: 0,
  },
}

function partition(index: number, behind: number): PartitionStatus {
  return {
    source: 'hub',
    partition: `hub/${index}`,
    assigned: true,
    messages: 0,
    position: undefined,
    behind,
    behindSeconds: behind,
    queuedBytes: 0,
  }
}

/** The lines of agentwarden's own metrics. */
async function lines(metrics: Metrics): Promise<string[]> {
  const { body } = await metrics.page()
  return body.split('\n').filter((line) => line.startsWith('agentwarden_'))
}

function metricsOf(status: Partial<EngineStatus>): Metrics {
  return new Metrics(() => ({ engine: { ...NOTHING, ...status }, sinks: [], risks: new Map() }), '1.2.3')
}

describe('the metrics', () => {
  it('are what the engine says at the time of asking', async () => {
    let messages = 7
    const metrics = new Metrics(
      () => ({ engine: { ...NOTHING, messages }, sinks: [], risks: new Map() }),
      '1.2.3',
    )
    expect(await lines(metrics)).toContain('agentwarden_messages_total 7')
    messages = 9
    expect(await lines(metrics)).toContain('agentwarden_messages_total 9')
    expect(await lines(metrics)).toContain('agentwarden_info{version="1.2.3"} 1')
  })

  it('tell how many agents are at which level of risk', async () => {
    const risks = new Map([
      ['none', 5],
      ['high', 2],
    ])
    const metrics = new Metrics(() => ({ engine: NOTHING, sinks: [], risks }), '1.2.3')
    expect((await lines(metrics)).filter((line) => line.startsWith('agentwarden_agents_by_risk'))).toEqual([
      'agentwarden_agents_by_risk{level="none"} 5',
      'agentwarden_agents_by_risk{level="high"} 2',
    ])
  })

  it('count alerts by detection, severity and state', async () => {
    const metrics = metricsOf({})
    const alert = { detection: 'spike', severity: 'low', state: 'raised' } as OutgoingAlert
    metrics.countAlerts([alert, alert, { ...alert, state: 'updated' }])
    expect((await lines(metrics)).filter((line) => line.startsWith('agentwarden_alerts_total'))).toEqual([
      'agentwarden_alerts_total{detection="spike",severity="low",state="raised"} 2',
      'agentwarden_alerts_total{detection="spike",severity="low",state="updated"} 1',
    ])
  })

  it('tell the partitions apart that are furthest behind, and sum up the others', async () => {
    const partitions = Array.from({ length: 1_000 }, (_, index) => partition(index, index))
    const all = await lines(metricsOf({ partitions }))
    const lag = all.filter((line) => line.startsWith('agentwarden_partition_lag_messages'))
    expect(lag).toHaveLength(201)
    expect(lag[0]).toBe('agentwarden_partition_lag_messages{source="hub",partition="hub/999"} 999')
    expect(lag[200]).toBe('agentwarden_partition_lag_messages{source="",partition="others"} 319600')
    expect(all).toContain('agentwarden_partition_lag_seconds{source="",partition="others"} 799')
  })

  it('leave out partitions that are not read, and what is not known', async () => {
    const partitions = [
      { ...partition(0, 5), assigned: false },
      { ...partition(1, 5), behind: undefined, behindSeconds: undefined },
    ]
    expect((await lines(metricsOf({ partitions }))).filter((line) => line.includes('hub/'))).toEqual([])
  })

  it('keep the names bounded under which sources and sinks count', async () => {
    const metrics = metricsOf({})
    for (let index = 0; index < 1_000; index++) metrics.countEvent('hub', `event-${index}`, 1)
    const events = (await lines(metrics)).filter((line) => line.startsWith('agentwarden_events_total'))
    expect(events).toHaveLength(201)
    expect(events.at(-1)).toBe('agentwarden_events_total{owner="hub",event="others"} 800')
  })

  it('escape what names hold', async () => {
    const records = new Map([['a"b\\c\nd', 1]])
    expect(await lines(metricsOf({ records }))).toContain(
      'agentwarden_records_total{category="a\\"b\\\\c\\nd"} 1',
    )
  })
})
