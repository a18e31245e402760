import { isoTicks } from '../time.js'
import { type AuditFields, auditRecord, type Change, type Target } from './audit.js'
import { defaultTime, type WireRecord } from './envelope.js'

/** A service principal as the audit log names it, with its application where there is one in the tenant. */
export interface Principal {
  readonly id: string
  readonly appId: string
  readonly name: string
  /** Object id of the application in the tenant: not the service principal's, not the client id. */
  readonly applicationId?: string
}

export interface Person {
  readonly id: string
  readonly upn: string
  readonly name: string
}

export interface Credential {
  readonly keyId: string
  readonly kind: 'Password' | 'AsymmetricX509Cert'
  readonly name?: string
}

/** `Update application – Certificates and secrets management ` with its en dash and trailing space. */
export const certificatesAndSecrets = 'Update application – Certificates and secrets management '

export const managedServiceIdentity = {
  app: { servicePrincipalId: 'b1946910-9ca1-4e55-a1ac-8ef5dd010ec0', name: 'Managed Service Identity' },
} as const

const keyDescription = (of: Credential) =>
  `[KeyIdentifier=${of.keyId},KeyType=${of.kind},KeyUsage=Verify,DisplayName=${of.name ?? ''}]`

function keyChanges(before: readonly Credential[], added: Credential): Change[] {
  return [
    {
      name: 'KeyDescription',
      before: before.map(keyDescription),
      after: [...before, added].map(keyDescription),
    },
    { name: 'Included Updated Properties', after: 'KeyDescription' },
  ]
}

const names = (of: Principal): Change => ({ name: 'TargetId.ServicePrincipalNames', after: of.appId })

const asTarget = (of: Principal, changes: readonly Change[] = []): Target => ({
  id: of.id,
  type: 'ServicePrincipal',
  name: of.name,
  changes,
})

const asApplication = (of: Principal, changes: readonly Change[] = []): Target => ({
  id: of.applicationId ?? of.appId,
  type: 'Application',
  name: of.name,
  changes,
})

