import type { Detection } from '../detections/detection.js'
import type { CompiledQuery } from '../kql/compile.js'
import type { SourceTable } from '../kql/evaluate/data.js'
import { HOUR_MS } from '../records/time.js'
import { customDetailsOf } from '../sentinel/rule.js'
import { securityAlerts } from '../tables/security-alerts.js'
import { timeOf } from './keys.js'

/** A row that a rule's query yields, by column. */
export type Result = ReadonlyMap<string, unknown>

const COLUMNS = ['TimeGenerated', 'SystemAlertId', 'AlertSeverity', 'ExtendedProperties']

/** The table of alerts as Microsoft Sentinel would fill it from what the rules' queries yield. */
export class AlertTable {
  readonly #rows: Record<string, unknown>[] = []
  readonly #hours = new Set<number>()

  /** Adds the alert that a rule makes of a row. @param now - when the query ran, milliseconds since 1970. */
  add(detection: Detection, compiled: CompiledQuery, result: Result, now: number): void {
    const details = Object.entries(customDetailsOf(detection, compiled)).map(([name, column]) => [
      name,
      [detailText(result.get(column))],
    ])
    this.#hours.add(Math.floor(timeOf(result.get('Hour')) / HOUR_MS))
    this.#rows.push({
      TimeGenerated: now,
      SystemAlertId: `alert-${this.#rows.length}`,
      AlertSeverity: detection.severity,
      ExtendedProperties: JSON.stringify({ 'Custom Details': JSON.stringify(Object.fromEntries(details)) }),
    })
  }

  /** The hours that the alerts are about, and those of others. */
  hoursWith(others: readonly number[]): number[] {
    return [...new Set([...others, ...this.#hours])].sort((a, b) => a - b)
  }

  /** The table, with the rows that the logs have of it. */
  with(logged: SourceTable | undefined): SourceTable {
    const columns =
      logged?.columns ?? COLUMNS.map((name) => ({ name, type: securityAlerts.columns.get(name)!.type }))
    const rows = this.#rows.map((row) => columns.map(({ name }) => row[name]))
    return { columns, rows: [...(logged?.rows ?? []), ...rows] }
  }
}

function detailText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value ?? '')
}
