import type { LogRecord } from '../records/record.js'
import { dynamic, list, member, text } from '../records/values.js'
import { auditLogs } from '../tables/audit-logs.js'
import { plainText, reader } from '../tables/table.js'
import { type CredentialChange, credentialChange } from './credentials.js'

/** The columns of the audit log that its views read. */
export const read = {
  id: plainText(auditLogs, 'Id'),
  tenant: plainText(auditLogs, 'AADTenantId'),
  operation: plainText(auditLogs, 'OperationName'),
  activity: plainText(auditLogs, 'ActivityDisplayName'),
  result: plainText(auditLogs, 'Result'),
  initiatedBy: reader(auditLogs, 'InitiatedBy'),
  targets: reader(auditLogs, 'TargetResources'),
  details: reader(auditLogs, 'AdditionalDetails'),
}

/** Old and new value of each modified property by name, over all targets; the first of a name counts. */
export type Properties = ReadonlyMap<
  string,
  { readonly old: string | undefined; readonly new: string | undefined }
>

/** The audit log writes values as JSON inside a text: `"\"x\""` is x. Lists and objects stay JSON text. */
function unquote(value: unknown): string | undefined {
  const raw = text(value)
  if (raw === undefined || !raw.startsWith('"')) return raw === '[]' || raw === 'null' ? undefined : raw
  const inner = dynamic(raw)
  return typeof inner === 'string' ? text(inner) : raw
}

export function propertiesOf(targets: readonly unknown[]): Properties {
  const properties = new Map<string, { old: string | undefined; new: string | undefined }>()
  for (const target of targets) {
    for (const property of list(member(target, 'modifiedProperties'))) {
      const name = text(member(property, 'displayName'))
      if (name === undefined || properties.has(name)) continue
      properties.set(name, {
        old: unquote(member(property, 'oldValue')),
        new: unquote(member(property, 'newValue')),
      })
    }
  }
  return properties
}

