import type { Alert } from '../alerts/alert.js'

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
