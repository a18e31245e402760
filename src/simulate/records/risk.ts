import type { Address } from '../catalog/networks.js'
import { isoMilliseconds, MINUTE, usTime } from '../time.js'
import { type CommonFields, defaultTenant, defaultTime, finish, type WireRecord } from './envelope.js'
import { exampleAddress, locationOf } from './signIn.js'

export interface RiskFields extends CommonFields {
  /** Id of the detection (64 hexadecimal digits), not of who is at risk. */
  readonly id?: string
  /** Object id of the user, service principal or agent at risk. */
  readonly subjectId?: string
  readonly name?: string
  readonly upn?: string
  readonly appId?: string
  readonly riskEventType?: string
  readonly riskState?: string
  readonly riskLevel?: string
  readonly riskDetail?: string
  readonly detected?: number
  readonly updated?: number
  readonly address?: Address
  /** AgentIdentity, AgentUser or AgentIdentityBlueprintPrincipal. */
  readonly identityType?: string
  readonly evidence?: string
}

const exampleSubject = '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d'
const exampleDetection = 'ce0e1f2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1'

/** All risk categories write `M/d/yyyy` and call the detection's id (or the subject's) the correlation id. */
function envelope(
  category: string,
  operationName: string,
  correlationId: string,
  fields: RiskFields,
): WireRecord {
  const { tenantId = defaultTenant, time = defaultTime } = fields
  return {
    time: usTime(fields.updated ?? time),
    resourceId: `/tenants/${tenantId}/providers/microsoft.aadiam`,
    operationName,
    operationVersion: '1.0',
    category,
    tenantId,
    resultSignature: 'None',
    durationMs: 0,
    correlationId,
    identity: (fields.name ?? 'Maja Holm').toLowerCase(),
    Level: 4,
    properties: {},
  }
}

function state(fields: RiskFields): Record<string, unknown> {
  return {
    riskState: fields.riskState ?? 'atRisk',
    riskLevel: fields.riskLevel ?? 'medium',
    riskDetail: fields.riskDetail ?? 'none',
  }
}

