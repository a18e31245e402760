import { type AuditFields, auditRecord, type Target } from './audit.js'
import type { Person, Principal } from './auditBuilders.js'
import type { WireRecord } from './envelope.js'

/** An application's settings changed, its credentials untouched. */
export function applicationUpdated(of: Principal, fields: AuditFields = {}): WireRecord {
  const changes = [
    { name: 'AppAddress', before: [], after: [{ AddressType: 0, Address: 'https://localhost' }] },
    { name: 'Included Updated Properties', after: 'AppAddress' },
  ]
  const target = { id: of.applicationId ?? of.appId, type: 'Application', name: of.name, changes } as const
  return auditRecord({ activity: 'Update application', targets: [target], ...fields })
}

/** Follows every change of an application and says next to nothing. */
export function servicePrincipalUpdated(of: Principal, fields: AuditFields = {}): WireRecord {
  const changes = [
    { name: 'TargetId.ServicePrincipalNames', after: of.appId },
    { name: 'Included Updated Properties', after: '' },
  ]
  const target = { id: of.id, type: 'ServicePrincipal', name: of.name, changes } as const
  return auditRecord({ activity: 'Update service principal', targets: [target], ...fields })
}

export function userAdded(of: Person, fields: AuditFields = {}): WireRecord {
  const changes = [
    { name: 'AccountEnabled', before: [], after: [true] },
    { name: 'UserPrincipalName', before: [], after: [of.upn] },
    { name: 'Included Updated Properties', after: 'AccountEnabled, UserPrincipalName' },
  ]
  const target = { id: of.id, type: 'User', name: null, upn: of.upn, changes } as const
  return auditRecord({
    activity: 'Add user',
    auditCategory: 'UserManagement',
    operationType: 'Add',
    targets: [target],
    ...fields,
  })
}

export function userUpdated(of: Person, fields: AuditFields = {}): WireRecord {
  const changes = [
    { name: 'LastDirSyncTime', before: ['2026-09-01T00:00:00Z'], after: ['2026-10-01T00:00:00Z'] },
    { name: 'Included Updated Properties', after: 'LastDirSyncTime' },
  ]
  const target = { id: of.id, type: 'User', name: null, upn: of.upn, changes } as const
  return auditRecord({
    activity: 'Update user',
    auditCategory: 'UserManagement',
    targets: [target],
    ...fields,
  })
}

interface Group {
  readonly id: string
  readonly name: string
}

/** A person became a member of a group. */
export function memberAddedToGroup(of: Person, group: Group, fields: AuditFields = {}): WireRecord {
  return addedToGroup({ id: of.id, type: 'User', name: null, upn: of.upn }, group, fields)
}

/** A service principal became a member of a group. */
export function principalAddedToGroup(of: Principal, group: Group, fields: AuditFields = {}): WireRecord {
  return addedToGroup({ id: of.id, type: 'ServicePrincipal', name: of.name }, group, fields)
}

function addedToGroup(member: Target, group: Group, fields: AuditFields): WireRecord {
  const changes = [
    { name: 'Group.ObjectID', after: group.id },
    { name: 'Group.DisplayName', after: group.name },
  ]
  return auditRecord({
    activity: 'Add member to group',
    auditCategory: 'GroupManagement',
    operationType: 'Assign',
    targets: [
      { ...member, changes },
      { id: group.id, type: 'Group', name: group.name },
    ],
    ...fields,
  })
}

/** One of an application's settings changed, by the name that the audit log has for it. */
export function settingChanged(
  of: Principal,
  name: string,
  before: unknown,
  after: unknown,
  fields: AuditFields = {},
): WireRecord {
  const changes = [
    { name, before, after },
    { name: 'Included Updated Properties', after: name },
  ]
  const target = { id: of.applicationId ?? of.appId, type: 'Application', name: of.name, changes } as const
  return auditRecord({
    activity: 'Update application',
    targets: [target],
    details: [{ key: 'AppId', value: of.appId }],
    ...fields,
  })
}

/** A service principal was switched on again. */
export function principalEnabled(of: Principal, fields: AuditFields = {}): WireRecord {
  const changes = [
    { name: 'AccountEnabled', before: [false], after: [true] },
    { name: 'Included Updated Properties', after: 'AccountEnabled' },
  ]
  const target = { id: of.id, type: 'ServicePrincipal', name: of.name, changes } as const
  return auditRecord({ activity: 'Update service principal', targets: [target], ...fields })
}

/** A policy of Conditional Access, before and after, as Graph writes it. */
export function conditionalAccessChanged(
  policy: { id: string; name: string },
  before: unknown,
  after: unknown,
  fields: AuditFields = {},
): WireRecord {
  const changes = [{ name: 'ConditionalAccessPolicy', before, after }]
  return auditRecord({
    activity: 'Update conditional access policy',
    auditCategory: 'Policy',
    targets: [{ id: policy.id, type: 'Policy', name: policy.name, changes }],
    ...fields,
  })
}
