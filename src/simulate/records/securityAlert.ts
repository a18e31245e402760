import { isoTicks } from '../time.js'
import { type CommonFields, defaultTenant, defaultTime, finish, type WireRecord } from './envelope.js'

export interface SecurityAlertFields extends CommonFields {
  readonly alertId?: string
  readonly severity?: string
  /** What a rule shows of its result, each a list with one text. */
  readonly details?: Readonly<Record<string, string>>
}

/** An alert of a rule of Microsoft Sentinel, as its table holds it, in the envelope of the other records. */
export function securityAlert(fields: SecurityAlertFields = {}): WireRecord {
  const time = fields.time ?? defaultTime
  const details = Object.entries(fields.details ?? {}).map(([name, value]) => [name, [value]])
  const record: WireRecord = {
    time: isoTicks(fields.written ?? time),
    category: 'SecurityAlert',
    tenantId: fields.tenantId ?? defaultTenant,
    properties: {
      systemAlertId: fields.alertId ?? '1c2b3a49-5867-4768-9a5b-4c3d2e1f0a9b',
      alertSeverity: fields.severity ?? 'Medium',
      providerName: 'ASI Scheduled Alerts',
      productName: 'Azure Sentinel',
      vendorName: 'Microsoft',
      status: 'New',
      extendedProperties: JSON.stringify({ 'Custom Details': JSON.stringify(Object.fromEntries(details)) }),
    },
  }
  return finish(record, fields)
}
