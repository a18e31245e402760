import { isoSeconds, isoTicks } from '../time.js'
import { type CommonFields, defaultTenant, defaultTime, finish, type WireRecord } from './envelope.js'

export interface GraphCallFields extends CommonFields {
  readonly requestId?: string
  readonly clientRequestId?: string
  readonly appId?: string
  /** Of an app token; `userId` must then be absent, and the other way round. */
  readonly servicePrincipalId?: string | undefined
  readonly userId?: string | undefined
  readonly method?: string
  readonly version?: string
  readonly uri?: string
  readonly status?: number
  readonly bytes?: number
  readonly ip?: string
  readonly userAgent?: string
  /** The Azure region that served the call, not where the caller is. */
  readonly region?: string
  readonly signInActivityId?: string
  readonly tokenIssued?: number
  /** Space-separated application permissions (app token) or scopes (user token). */
  readonly permissions?: string
  /** 0 public client, 1 secret, 2 certificate or assertion. */
  readonly clientAuthMethod?: string
  readonly sessionId?: string
  /** In a unit that Entra does not tell. */
  readonly duration?: number
}

/** Of the two kinds of caller the other's id is null; the object id is given in both cases. */
function call(fields: GraphCallFields, written: number): Record<string, unknown> {
  const userId = fields.userId ?? null
  const app = userId ? null : (fields.servicePrincipalId ?? '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d')
  const permissions = fields.permissions ?? 'User.Read.All'
  const requestId = fields.requestId ?? '0d9c8b7a-6f5e-4d3c-8b2a-190807f6e5d4'
  const tenantId = fields.tenantId ?? defaultTenant
  return {
    apiVersion: fields.version ?? 'v1.0',
    appId: fields.appId ?? '31a0f5c2-94a7-4f0e-8d3d-6f0c8b7a5e21',
    atContent: '',
    atContentH: '',
    atContentP: '',
    C_DeviceId: '',
    C_Idtyp: userId ? 'user' : 'app',
    C_Iat: String(Math.floor((fields.tokenIssued ?? written - 300_000) / 1000)),
    C_Sid: fields.sessionId ?? '',
    clientAuthMethod: fields.clientAuthMethod ?? '1',
    clientRequestId: fields.clientRequestId ?? requestId,
    durationMs: fields.duration ?? 497815,
    identityProvider: `https://sts.windows.net/${tenantId}/`,
    ipAddress: fields.ip ?? '198.18.0.10',
    isReplay: false,
    location: fields.region ?? 'West Europe',
    operationId: requestId,
    policyEvaluated: false,
    requestId,
    requestMethod: fields.method ?? 'GET',
    requestUri: fields.uri ?? 'https://graph.microsoft.com/v1.0/users?$select=id,displayName',
    responseSizeBytes: fields.bytes ?? 1834,
    responseStatusCode: fields.status ?? 200,
    roles: userId ? null : permissions,
    scopes: userId ? permissions : null,
    servicePrincipalId: app,
    signInActivityId: fields.signInActivityId ?? 'kFocfT5vikui1JPG6PCxAA',
    tenantId,
    timeGenerated: isoTicks(written),
    tokenIssuedAt: isoSeconds(fields.tokenIssued ?? written - 300_000),
    UserPrincipalObjectID: userId ?? app,
    userAgent: fields.userAgent ?? '',
    userId,
    wids: 'b79fbf4d-3ef9-4689-8143-76b194e85509',
  }
}

/** MicrosoftGraphActivityLogs: upper-case resource id, duration as text outside and a number inside. */
export function graphCall(fields: GraphCallFields = {}): WireRecord {
  const tenantId = fields.tenantId ?? defaultTenant
  const time = fields.time ?? defaultTime
  const properties = call(fields, time)
  const record: WireRecord = {
    time: isoTicks(time),
    resourceId: `/TENANTS/${tenantId.toUpperCase()}/PROVIDERS/MICROSOFT.AADIAM`,
    operationName: 'Microsoft Graph Activity',
    operationVersion: properties.apiVersion,
    category: 'MicrosoftGraphActivityLogs',
    resultSignature: String(properties.responseStatusCode),
    durationMs: String(properties.durationMs),
    callerIpAddress: properties.ipAddress,
    correlationId: properties.requestId,
    level: 'Informational',
    location: properties.location,
    properties,
    tenantId,
  }
  return finish(record, fields)
}