const userAgent = { key: 'User-Agent', value: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/141.0.0.0' }

/** The grantee as four modified properties of the row about the API. */
const granteeChanges = (of: Principal): Change[] => [
  { name: 'ServicePrincipal.ObjectID', after: of.id },
  { name: 'ServicePrincipal.DisplayName', after: of.name },
  { name: 'ServicePrincipal.AppId', after: of.appId },
  { name: 'ServicePrincipal.Name', after: of.appId },
]

/** A secret or certificate put on the service principal itself; by Managed Service Identity it is a rotation. */
export function credentialAdded(
  to: Principal,
  added: Credential,
  before: readonly Credential[] = [],
  fields: AuditFields = {},
): WireRecord {
  return auditRecord({
    activity: 'Add service principal credentials',
    targets: [asTarget(to, [...keyChanges(before, added), names(to)])],
    details: [userAgent, { key: 'AppId', value: to.appId }],
    ...fields,
  })
}

/** The same on the application object, where app registrations keep their secrets. */
export function applicationCredentialAdded(
  to: Principal,
  added: Credential,
  before: readonly Credential[] = [],
  fields: AuditFields = {},
): WireRecord {
  return auditRecord({
    activity: certificatesAndSecrets,
    targets: [asApplication(to, keyChanges(before, added))],
    details: [userAgent, { key: 'AppId', value: to.appId }],
    ...fields,
  })
}

/** Entra's own rotation of a managed identity's certificate. */
export function managedIdentityRotated(
  to: Principal,
  added: Credential,
  before: readonly Credential[] = [],
  fields: AuditFields = {},
): WireRecord {
  return credentialAdded(to, added, before, { actor: managedServiceIdentity, ...fields })
}

export function federatedCredentialAdded(
  to: Principal,
  credential: { name: string; issuer: string; subject: string },
  fields: AuditFields = {},
): WireRecord {
  const after = [{ Name: credential.name, Issuer: credential.issuer, Subject: credential.subject }]
  const changes = [
    { name: 'FederatedIdentityCredentials', before: [], after },
    { name: 'Included Updated Properties', after: 'FederatedIdentityCredentials' },
  ]
  return auditRecord({
    activity: 'Update application',
    targets: [asApplication(to, changes)],
    details: [userAgent, { key: 'AppId', value: to.appId }],
    ...fields,
  })
}

/** The new owner comes first, what is owned second. */
export function ownerAddedToServicePrincipal(
  to: Principal,
  owner: Person,
  fields: AuditFields = {},
): WireRecord {
  return auditRecord({
    activity: 'Add owner to service principal',
    operationType: 'Assign',
    targets: [
      { id: owner.id, type: 'User', name: null, upn: owner.upn, changes: granteeChanges(to) },
      asTarget({ ...to }),
    ],
    ...fields,
  })
}

export function ownerAddedToApplication(to: Principal, owner: Person, fields: AuditFields = {}): WireRecord {
  const changes = [
    { name: 'Application.ObjectID', after: to.applicationId ?? to.appId },
    { name: 'Application.DisplayName', after: to.name },
    { name: 'Application.AppId', after: to.appId },
  ]
  return auditRecord({
    activity: 'Add owner to application',
    operationType: 'Assign',
    targets: [{ id: owner.id, type: 'User', name: null, upn: owner.upn, changes }, asApplication(to)],
    ...fields,
  })
}

export interface AppRole {
  readonly id: string
  readonly value: string
  readonly description: string
}

/** An application permission: the API is the first target, the grantee stands in its changes and comes second. */
export function appRoleGranted(
  api: Principal,
  role: AppRole,
  to: Principal,
  fields: AuditFields = {},
): WireRecord {
  const when = isoTicks(fields.time ?? defaultTime)
  const changes = [
    { name: 'AppRole.Id', after: role.id },
    { name: 'AppRole.Value', after: role.value },
    { name: 'AppRole.DisplayName', after: role.description },
    { name: 'AppRoleAssignment.CreatedDateTime', after: when },
    { name: 'AppRoleAssignment.LastModifiedDateTime', after: when },
    ...granteeChanges(to),
    { name: 'TargetId.ServicePrincipalNames', after: `${api.appId};https://graph.microsoft.com` },
  ]
  return auditRecord({
    activity: 'Add app role assignment to service principal',
    operationType: 'Assign',
    targets: [asTarget(api, changes), asTarget(to)],
    details: [userAgent, { key: 'AppId', value: api.appId }],
    ...fields,
  })
}

export interface DirectoryRole {
  readonly templateId: string
  readonly name: string
  /** Name without blanks, as in Role.WellKnownObjectName. */
  readonly wellKnown: string
}

export function directoryRoleAssigned(
  to: Principal,
  role: DirectoryRole,
  fields: AuditFields = {},
): WireRecord {
  const changes = [
    { name: 'Role.ObjectID', after: role.templateId },
    { name: 'Role.DisplayName', after: role.name },
    { name: 'Role.TemplateId', after: role.templateId },
    { name: 'Role.WellKnownObjectName', after: role.wellKnown },
  ]
  return auditRecord({
    activity: 'Add member to role',
    auditCategory: 'RoleManagement',
    operationType: 'Assign',
    targets: [asTarget(to, changes), { id: role.templateId, type: 'Role', name: role.name }],
    ...fields,
  })
}

/** Admin consent for everyone; the permissions are a pseudo-struct of their own kind. */
export function consentGranted(
  to: Principal,
  api: Principal,
  scope: string,
  fields: AuditFields = {},
): WireRecord {
  const grant =
    `[] => [[Id: ${to.id.slice(0, 8)}, ClientId: ${to.id}, PrincipalId: , ResourceId: ${api.id}, ` +
    `ConsentType: AllPrincipals, Scope: ${scope}, CreatedDateTime: , LastModifiedDateTime: ]]; `
  const changes = [
    { name: 'ConsentContext.IsAdminConsent', after: 'True' },
    { name: 'ConsentContext.IsAppOnly', after: 'False' },
    { name: 'ConsentContext.OnBehalfOfAll', after: 'True' },
    { name: 'ConsentContext.Tags', after: 'WindowsAzureActiveDirectoryIntegratedApp' },
    { name: 'ConsentAction.Permissions', after: grant },
    { name: 'ConsentAction.Reason', after: '' },
    names(to),
  ]
  return auditRecord({
    activity: 'Consent to application',
    operationType: 'Assign',
    targets: [asTarget(to, changes)],
    details: [userAgent, { key: 'AppId', value: to.appId }],
    ...fields,
  })
}

/** The grant that a consent leaves behind: the API first, the client in its changes and second. */
export function delegatedGrantAdded(
  to: Principal,
  api: Principal,
  scope: string,
  fields: AuditFields = {},
): WireRecord {
  const changes = [
    { name: 'DelegatedPermissionGrant.Scope', after: ` ${scope}` },
    { name: 'DelegatedPermissionGrant.ConsentType', after: 'AllPrincipals' },
    ...granteeChanges(to),
    { name: 'TargetId.ServicePrincipalNames', after: `${api.appId};https://graph.microsoft.com` },
  ]
  return auditRecord({
    activity: 'Add delegated permission grant',
    operationType: 'Assign',
    targets: [asTarget(api, changes), asTarget(to)],
    details: [userAgent, { key: 'AppId', value: api.appId }],
    ...fields,
  })
}
