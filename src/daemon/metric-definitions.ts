import type { SinkFigures } from './sink-delivery.js'
import type { EngineStatus, PartitionStatus } from './status.js'

/** What the metrics are made of. */
export interface Facts {
  readonly engine: EngineStatus
  readonly sinks: readonly SinkFigures[]
  /** Agents by their level of risk. */
  readonly risks: ReadonlyMap<string, number>
}

/** A value with those of its labels. */
export type Sample = readonly [labels: readonly string[], value: number]

/** One metric: where its values come from. */
export interface Definition {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (facts: Facts) => Iterable<Sample>
}

/** Most partitions that are told apart; those that are furthest behind come first. */
const MOST_PARTITIONS = 200

const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [[[], value]])

const each = (counts: ReadonlyMap<string, number>): readonly Sample[] =>
  Array.from(counts, ([key, value]) => [[key], value])

/** The partitions that are read, with one for all beyond the bound. */
function partitions(
  { engine }: Facts,
  value: (partition: PartitionStatus) => number | undefined,
  total: (values: readonly number[]) => number,
): readonly Sample[] {
  const read = engine.partitions.filter(({ assigned }) => assigned)
  const sorted = [...read].sort((a, b) => (b.behind ?? 0) - (a.behind ?? 0))
  const [shown, rest] = [sorted.slice(0, MOST_PARTITIONS), sorted.slice(MOST_PARTITIONS)]
  const samples = shown.flatMap((one): Sample[] => {
    const said = value(one)
    return said === undefined ? [] : [[[one.source, one.partition], said]]
  })
  if (rest.length === 0) return samples
  return [...samples, [['', 'others'], total(rest.map((one) => value(one) ?? 0))]]
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const most = (values: readonly number[]) => Math.max(0, ...values)

/** What only grows. */
export const COUNTERS: readonly Definition[] = [
  {
    name: 'messages_total',
    help: 'Messages that were scored',
    labels: [],
    samples: ({ engine }) => one(engine.messages),
  },
  {
    name: 'records_total',
    help: 'Records that were understood, by category',
    labels: ['category'],
    samples: ({ engine }) => each(engine.records),
  },
  {
    name: 'records_passed_over_total',
    help: 'Records of categories that are not used, by category',
    labels: ['category'],
    samples: ({ engine }) => each(engine.unknown),
  },
  {
    name: 'dead_letters_total',
    help: 'Messages and records that could not be read, by reason',
    labels: ['reason'],
    samples: ({ engine }) => each(engine.deadLetters),
  },
  {
    name: 'rows_total',
    help: 'Agent rows by what became of them; all of them under rows',
    labels: ['kind'],
    samples: ({ engine: { rows } }) => [
      [['rows'], rows.rows],
      [['duplicates'], rows.duplicates],
      [['reordered'], rows.reordered],
      [['late'], rows.late],
      [['too_late'], rows.tooLate],
      [['backfilled'], rows.backfilled],
      [['beyond_agents'], rows.beyondAgents],
      [['other_tenants'], rows.otherTenants],
    ],
  },
  {
    name: 'learning_total',
    help: 'Rows that would have alerted if more were known of the agent, by detection',
    labels: ['detection'],
    samples: ({ engine }) => each(engine.learning),
  },
  {
    name: 'bounds_total',
    help: 'How often a limit on memory was met, by limit',
    labels: ['bound'],
    samples: ({ engine }) => each(engine.bounds),
  },
  {
    name: 'saves_total',
    help: 'Saves of the state, by whether they succeeded',
    labels: ['result'],
    samples: ({ engine: { state } }) => [
      [['success'], state.saves],
      [['failure'], state.failures],
    ],
  },
  {
    name: 'deliveries_total',
    help: 'Alerts by sink and result: delivered; calls that failed and are made again; refused for ever',
    labels: ['sink', 'result'],
    samples: ({ sinks }) =>
      sinks.flatMap(({ sink, delivered, retried, refused }): Sample[] => [
        [[sink, 'delivered'], delivered],
        [[sink, 'retried'], retried],
        [[sink, 'refused'], refused],
      ]),
  },
]

/** What goes up and down. */
export const GAUGES: readonly Definition[] = [
  {
    name: 'ready',
    help: 'Whether messages are scored, or could be if there were any',
    labels: [],
    samples: ({ engine }) => one(Number(engine.ready)),
  },
  {
    name: 'agents',
    help: 'Agents that are remembered',
    labels: [],
    samples: ({ engine }) => one(engine.agents),
  },
  {
    name: 'agents_by_risk',
    help: 'Agents by the level of risk that their alerts of the last days add up to',
    labels: ['level'],
    samples: ({ risks }) => each(risks),
  },
  {
    name: 'texts',
    help: 'Different texts that are remembered of all agents together',
    labels: [],
    samples: ({ engine }) => one(engine.texts),
  },
  {
    name: 'open_alerts',
    help: 'Alerts whose hour may still bring more rows',
    labels: [],
    samples: ({ engine }) => one(engine.openAlerts),
  },
  {
    name: 'rows_waiting',
    help: 'Rows that wait for others that come before them',
    labels: [],
    samples: ({ engine }) => one(engine.rows.waiting),
  },
  {
    name: 'queue_bytes',
    help: 'Bytes of messages that were read and are not scored',
    labels: [],
    samples: ({ engine }) => one(engine.queueBytes),
  },
  {
    name: 'source_connected',
    help: 'Whether the broker of a source can be reached',
    labels: ['source'],
    samples: ({ engine }) => Array.from(engine.connections, ([source, { up }]) => [[source], Number(up)]),
  },
  {
    name: 'partition_lag_messages',
    help: 'Messages of a partition that are not scored',
    labels: ['source', 'partition'],
    samples: (facts) => partitions(facts, ({ behind }) => behind, sum),
  },
  {
    name: 'partition_lag_seconds',
    help: 'How long ago the broker took in the last message that was scored; 0 if all are',
    labels: ['source', 'partition'],
    samples: (facts) => partitions(facts, ({ behindSeconds }) => behindSeconds, most),
  },
  {
    name: 'outbox_alerts',
    help: 'Alerts on disk that a sink has not got yet',
    labels: ['sink'],
    samples: ({ sinks }) => sinks.map(({ sink, waiting }): Sample => [[sink], waiting]),
  },
  {
    name: 'outbox_bytes',
    help: 'Bytes of the alerts that some sink has not got yet',
    labels: [],
    samples: ({ engine }) => one(engine.outbox.bytes),
  },
  {
    name: 'sink_failing_since_seconds',
    help: 'Since when every call of a sink fails, in seconds since 1970; 0 if the last one succeeded',
    labels: ['sink'],
    samples: ({ sinks }) =>
      sinks.map(({ sink, failingSince = 0 }): Sample => [[sink], Math.round(failingSince / 1000)]),
  },
  {
    name: 'state_bytes',
    help: 'Bytes of the state on disk',
    labels: [],
    samples: ({ engine }) => one(engine.state.bytes),
  },
  {
    name: 'state_records',
    help: 'Records of the state on disk',
    labels: [],
    samples: ({ engine }) => one(engine.state.records),
  },
  {
    name: 'last_save_timestamp_seconds',
    help: 'When the last save was on disk',
    labels: [],
    samples: ({ engine: { state } }) => one(state.savedAt === undefined ? undefined : state.savedAt / 1000),
  },
]
