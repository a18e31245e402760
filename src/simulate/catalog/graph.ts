import type { Random } from '../random.js'

/** What a path's placeholders stand for. */
export interface Subject {
  readonly id: string
  readonly upn: string
}

/** One Graph call as an agent's code writes it. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly version: 'v1.0' | 'beta'
  /** `{id}`, `{upn}` and `{guid}` are filled in call by call. */
  readonly path: string
  /** The part of Graph it belongs to, as one would group the paths. */
  readonly part: string
  /** Median response body in bytes. */
  readonly bytes: number
  /** The application permission it needs. */
  readonly role: string
}

const operation = (
  method: Operation['method'],
  path: string,
  part: string,
  bytes: number,
  role: string,
  version: Operation['version'] = 'v1.0',
): Operation => ({ method, version, path, part, bytes, role })

export const operations: readonly Operation[] = [
  operation(
    'GET',
    '/users?$select=id,displayName,mail,userPrincipalName&$top=100',
    'users',
    24_000,
    'User.Read.All',
  ),
  operation('GET', '/users/{id}', 'users', 1_400, 'User.Read.All'),
  operation('GET', "/users('{upn}')?$select=id,accountEnabled,department", 'users', 420, 'User.Read.All'),
  operation('GET', '/users/{upn}/manager', 'users', 900, 'User.Read.All'),
  operation('GET', '/users/delta?$deltatoken={token}', 'users', 6_500, 'User.Read.All'),
  operation(
    'GET',
    '/groups?$filter=startswith(displayName,%27sg-%27)',
    'groups',
    18_000,
    'GroupMember.Read.All',
  ),
  operation('GET', '/groups/{guid}/members?$select=id', 'groups', 7_000, 'GroupMember.Read.All'),
  operation('GET', '/groups/{guid}/transitiveMembers/$count', 'groups', 12, 'GroupMember.Read.All'),
  operation('GET', '/sites/{guid}/lists/{guid}/items?$expand=fields', 'sites', 52_000, 'Sites.Read.All'),
  operation('GET', '/sites/{guid}/drives', 'sites', 3_200, 'Sites.Read.All'),
  operation('GET', '/drives/{guid}/root/children', 'drives', 15_000, 'Files.Read.All'),
  operation('GET', '/drives/{guid}/items/{token}/content', 'drives', 180_000, 'Files.Read.All'),
  operation('GET', '/drives/{guid}/root/delta', 'drives', 11_000, 'Files.Read.All'),
  operation('POST', '/users/{id}/sendMail', 'mail', 0, 'Mail.Send'),
  operation('GET', '/users/{upn}/mailFolders/inbox/messages?$top=25', 'mail', 90_000, 'Mail.Read'),
  operation('GET', '/users/{id}/messages/{token}/attachments', 'mail', 240_000, 'Mail.Read'),
  operation(
    'GET',
    '/users/{upn}/calendarView?startDateTime={day}&endDateTime={day}',
    'calendar',
    30_000,
    'Calendars.Read',
  ),
  operation('POST', '/users/{id}/events', 'calendar', 2_600, 'Calendars.ReadWrite'),
  operation('GET', '/teams/{guid}/channels', 'teams', 2_100, 'Channel.ReadBasic.All'),
  operation('POST', '/teams/{guid}/channels/{token}/messages', 'teams', 1_700, 'Teamwork.Migrate.All'),
  operation(
    'GET',
    '/deviceManagement/managedDevices?$top=50',
    'devices',
    120_000,
    'DeviceManagementManagedDevices.Read.All',
  ),
  operation('GET', '/devices/{guid}', 'devices', 1_800, 'Device.Read.All'),
  operation('GET', '/organization', 'organization', 4_100, 'Organization.Read.All'),
  operation('GET', '/subscribedSkus', 'organization', 22_000, 'Organization.Read.All'),
  operation(
    'GET',
    '/auditLogs/signIns?$filter=createdDateTime%20ge%20{day}',
    'auditLogs',
    160_000,
    'AuditLog.Read.All',
  ),
  operation(
    'GET',
    '/reports/getTeamsUserActivityUserDetail(period=%27D7%27)',
    'reports',
    75_000,
    'Reports.Read.All',
    'beta',
  ),
  operation('GET', '/security/alerts_v2?$top=100', 'security', 85_000, 'SecurityAlert.Read.All'),
  operation('PATCH', '/security/alerts_v2/{guid}', 'security', 3_000, 'SecurityAlert.ReadWrite.All'),
  operation(
    'GET',
    '/applications?$select=id,appId,displayName',
    'applications',
    26_000,
    'Application.Read.All',
  ),
  operation(
    'GET',
    '/servicePrincipals/{guid}/appRoleAssignments',
    'servicePrincipals',
    2_700,
    'Application.Read.All',
  ),
  operation('GET', '/directoryRoles', 'directoryRoles', 4_300, 'RoleManagement.Read.Directory'),
  operation('POST', '/$batch', 'batch', 9_000, 'User.Read.All'),
]

/** Where much data lies: what a thief of an identity turns to. */
export const bulkOperations: readonly Operation[] = [
  operation('GET', '/drives/{guid}/items/{token}/content', 'drives', 900_000, 'Files.Read.All'),
  operation('GET', '/users/{id}/messages/{token}/$value', 'mail', 700_000, 'Mail.Read'),
  operation(
    'GET',
    '/sites/{guid}/lists/{guid}/items?$expand=fields&$top=5000',
    'sites',
    1_200_000,
    'Sites.Read.All',
  ),
  operation(
    'GET',
    '/teams/{guid}/channels/{token}/messages?$top=50',
    'teams',
    600_000,
    'ChannelMessage.Read.All',
  ),
]

/** What turns an identity into a way to stay, or to read what it never read. */
export const takeoverOperations: readonly Operation[] = [
  operation(
    'POST',
    '/servicePrincipals/{guid}/addPassword',
    'servicePrincipals',
    620,
    'Application.ReadWrite.All',
  ),
  operation('POST', '/applications/{guid}/addKey', 'applications', 540, 'Application.ReadWrite.All'),
  operation(
    'POST',
    '/servicePrincipals/{guid}/appRoleAssignments',
    'servicePrincipals',
    700,
    'AppRoleAssignment.ReadWrite.All',
  ),
  operation('GET', '/users/{id}/messages', 'mail', 110_000, 'Mail.Read'),
  operation(
    'POST',
    '/users/{id}/authentication/temporaryAccessPassMethods',
    'authentication',
    480,
    'UserAuthenticationMethod.ReadWrite.All',
  ),
]

/** An item id of SharePoint or Exchange: upper-case letters and digits. */
const token = (random: Random) => `01${random.digits(30).toUpperCase()}`

/** The request URI; `slash` is `/` or, for clients that join carelessly, `//`. */
export function requestUri(
  of: Operation,
  subject: Subject,
  day: string,
  slash: string,
  random: Random,
): string {
  const path = of.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'id') return subject.id
    if (name === 'upn') return subject.upn
    if (name === 'day') return day
    return name === 'token' ? token(random) : random.guid()
  })
  return `https://graph.microsoft.com/${of.version}${slash}${path.slice(1)}`
}