/** Operation names come with en dashes and trailing spaces; `Update application - …` is easier to match. */
export function operationName(name: string | undefined): string | undefined {
  return name
    ?.replace(/[\u2010-\u2015]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Who made the change: an application (by its service principal) or a user. */
export interface Actor {
  /** Whether Entra marks it as an agent. */
  readonly agentic: 0 | 1
  readonly appId: string | undefined
  readonly id: string | undefined
  readonly name: string | undefined
  readonly type: 'App' | 'User' | undefined
  readonly address: string | undefined
}

const NO_ACTOR: Actor = {
  agentic: 0,
  appId: undefined,
  id: undefined,
  name: undefined,
  type: undefined,
  address: undefined,
}

/** Who made the change that a record tells of. */
export function actorOf(initiatedBy: unknown): Actor {
  const app = member(initiatedBy, 'app')
  const user = member(initiatedBy, 'user')
  const one = app ?? user
  if (typeof one !== 'object' || one === null) {
    return NO_ACTOR
  }
  const appId = text(member(one, 'appId'))
  const id = text(member(one, app ? 'servicePrincipalId' : 'id')) ?? appId
  return {
    agentic: isMarked(one) ? 1 : 0,
    appId: appId?.toLowerCase(),
    id: id?.toLowerCase(),
    name: text(member(one, 'displayName')) ?? text(member(one, 'userPrincipalName')),
    type: app ? 'App' : 'User',
    address: text(member(one, 'ipAddress')),
  }
}

/** The identity that was changed. */
export interface Changed {
  readonly id: string | undefined
  readonly name: string | undefined
  readonly type: string | undefined
  readonly appId: string | undefined
}

/** Who can be given a role, as the audit log names their types. */
const MEMBERS = ['ServicePrincipal', 'User', 'Group']

const NOBODY: Changed = { id: undefined, name: undefined, type: undefined, appId: undefined }
const IDENTITIES = ['ServicePrincipal', 'Application']
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i

function guidIn(value: string | undefined): string | undefined {
  return GUID.exec(value ?? '')?.[0].toLowerCase()
}

/** What a property holds after the change, or held before a removal. */
function either(properties: Properties, name: string): string | undefined {
  const property = properties.get(name)
  return property?.new ?? property?.old
}

/**
 * The agent that a change is about: the service principal that the modified properties name (grants and owners
 * name it there, the first target being the resource or the owner), else the service principal or application
 * among the targets, else the application that the properties name. A grant that names nobody is nobody's:
 * its target is the resource.
 */
function changedOf(
  targets: readonly unknown[],
  properties: Properties,
  details: readonly unknown[],
): Changed {
  const named = grantee(targets, properties)
  if (named) return named
  if (isGrant(properties) || isOfPerson(targets, properties)) return NOBODY
  return changedTarget(targets, properties, details) ?? changedApplication(properties) ?? NOBODY
}

function grantee(targets: readonly unknown[], properties: Properties): Changed | undefined {
  const appId = guidIn(either(properties, 'ServicePrincipal.AppId'))
  const own = either(properties, 'ServicePrincipal.ObjectID')
  if (own === undefined && appId === undefined) return undefined
  const second = targets.slice(1).find((target) => typeOf(target) === 'ServicePrincipal')
  return {
    id: own ?? text(member(second, 'id')) ?? appId,
    name: either(properties, 'ServicePrincipal.DisplayName') ?? text(member(second, 'displayName')),
    type: 'ServicePrincipal',
    appId,
  }
}

/** An application role can also be granted to a user or group: that is a change of the application's. */
function isGrant(properties: Properties): boolean {
  if (properties.has('DelegatedPermissionGrant.Scope')) return true
  return properties.has('AppRole.Id') && !properties.has('User.ObjectID') && !properties.has('Group.ObjectID')
}

/** The member comes first among the targets; a service principal that the role is limited to may follow. */
function isOfPerson(targets: readonly unknown[], properties: Properties): boolean {
  const isRoleChange = properties.has('Role.TemplateId') || properties.has('Role.DisplayName')
  const member = targets.map(typeOf).find((type) => MEMBERS.includes(type ?? ''))
  return isRoleChange && member !== 'ServicePrincipal'
}

function targetOf(targets: readonly unknown[], id: string): unknown {
  return targets.find((candidate) => text(member(candidate, 'id'))?.toLowerCase() === id)
}

/** Whether Entra marks an identity as an agent; not every tenant's records do. */
function isMarked(identity: unknown): boolean {
  const type = text(member(identity, 'agentType'))?.toLowerCase()
  return type !== undefined && type !== 'notagentic'
}

function typeOf(target: unknown): string | undefined {
  return text(member(target, 'type'))
}

function changedTarget(
  targets: readonly unknown[],
  properties: Properties,
  details: readonly unknown[],
): Changed | undefined {
  for (const type of IDENTITIES) {
    const target = targets.find((candidate) => typeOf(candidate) === type)
    if (!target) continue
    const ownAppId = target === targets[0] ? appIdOfFirst(properties, details) : undefined
    return {
      id: text(member(target, 'id')),
      name: text(member(target, 'displayName')) ?? either(properties, `${type}.DisplayName`),
      type,
      appId: guidIn(either(properties, 'Application.AppId')) ?? ownAppId,
    }
  }
  return undefined
}

/** The application id of the first target, whom the additional details and these properties are about. */
function appIdOfFirst(properties: Properties, details: readonly unknown[]): string | undefined {
  const detail = details.find((entry) => text(member(entry, 'key')) === 'AppId')
  const places = ['TargetId.ServicePrincipalNames', 'AppPrincipalId', 'AppId']
  const values = [text(member(detail, 'value')), ...places.map((name) => either(properties, name))]
  return values.map(guidIn).find((id) => id !== undefined)
}

function changedApplication(properties: Properties): Changed | undefined {
  const id = either(properties, 'Application.ObjectID')
  if (id === undefined) return undefined
  const appId = guidIn(either(properties, 'Application.AppId'))
  return { id, name: either(properties, 'Application.DisplayName'), type: 'Application', appId }
}

/** What was granted or taken, by the operations that do so. */
function grantOf(targets: readonly unknown[], properties: Properties): Record<string, string | undefined> {
  const value = (name: string) => either(properties, name)
  const role = targets.find((target) => typeOf(target) === 'Role')
  return {
    RoleName: value('Role.DisplayName') ?? text(member(role, 'displayName')),
    RoleTemplateId: (value('Role.TemplateId') ?? text(member(role, 'id')))?.toLowerCase(),
    PermissionName: value('AppRole.Value'),
    PermissionId: value('AppRole.Id')?.toLowerCase(),
    Scope: value('DelegatedPermissionGrant.Scope')?.trim(),
    ConsentType: value('DelegatedPermissionGrant.ConsentType'),
    ConsentPermissions: newGrants(value('ConsentAction.Permissions')),
    IsAdminConsent: value('ConsentContext.IsAdminConsent'),
    OnBehalfOfAll: value('ConsentContext.OnBehalfOfAll'),
    TargetName: text(member(targets[0], 'displayName')) ?? text(member(targets[0], 'userPrincipalName')),
    TargetId: text(member(targets[0], 'id'))?.toLowerCase(),
  }
}

/** One grant in `ConsentAction.Permissions`, which lists those before and after: `[[Id: …, …]] => [[Id: …, …]]`. */
const GRANT = /\[(Id: [^[\]]*)\]/g
const BECOMES = '=>'

/** The grants that a consent brought, one after the other; those that were there before are left out. */
function newGrants(permissions: string | undefined): string | undefined {
  if (permissions === undefined || !permissions.includes(BECOMES)) return permissions
  const at = permissions.indexOf(BECOMES)
  const before = new Set(grantsIn(permissions.slice(0, at)))
  const added = grantsIn(permissions.slice(at)).filter((grant) => !before.has(grant))
  return added.length === 0 ? undefined : added.join('; ')
}

function grantsIn(text: string): string[] {
  return Array.from(text.matchAll(GRANT), ([, grant]) => grant!)
}

function credentialColumns(change: CredentialChange): Record<string, string | number | undefined> {
  return {
    CredentialsAdded: change.added.length,
    CredentialsRemoved: change.removed.length,
    CredentialId: change.added[0]?.id,
    CredentialKind: change.added[0]?.kind,
    KeyId: change.added.find(({ kind }) => kind !== 'Federated')?.id,
  }
}

/** A setting as it was or is: `[true]` is true. */
function setting(value: string | undefined): string | undefined {
  return value?.replace(/[[\]]/g, '').toLowerCase() || undefined
}

/** What of the settings was changed, and how the ones were and are that decide who may use the identity. */
function settingsOf(properties: Properties): Record<string, string | undefined> {
  const enabled = properties.get('AccountEnabled')
  const shared = properties.get('AvailableToOtherTenants')
  return {
    UpdatedProperties: either(properties, 'Included Updated Properties'),
    EnabledBefore: setting(enabled?.old),
    EnabledAfter: setting(enabled?.new),
    MultiTenantBefore: setting(shared?.old),
    MultiTenantAfter: setting(shared?.new),
    AddressesAdded: addressesAdded(properties),
    GroupName: either(properties, 'Group.DisplayName'),
  }
}

/** The redirect addresses that are new, in order. */
function addressesAdded(properties: Properties): string | undefined {
  const addresses = properties.get('AppAddress')
  const before = new Set(addressesIn(addresses?.old))
  const added = new Set(addressesIn(addresses?.new).filter((address) => !before.has(address)))
  return [...added].sort().join('; ') || undefined
}

function addressesIn(value: string | undefined): string[] {
  return list(dynamic(value)).flatMap((entry) => text(member(entry, 'Address')) ?? [])
}

/** What an audit record tells, whoever it is told of. */
export interface AuditChange {
  readonly actor: Actor
  readonly changed: Changed
  /** Whether Entra marks the changed identity as an agent, and as what sort of one. */
  readonly changedAgentic: 0 | 1
  readonly changedAgentType: string | undefined
  /** What was done, as the views of the audit log have it. */
  readonly columns: Record<string, string | number | undefined>
}

/** Reads an audit record. */
export function auditChange(record: LogRecord): AuditChange {
  const targets = list(read.targets(record))
  const properties = propertiesOf(targets)
  const changed = changedOf(targets, properties, list(read.details(record)))
  const id = changed.id?.toLowerCase()
  const target = id === undefined ? undefined : targetOf(targets, id)
  return {
    actor: actorOf(read.initiatedBy(record)),
    changed: { ...changed, id },
    changedAgentic: isMarked(target) ? 1 : 0,
    changedAgentType: text(member(target, 'agentType')),
    columns: {
      Operation: operationName(read.operation(record) ?? read.activity(record)),
      Result: read.result(record)?.toLowerCase(),
      ...credentialColumns(credentialChange(properties)),
      ...grantOf(targets, properties),
      ...settingsOf(properties),
    },
  }
}

/** The columns of what was done. */
export const CHANGE_COLUMNS = {
  Operation: 'string',
  Result: 'string',
  CredentialsAdded: 'number',
  CredentialsRemoved: 'number',
  CredentialId: 'string',
  CredentialKind: 'string',
  KeyId: 'string',
  RoleName: 'string',
  RoleTemplateId: 'string',
  PermissionName: 'string',
  PermissionId: 'string',
  Scope: 'string',
  ConsentType: 'string',
  ConsentPermissions: 'string',
  IsAdminConsent: 'string',
  OnBehalfOfAll: 'string',
  TargetName: 'string',
  TargetId: 'string',
  UpdatedProperties: 'string',
  EnabledBefore: 'string',
  EnabledAfter: 'string',
  MultiTenantBefore: 'string',
  MultiTenantAfter: 'string',
  AddressesAdded: 'string',
  GroupName: 'string',
} as const
