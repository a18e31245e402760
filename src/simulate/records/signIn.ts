import type { Address } from '../catalog/networks.js'
import { HOUR, isoTicksOffset } from '../time.js'
import { type CommonFields, defaultTenant, defaultTime, type WireRecord } from './envelope.js'
import { tokenIdentifier } from './tokenIdentifier.js'

/** `agent` of a sign-in (microsoft.graph.agentic.agentSignIn). */
export interface AgentMark {
  readonly agentType: string
  readonly parentAppId?: string
  readonly agentSubjectType?: string
  readonly agentSubjectParentId?: string
}

export const notAgentic: AgentMark = { agentType: 'notAgentic', agentSubjectType: 'notAgentic' }

/** What all four sign-in categories share. */
export interface SignInFields extends CommonFields {
  readonly id?: string
  readonly correlationId?: string
  readonly appId?: string
  readonly appName?: string
  readonly appOwnerTenantId?: string
  readonly resourceAppId?: string
  readonly resourceName?: string
  readonly resourceServicePrincipalId?: string
  readonly address?: Address
  readonly userAgent?: string
  readonly agent?: AgentMark
  /** AADSTS code, 0 for success. */
  readonly errorCode?: number
  readonly processingMs?: number
}

export const exampleAddress: Address = {
  ip: '198.18.0.10',
  network: {
    asn: 8075,
    block: 0,
    place: { city: 'Amsterdam', state: 'Noord-Holland', country: 'NL', latitude: 52.374, longitude: 4.8897 },
  },
}

const failures: Readonly<Record<number, string>> = {
  50034: 'The user account does not exist in the directory.',
  50074: 'Strong Authentication is required.',
  50126: 'Error validating credentials due to invalid username or password.',
  50196: 'The server terminated an operation because it encountered a client request loop.',
  53003: 'Access has been blocked by Conditional Access policies.',
  70011: 'The provided value for the input parameter scope is not valid.',
  90033: 'A transient error has occurred. Please try again.',
  90072: 'User account from identity provider does not exist in tenant and cannot access the application.',
  700016: 'Application with identifier was not found in the directory.',
  700082: 'The refresh token has expired due to inactivity.',
  7000215: 'Invalid client secret provided.',
  7000222: 'The provided client secret keys are expired.',
}

export function failureReason(code: number): string {
  return failures[code] ?? 'Other.'
}

export function statusOf(code: number): Record<string, unknown> {
  return code === 0 ? { errorCode: 0 } : { errorCode: code, failureReason: failureReason(code) }
}

export function locationOf(address: Address): Record<string, unknown> {
  const { city, state, country, latitude, longitude } = address.network.place
  return { city, countryOrRegion: country, geoCoordinates: { latitude, longitude }, state }
}

/** Envelope of a sign-in: written 28 to 1,077 s after the event; `time` and its shape are the category's own. */
export function signInEnvelope(category: string, fields: SignInFields): WireRecord {
  const { tenantId = defaultTenant, errorCode = 0 } = fields
  return {
    category,
    correlationId: fields.correlationId ?? '2c1a7c3e-58d2-4f0b-9a51-0c7e5d1f9b11',
    durationMs: 0,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    properties: {},
    resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`,
    resultType: String(errorCode),
    resultSignature: errorCode === 0 ? 'SUCCESS' : 'FAILURE',
    ...(errorCode === 0 ? {} : { resultDescription: failureReason(errorCode) }),
    tenantId,
    time: '',
  }
}

export function writtenAt(fields: SignInFields): number {
  return fields.written ?? (fields.time ?? defaultTime) + 94_000
}

/** Entra changes the shape of `Level` with its releases; readers must not care. Alternates every nine days. */
export function isLaterShape(time: number): boolean {
  return Math.floor(time / (9 * 24 * HOUR)) % 2 === 1
}

export function processingDetails(library: string): { key: string; value: string }[] {
  return [
    { key: 'Azure AD App Authentication Library', value: library },
    { key: 'Legacy TLS (TLS 1.0, 1.1, 3DES)', value: 'False' },
    { key: 'Is Legacy Store Used', value: 'False' },
    { key: 'Is CAE Token', value: 'False' },
  ]
}

/** The properties that every category carries, of the 2025-26 shape. */
export function signInProperties(fields: SignInFields): Record<string, unknown> {
  const { tenantId = defaultTenant, time = defaultTime, errorCode = 0 } = fields
  const id = fields.id ?? '7d1c5a90-6f3e-4b8a-a2d4-93c6e8f0b100'
  const appId = fields.appId ?? '31a0f5c2-94a7-4f0e-8d3d-6f0c8b7a5e21'
  return {
    alternateSignInName: '',
    appDisplayName: fields.appName ?? 'invoice-triage-prod',
    appId,
    appOwnerTenantId: fields.appOwnerTenantId ?? tenantId,
    appServicePrincipalId: null,
    appliedConditionalAccessPolicies: [],
    appliedEventListeners: [],
    authenticationContextClassReferences: [],
    authenticationDetails: [],
    authenticationProcessingDetails: processingDetails(
      'Family: MSAL Library: MSAL.Python 1.31.0 Platform: Linux',
    ),
    authenticationProtocol: 'none',
    authenticationRequirement: '',
    authenticationRequirementPolicies: [],
    clientAppUsed: 'Unknown',
    conditionalAccessAudiences: [],
    conditionalAccessStatus: errorCode === 53003 ? 'failure' : 'notApplied',
    correlationId: fields.correlationId ?? '2c1a7c3e-58d2-4f0b-9a51-0c7e5d1f9b11',
    createdDateTime: isoTicksOffset(time),
    crossTenantAccessType: 'none',
    flaggedForReview: false,
    globalSecureAccessIpAddress: '',
    homeTenantId: '',
    homeTenantName: '',
    id,
    incomingTokenType: 'none',
    ipAddressFromResourceProvider: '',
    isInteractive: false,
    isTenantRestricted: false,
    isThroughGlobalSecureAccess: false,
    networkLocationDetails: [],
    originalRequestId: id,
    originalTransferMethod: 'none',
    privateLinkDetails: {},
    processingTimeInMilliseconds: fields.processingMs ?? 49,
    redirectUrl: '',
    resourceDisplayName: fields.resourceName ?? 'Microsoft Graph',
    resourceId: fields.resourceAppId ?? '00000003-0000-0000-c000-000000000000',
    resourceOwnerTenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    resourceServicePrincipalId: fields.resourceServicePrincipalId ?? '8d0e7a34-0f2b-4f52-bb1c-6d2a3e4f5a60',
    resourceTenantId: tenantId,
    riskDetail: 'none',
    riskEventTypes: [],
    riskEventTypes_v2: [],
    riskLevelAggregated: 'none',
    riskLevelDuringSignIn: 'none',
    riskState: 'none',
    sessionLifetimePolicies: [],
    signInIdentifier: '',
    sourceAppClientId: '',
    status: statusOf(errorCode),
    tokenIssuerName: '',
    tokenIssuerType: 'AzureAD',
    uniqueTokenIdentifier: tokenIdentifier(id),
    userAgent: fields.userAgent ?? '',
    agent: fields.agent ?? notAgentic,
  }
}
