import { isoTicks, isoTicksOffset } from '../time.js'
import { type CommonFields, defaultTenant, defaultTime, finish, type WireRecord } from './envelope.js'

/** Who did it: a person, or another application (Entra then leaves `appId` null). */
export type Actor =
  | {
      readonly user: { readonly id: string; readonly upn: string; readonly name?: string }
      readonly ip?: string
    }
  | { readonly app: { readonly servicePrincipalId: string; readonly name: string }; readonly ip?: string }

export interface Change {
  readonly name: string
  readonly before?: unknown
  readonly after: unknown
}

export interface Target {
  readonly id: string
  readonly type:
    | 'ServicePrincipal'
    | 'Application'
    | 'User'
    | 'Role'
    | 'Group'
    | 'Device'
    | 'Policy'
    | 'Other'
  readonly name?: string | null
  readonly upn?: string
  /** What sort of agent Entra marks it as, where it does. */
  readonly agentType?: string
  readonly changes?: readonly Change[]
}

export interface AuditFields extends CommonFields {
  readonly id?: string
  readonly correlationId?: string
  readonly activity?: string
  readonly auditCategory?: string
  readonly operationType?: string
  readonly result?: 'success' | 'failure'
  readonly reason?: string
  readonly actor?: Actor
  readonly targets?: readonly Target[]
  readonly details?: readonly { readonly key: string; readonly value: string }[]
}

export const exampleActor: Actor = {
  user: { id: '4e3d2c1b-0a9f-4e8d-9c7b-6a5f4e3d2c1b', upn: 'maja.holm@fabrikam.example' },
  ip: '198.18.24.9',
}

function initiatedBy(actor: Actor): Record<string, unknown> {
  if ('user' in actor) {
    const { id, upn, name = null } = actor.user
    return { user: { id, displayName: name, userPrincipalName: upn, ipAddress: actor.ip ?? '', roles: [] } }
  }
  const { servicePrincipalId, name } = actor.app
  return { app: { appId: null, displayName: name, servicePrincipalId, servicePrincipalName: null } }
}

/** Old and new values are JSON text inside a string; an absent old value is null. */
function modifiedProperty(change: Change): Record<string, unknown> {
  const oldValue = change.before === undefined ? null : JSON.stringify(change.before)
  return { displayName: change.name, oldValue, newValue: JSON.stringify(change.after) }
}

function targetResource(target: Target): Record<string, unknown> {
  return {
    id: target.id,
    displayName: target.name ?? null,
    type: target.type,
    ...(target.upn === undefined ? {} : { userPrincipalName: target.upn }),
    ...(target.agentType === undefined ? {} : { agentType: target.agentType }),
    ...(target.type === 'Group' ? { groupType: 'azureAD' } : {}),
    modifiedProperties: (target.changes ?? []).map(modifiedProperty),
    administrativeUnits: [],
  }
}

function auditProperties(fields: AuditFields, identity: string): Record<string, unknown> {
  const { tenantId = defaultTenant, time = defaultTime, activity = 'Update application' } = fields
  const correlationId = fields.correlationId ?? '5b4a3c2d-1e0f-4a9b-8c7d-6e5f4a3b2c1d'
  return {
    id: fields.id ?? `Directory_${correlationId}_6X649_134684731`,
    category: fields.auditCategory ?? 'ApplicationManagement',
    correlationId,
    result: fields.result ?? 'success',
    resultReason: fields.reason ?? '',
    activityDisplayName: activity,
    activityDateTime: isoTicksOffset(time),
    loggedByService: 'Core Directory',
    operationType: fields.operationType ?? 'Update',
    userAgent: null,
    initiatedBy: initiatedBy(fields.actor ?? exampleActor),
    targetResources: (fields.targets ?? []).map(targetResource),
    additionalDetails: fields.details ?? [],
    performedBy: null,
    tenantId,
    resultType: '',
    resultDescription: '',
    operationName: activity,
    identity,
    tenantGeo: 'EU',
  }
}

/** AuditLogs: the envelope's time is the event's; applications have no address inside `initiatedBy`. */
export function auditRecord(fields: AuditFields = {}): WireRecord {
  const { tenantId = defaultTenant, time = defaultTime, actor = exampleActor } = fields
  const identity = 'user' in actor ? (actor.user.name ?? '') : actor.app.name
  const properties = auditProperties(fields, identity)
  const record: WireRecord = {
    time: isoTicks(time),
    resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`,
    operationName: properties.activityDisplayName,
    operationVersion: '1.0',
    category: 'AuditLogs',
    tenantId,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: actor.ip ?? '<null>',
    correlationId: properties.correlationId,
    identity,
    Level: 4,
    properties,
  }
  return finish(record, fields)
}
