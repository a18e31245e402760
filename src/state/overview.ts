import { increment } from '../collections.js'
import { hourText } from '../records/time.js'
import * as keys from './keys.js'
import type { StateStore } from './store.js'

/** What a state holds, in numbers. */
export interface Overview {
  readonly schema: number
  readonly saves: number
  readonly bytes: number
  /** Newest event time of any row (ISO 8601), if there was one. */
  readonly newestEvent: string | undefined
  /** The end of the time of which a backfill knew all (ISO 8601), if there was one. */
  readonly backfilledTo: string | undefined
  /** Agents by tenant. */
  readonly agents: Readonly<Record<string, number>>
  readonly openAlerts: number
  readonly waitingRows: number
  readonly knownEvents: number
  readonly outbox: number
  readonly positions: readonly Position[]
  /** By sink, the sequence number of the last alert that it has taken. */
  readonly sinks: Readonly<Record<string, number>>
}

/** Up to where a partition is read. */
export interface Position {
  readonly source: string
  readonly partition: string
  readonly position: string
  /** When the broker took that message in (ISO 8601). */
  readonly enqueued: string
}

interface HeadPart {
  readonly stream: { readonly newest: number }
  readonly scorer: { readonly backfilled?: number }
}

/** Reads a whole state and adds it up. @throws as `StateStore.open`. */
export async function overviewOf(store: StateStore): Promise<Overview> {
  const agents = new Map<string, number>()
  const sinks = new Map<string, number>()
  const positions: Position[] = []
  const sums = { openAlerts: 0, waitingRows: 0, knownEvents: 0, outbox: 0 }
  let head: HeadPart | undefined
  await store.open((key, value) => {
    if (key.startsWith(keys.AGENTS)) increment(agents, (value as { tenantId: string }).tenantId)
    else if (key.startsWith(keys.ALERTS)) sums.openAlerts++
    else if (key.startsWith(keys.WAITING)) sums.waitingRows += (value as unknown[]).length
    else if (key.startsWith(keys.SEEN)) sums.knownEvents += (value as { ids: unknown[] }).ids.length
    else if (key.startsWith(keys.OUTBOX)) sums.outbox++
    else if (key.startsWith(keys.POSITIONS)) positions.push(positionOf(value))
    else if (key.startsWith(keys.SINKS)) {
      const { sink, sequence } = value as { sink: string; sequence: number }
      sinks.set(sink, sequence)
    } else if (key === keys.HEAD) head = value as HeadPart
  })
  return {
    schema: store.schema,
    saves: store.saves,
    bytes: await store.bytes(),
    newestEvent: head?.stream.newest ? new Date(head.stream.newest).toISOString() : undefined,
    backfilledTo: head?.scorer.backfilled ? hourText(head.scorer.backfilled) : undefined,
    agents: Object.fromEntries(agents),
    ...sums,
    positions,
    sinks: Object.fromEntries(sinks),
  }
}

function positionOf(value: unknown): Position {
  const { source, partition, position, enqueued } = value as Omit<Position, 'enqueued'> & { enqueued: number }
  return { source, partition, position, enqueued: new Date(enqueued).toISOString() }
}
