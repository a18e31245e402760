import type { Alert } from '../alerts/alert.js'
import type { CompiledQuery } from '../kql/compile.js'

/** The key of an alert as both engines spell it: tenant, agent, hour (milliseconds since 1970) and entity. */
export function alertKey(
  tenantId: string,
  agentId: string,
  hour: number,
  entity: Readonly<Record<string, unknown>>,
): string {
  const parts = Object.entries(entity).map(([name, value]) => [name.toLowerCase(), String(value ?? '')])
  return JSON.stringify([tenantId, agentId, new Date(hour).toISOString(), Object.fromEntries(parts.sort())])
}

/** The key of an alert of the streaming engine. */
export function keyOfAlert({ tenantId, agentId, hour, entity }: Alert): string {
  return alertKey(tenantId, agentId, Date.parse(hour), entity)
}

/** An alert of a query: its key, and its hour in milliseconds since 1970. */
export interface KeyedHour {
  readonly key: string
  readonly hour: number
}

/** The alerts in the result of a query. */
export function keysIn(
  { entity }: Pick<CompiledQuery, 'entity'>,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): KeyedHour[] {
  const at = new Map(columns.map((name, index) => [name, index]))
  return rows.map((row) => {
    const value = (name: string) => row[at.get(name)!]
    const own = Object.fromEntries(entity.map((name) => [name, value(name)]))
    const hour = timeOf(value('Hour'))
    return { key: alertKey(String(value('TenantId')), String(value('AgentId')), hour, own), hour }
  })
}

/** Milliseconds since 1970 of a time in the result of a query. */
export function timeOf(value: unknown): number {
  if (typeof value === 'number') return value
  return value instanceof Date ? value.getTime() : Date.parse(String(value))
}
