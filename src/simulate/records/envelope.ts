import { isoTicks, usTime } from '../time.js'

/** One element of `records[]` as Entra's diagnostic settings write it. */
export interface WireRecord {
  time: string
  category: string
  tenantId: string
  properties: Record<string, unknown>
  [key: string]: unknown
}

/** What every factory takes; each field has a default, so a test names only what matters to it. */
export interface CommonFields {
  /** When it happened, epoch ms. */
  readonly time?: number
  /** When the service wrote it, epoch ms: the envelope's time where that is not the event's. */
  readonly written?: number
  readonly tenantId?: string
  /** Last word on any envelope field. */
  readonly envelope?: Readonly<Record<string, unknown>>
  /** Last word on any field of `properties`. */
  readonly properties?: Readonly<Record<string, unknown>>
}

export const defaultTime = Date.UTC(2026, 9, 5, 8, 30, 12, 345)
export const defaultTenant = '6f1f2d0c-3a4b-4c5d-8e6f-708192a3b4c5'

/** Applies the overrides of a test; the simulator passes none, so the common path copies nothing. */
export function finish(record: WireRecord, fields: CommonFields): WireRecord {
  if (fields.properties) Object.assign(record.properties, fields.properties)
  if (fields.envelope) Object.assign(record, fields.envelope)
  return record
}

/** The same record delivered again: identical but for a fresh envelope time, in the format of the first. */
export function redelivered(record: WireRecord, written: number): WireRecord {
  return { ...record, time: record.time.includes('/') ? usTime(written) : isoTicks(written) }
}