/** What the three kinds of detection share. */
function detection(fields: RiskFields, type: string): Record<string, unknown> {
  const { id = exampleDetection, time = defaultTime } = fields
  return {
    id,
    requestId: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 30)}00`,
    correlationId: `${id.slice(32, 40)}-${id.slice(40, 44)}-${id.slice(44, 48)}-${id.slice(48, 52)}-${id.slice(52, 64)}`,
    riskEventType: fields.riskEventType ?? type,
    ...state(fields),
    source: 'IdentityProtection',
    detectionTimingType: 'offline',
    activityDateTime: isoMilliseconds(time),
    detectedDateTime: isoMilliseconds(fields.detected ?? time + 20 * MINUTE),
  }
}

const updated = (fields: RiskFields) => isoMilliseconds(fields.updated ?? fields.time ?? defaultTime)

function place(fields: RiskFields): Record<string, unknown> {
  const address = fields.address ?? exampleAddress
  return { ipAddress: address.ip, location: locationOf(address) }
}

/** UserRiskEvents: `location` of the envelope in lower case, `additionalInfo` as JSON in a string. */
export function userRiskEvent(fields: RiskFields = {}): WireRecord {
  const record = envelope('UserRiskEvents', 'User Risk Detection', fields.id ?? exampleDetection, fields)
  record.callerIpAddress = (fields.address ?? exampleAddress).ip
  record.location = (fields.address ?? exampleAddress).network.place.country.toLowerCase()
  record.properties = {
    riskType: fields.riskEventType ?? 'unfamiliarFeatures',
    ...detection(fields, 'unfamiliarFeatures'),
    ...place(fields),
    activity: 'signin',
    lastUpdatedDateTime: updated(fields),
    userId: fields.subjectId ?? exampleSubject,
    userDisplayName: fields.name ?? 'Maja Holm',
    userPrincipalName: fields.upn ?? 'maja.holm@fabrikam.example',
    additionalInfo:
      '[{"Key":"userAgent","Value":"Mozilla/5.0"},{"Key":"mitreTechniques","Value":"T1078.004"}]',
    tokenIssuerType: 'AzureAD',
    resourceTenantId: null,
    homeTenantId: fields.tenantId ?? defaultTenant,
    userType: 'member',
    crossTenantAccessType: 'none',
  }
  return finish(record, fields)
}

/** RiskyUsers: `location` is the service's geography, not the user's. */
export function riskyUser(fields: RiskFields = {}): WireRecord {
  const record = envelope('RiskyUsers', 'Risky user', fields.subjectId ?? exampleSubject, fields)
  record.location = 'neu'
  record.properties = {
    id: fields.subjectId ?? exampleSubject,
    userDisplayName: fields.name ?? 'Maja Holm',
    userPrincipalName: fields.upn ?? 'maja.holm@fabrikam.example',
    riskLastUpdatedDateTime: updated(fields),
    ...state(fields),
    isGuest: false,
    isDeleted: false,
    isProcessing: false,
  }
  return finish(record, fields)
}

export function servicePrincipalRiskEvent(fields: RiskFields = {}): WireRecord {
  const id = fields.id ?? exampleDetection
  const record = envelope('ServicePrincipalRiskEvents', 'Service Principal Risk Detection', id, fields)
  record.properties = {
    ...detection(fields, 'suspiciousSignins'),
    ...place(fields),
    activity: 'servicePrincipal',
    lastUpdatedDateTime: updated(fields),
    servicePrincipalId: fields.subjectId ?? exampleSubject,
    servicePrincipalDisplayName: fields.name ?? 'invoice-triage-prod',
    appId: fields.appId ?? '31a0f5c2-94a7-4f0e-8d3d-6f0c8b7a5e21',
    keyIds: [],
    additionalInfo: '[{"Key":"mitreTechniques","Value":["T1078.004","T1550.001"]}]',
    tokenIssuerType: 'AzureAD',
  }
  return finish(record, fields)
}

export function riskyServicePrincipal(fields: RiskFields = {}): WireRecord {
  const subject = fields.subjectId ?? exampleSubject
  const record = envelope('RiskyServicePrincipals', 'Risky service principal', subject, fields)
  record.properties = {
    id: subject,
    appId: fields.appId ?? '31a0f5c2-94a7-4f0e-8d3d-6f0c8b7a5e21',
    displayName: fields.name ?? 'invoice-triage-prod',
    accountEnabled: true,
    isProcessing: false,
    riskLastUpdatedDateTime: updated(fields),
    ...state(fields),
    servicePrincipalType: 'Application',
  }
  return finish(record, fields)
}

export function agentRiskEvent(fields: RiskFields = {}): WireRecord {
  const subject = fields.subjectId ?? exampleSubject
  const record = envelope('AgentRiskEvents', 'Agent Risk Detection', fields.id ?? exampleDetection, fields)
  record.properties = {
    ...detection(fields, 'unfamiliarResourceAccess'),
    agentId: subject,
    agentDisplayName: fields.name ?? 'invoice-triage-prod',
    displayName: fields.name ?? 'invoice-triage-prod',
    identityId: subject,
    identityType: fields.identityType ?? 'AgentIdentity',
    blueprintId: null,
    lastModifiedDateTime: updated(fields),
    riskEvidence: fields.evidence ?? 'The agent asked for a token for a resource it does not usually use.',
    additionalInfo: '[{"Key":"mitreTechniques","Value":"T1078.004"}]',
  }
  return finish(record, fields)
}

export function riskyAgent(fields: RiskFields = {}): WireRecord {
  const subject = fields.subjectId ?? exampleSubject
  const record = envelope('RiskyAgents', 'Risky agent', subject, fields)
  record.properties = {
    id: subject,
    agentDisplayName: fields.name ?? 'invoice-triage-prod',
    identityType: fields.identityType ?? 'AgentIdentity',
    isDeleted: false,
    isEnabled: true,
    isProcessing: false,
    riskLastModifiedDateTime: updated(fields),
    ...state(fields),
  }
  return finish(record, fields)
}
