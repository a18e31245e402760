import { isoTicks, usTime } from '../time.js'
import { defaultTime, finish, type WireRecord } from './envelope.js'
import {
  exampleAddress,
  isLaterShape,
  locationOf,
  type SignInFields,
  signInEnvelope,
  signInProperties,
  writtenAt,
} from './signIn.js'

export interface WorkloadSignInFields extends SignInFields {
  readonly servicePrincipalId?: string
  readonly servicePrincipalName?: string
  readonly keyId?: string
  readonly thumbprint?: string
  readonly federatedCredentialId?: string
  readonly credentialType?: string
  readonly sessionId?: string
}

/** The no-user block: these records name the identity, and leave the user's fields empty but present. */
function workloadProperties(fields: WorkloadSignInFields, kind: string): Record<string, unknown> {
  const name = fields.servicePrincipalName ?? fields.appName ?? 'invoice-triage-prod'
  return Object.assign(signInProperties(fields), {
    clientCredentialType: fields.credentialType ?? 'clientSecret',
    federatedCredentialId: fields.federatedCredentialId ?? '',
    servicePrincipalCredentialKeyId: fields.keyId ?? 'b6a4d3f2-1c0e-4a9b-8d7c-5e6f7a8b9c0d',
    servicePrincipalCredentialThumbprint: fields.thumbprint ?? '',
    servicePrincipalId: fields.servicePrincipalId ?? '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d',
    servicePrincipalName: name,
    sessionId: fields.sessionId ?? '',
    signInEventTypes: [kind],
    userDisplayName: '',
    userId: '',
    userPrincipalName: '',
    userType: 'Member',
  })
}

/** ServicePrincipalSignInLogs: `M/d/yyyy` time and `durationMs` as text since November 2025. */
export function servicePrincipalSignIn(fields: WorkloadSignInFields = {}): WireRecord {
  const address = fields.address ?? exampleAddress
  const record = signInEnvelope('ServicePrincipalSignInLogs', fields)
  const later = isLaterShape(fields.time ?? defaultTime)
  record.callerIpAddress = address.ip
  record.location = address.network.place.country
  record.durationMs = '0'
  record[later ? 'Level' : 'level'] = later ? '4' : 'Informational'
  record.time = usTime(writtenAt(fields))
  record.properties = Object.assign(workloadProperties(fields, 'servicePrincipal'), {
    autonomousSystemNumber: address.network.asn,
    deviceDetail: { browser: '', deviceId: '', displayName: '', operatingSystem: '', trustType: '' },
    ipAddress: address.ip,
    location: locationOf(address),
  })
  return finish(record, fields)
}

/** ManagedIdentitySignInLogs: no caller address and no location, anywhere. */
export function managedIdentitySignIn(fields: WorkloadSignInFields = {}): WireRecord {
  const record = signInEnvelope('ManagedIdentitySignInLogs', fields)
  const later = isLaterShape(fields.time ?? defaultTime)
  record.Level = later ? 'Informational' : 4
  record.time = isoTicks(writtenAt(fields))
  record.properties = Object.assign(workloadProperties(fields, 'managedIdentity'), {
    clientCredentialType: fields.credentialType ?? 'managedIdentity',
    deviceDetail: { browser: '', operatingSystem: '' },
    ipAddress: '',
  })
  return finish(record, fields)
}
