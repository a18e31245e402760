import { isoTicks } from '../time.js'
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

export interface UserSignInFields extends SignInFields {
  readonly userId?: string
  readonly userName?: string
  readonly upn?: string
  readonly sessionId?: string
  /** Set when an agent acts on the user's behalf. */
  readonly servicePrincipalId?: string
  readonly interactive?: boolean
}

function userProperties(fields: UserSignInFields, interactive: boolean): Record<string, unknown> {
  const address = fields.address ?? exampleAddress
  const upn = fields.upn ?? 'maja.holm@fabrikam.example'
  return Object.assign(signInProperties(fields), {
    authenticationRequirement: interactive ? 'multiFactorAuthentication' : 'singleFactorAuthentication',
    autonomousSystemNumber: address.network.asn,
    clientAppUsed: interactive ? 'Browser' : 'Mobile Apps and Desktop clients',
    clientCredentialType: 'none',
    deviceDetail: {
      browser: 'Edge 141.0.0',
      deviceId: '',
      displayName: '',
      operatingSystem: 'Windows10',
      trustType: '',
    },
    homeTenantId: fields.tenantId ?? '',
    incomingTokenType: interactive ? 'none' : 'primaryRefreshToken',
    ipAddress: address.ip,
    isInteractive: interactive,
    location: locationOf(address),
    mfaDetail: {},
    rngcStatus: 0,
    servicePrincipalCredentialKeyId: '',
    servicePrincipalCredentialThumbprint: '',
    servicePrincipalId: fields.servicePrincipalId ?? '',
    sessionId: fields.sessionId ?? '',
    signInEventTypes: [interactive ? 'interactiveUser' : 'nonInteractiveUser'],
    ssoExtensionVersion: '',
    tokenProtectionStatusDetails: { signInSessionStatus: 'none', signInSessionStatusCode: 0 },
    userDisplayName: fields.userName ?? 'Maja Holm',
    userId: fields.userId ?? '4e3d2c1b-0a9f-4e8d-9c7b-6a5f4e3d2c1b',
    userPrincipalName: upn,
    userType: 'Member',
  })
}

function userRecord(category: string, fields: UserSignInFields, interactive: boolean): WireRecord {
  const address = fields.address ?? exampleAddress
  const record = signInEnvelope(category, fields)
  record.callerIpAddress = address.ip
  record.identity = fields.userName ?? 'Maja Holm'
  record.location = address.network.place.country
  record.time = isoTicks(writtenAt(fields))
  record.properties = userProperties(fields, interactive)
  return record
}

/** NonInteractiveUserSignInLogs: people's refreshed tokens, agent users, and agents on a user's behalf. */
export function nonInteractiveUserSignIn(fields: UserSignInFields = {}): WireRecord {
  const record = userRecord('NonInteractiveUserSignInLogs', fields, fields.interactive ?? false)
  record.Level = isLaterShape(fields.time ?? defaultTime) ? 4 : '4'
  return finish(record, fields)
}

/** SignInLogs: people at a screen. */
export function userSignIn(fields: UserSignInFields = {}): WireRecord {
  const record = userRecord('SignInLogs', fields, fields.interactive ?? true)
  record.Level = 4
  return finish(record, fields)
}
