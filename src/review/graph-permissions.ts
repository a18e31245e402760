/**
 * What the families of Graph's permissions open, as parts of a path that are no ids, in small letters: the `Mail` of
 * `Mail.ReadWrite` opens every path with `messages` in it. Taken from the permissions that the reference of Microsoft
 * Graph names for each call; families that are not here are not judged. A family that is too wide makes a permission
 * seem used, one that is too narrow makes it seem unused: so in doubt it is wide.
 */
const FAMILIES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    AccessReview: ['accessreviews'],
    AdministrativeUnit: ['administrativeunits'],
    AgentIdentity: ['serviceprincipals', 'microsoft.graph.agentidentity'],
    Application: ['applications', 'serviceprincipals'],
    AppRoleAssignment: ['approleassignments', 'approleassignedto'],
    AuditLog: ['auditlogs'],
    Calendars: ['calendar', 'calendars', 'calendarview', 'calendargroups', 'events'],
    Channel: ['channels'],
    ChannelMessage: ['messages', 'channels'],
    Chat: ['chats', 'messages'],
    ChatMessage: ['chats', 'messages'],
    Contacts: ['contacts', 'contactfolders'],
    DelegatedPermissionGrant: ['oauth2permissiongrants'],
    Device: ['devices', 'registereddevices', 'owneddevices'],
    DeviceManagementApps: ['deviceappmanagement'],
    DeviceManagementConfiguration: ['devicemanagement'],
    DeviceManagementManagedDevices: ['devicemanagement', 'manageddevices'],
    DeviceManagementServiceConfig: ['devicemanagement'],
    Directory: [
      'administrativeunits',
      'applications',
      'contacts',
      'devices',
      'directory',
      'directoryobjects',
      'directoryroles',
      'domains',
      'groups',
      'oauth2permissiongrants',
      'organization',
      'serviceprincipals',
      'subscribedskus',
      'users',
    ],
    Domain: ['domains'],
    EntitlementManagement: ['entitlementmanagement'],
    Files: ['drive', 'drives', 'items', 'root', 'sharedwithme', 'shares'],
    Group: [
      'conversations',
      'groups',
      'memberof',
      'members',
      'owners',
      'photo',
      'posts',
      'teams',
      'threads',
      'transitivememberof',
      'transitivemembers',
    ],
    GroupMember: ['members', 'transitivemembers', 'memberof', 'transitivememberof', 'groups'],
    IdentityRiskEvent: ['riskdetections', 'serviceprincipalriskdetections', 'agentriskdetections'],
    IdentityRiskyAgent: ['riskyagents'],
    IdentityRiskyServicePrincipal: ['riskyserviceprincipals'],
    IdentityRiskyUser: ['riskyusers'],
    LicenseAssignment: ['subscribedskus', 'assignlicense', 'licensedetails'],
    Mail: ['messages', 'mailfolders', 'sendmail', 'inferenceclassification', 'attachments'],
    MailboxSettings: ['mailboxsettings'],
    Member: ['members'],
    Notes: ['onenote'],
    OnlineMeetings: ['onlinemeetings'],
    Organization: ['organization'],
    People: ['people'],
    Policy: ['policies', 'conditionalaccess'],
    Presence: ['presence', 'presences'],
    PrivilegedAccess: ['privilegedaccess', 'privilegedroles'],
    Reports: ['reports'],
    RoleManagement: ['rolemanagement', 'directoryroles', 'directoryroletemplates'],
    SecurityAlert: ['security', 'alerts', 'alerts_v2'],
    SecurityEvents: ['security', 'alerts', 'alerts_v2'],
    SecurityIncident: ['security', 'incidents'],
    ServiceHealth: ['serviceannouncement'],
    ServiceMessage: ['serviceannouncement'],
    Sites: ['sites', 'lists', 'drive', 'drives'],
    Subscription: ['subscriptions'],
    Tasks: ['todo', 'planner', 'tasks'],
    Team: ['teams', 'joinedteams'],
    TeamMember: ['teams', 'members'],
    TeamSettings: ['teams'],
    ThreatHunting: ['runhuntingquery', 'huntingquery'],
    User: ['users', 'me', 'manager', 'directreports', 'photo', 'photos'],
    UserAuthenticationMethod: ['authentication', 'methods'],
  }),
)

/** Parts of a path that only lead to something, unless nothing of another family follows: `/users/{id}/messages` is mail. */
const CONTAINERS: ReadonlySet<string> = new Set(['groups', 'me', 'teams', 'users'])

/** Parts of a path that say nothing of what it leads to: counts, casts, deltas. */
const NEUTRAL = /^(?:\$|microsoft\.graph|delta|count)/

/** What one permission of Graph opens. */
export interface Opened {
  /** @param words the parts of a call's path that are no ids, in small letters */
  readonly opens: (words: Iterable<string>) => boolean
  /** Whether it lets change something. */
  readonly writes: boolean
}

/** Nothing but reading. */
const READING = /^Read(?!Write)/

/** What a permission opens: `Mail.ReadWrite.All`; `undefined` where its family is not known. */
export function openedBy(permission: string): Opened | undefined {
  const [family = '', access = ''] = permission.split('.')
  const words = permission.startsWith('Mail.Send') ? ['sendmail', 'send'] : FAMILIES.get(family)
  return words && { opens: (path) => opens(words, path), writes: !READING.test(access) }
}

function opens(words: readonly string[], path: Iterable<string>): boolean {
  const parts = [...path].filter((part) => !NEUTRAL.test(part))
  const others = parts.filter((part) => !words.includes(part))
  return parts.some((part) => words.includes(part) && (others.length === 0 || !CONTAINERS.has(part)))
}
