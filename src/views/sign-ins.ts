import type { SourceQuery, Step } from '../kql/query.js'
import { literals } from '../kql/text.js'
import type { LogRecord } from '../records/record.js'
import { dynamic, member, text } from '../records/values.js'
import { managedIdentitySignIns } from '../tables/managed-identity-sign-ins.js'
import { nonInteractiveUserSignIns } from '../tables/non-interactive-user-sign-ins.js'
import { servicePrincipalSignIns } from '../tables/service-principal-sign-ins.js'
import { NOTHING, plainText, type Reader, rawReader, type Table } from '../tables/table.js'
import { userSignIns } from '../tables/user-sign-ins.js'
import { clientOf, clientText } from './user-agent.js'
import { columns, type View, type ViewRow, type ViewSource } from './view.js'

/** Tenants that own Microsoft's first-party applications: Microsoft Services and Microsoft itself. */
export const MICROSOFT_TENANTS: ReadonlySet<string> = new Set([
  'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
  '72f988bf-86f1-41af-91ab-2d7cd011db47',
])

type TextReader = Reader<string | undefined>

/** Reads a column if the table has it: the four sign-in tables differ in a few. */
function optional(table: Table, name: string): TextReader {
  return table.columns.has(name) ? plainText(table, name) : NOTHING
}

function lower(value: string | undefined): string | undefined {
  return value?.toLowerCase()
}

/** What the record's `agent` object says: the types of the acting and of the represented identity. */
interface AgentMark {
  readonly agentic: 0 | 1
  readonly user: boolean
}

const NOT_AGENTIC: AgentMark = { agentic: 0, user: false }

function agentMark(raw: unknown): AgentMark {
  if (raw === undefined || raw === null) return NOT_AGENTIC
  const agent = dynamic(raw)
  const type = lower(text(member(agent, 'agentType'))) ?? 'notagentic'
  const subject = lower(text(member(agent, 'agentSubjectType'))) ?? 'notagentic'
  if (type === 'notagentic' && subject === 'notagentic') return NOT_AGENTIC
  return { agentic: 1, user: subject === 'agentiduser' || type === 'agentiduser' }
}

const OWNER = 'ResourceOwnerTenantId'
const MANAGED = 'ManagedServiceIdentity'

/** The machine, function or other resource of Azure whose managed identity signs in. */
function azureResource(raw: unknown): string | undefined {
  return raw === undefined || raw === null ? undefined : text(member(dynamic(raw), 'associatedResourceId'))
}

/** The readers of what all sign-in tables have in common. */
function readers(table: Table) {
  return {
    agent: rawReader(table, 'Agent'),
    id: plainText(table, 'Id'),
    tenant: plainText(table, 'AADTenantId'),
    appId: plainText(table, 'AppId'),
    resource: plainText(table, 'ResourceIdentity'),
    resourceName: plainText(table, 'ResourceDisplayName'),
    result: plainText(table, 'ResultType'),
    address: plainText(table, 'IPAddress'),
    country: plainText(table, 'Location'),
    network: optional(table, 'AutonomousSystemNumber'),
    credentialType: plainText(table, 'ClientCredentialType'),
    keyId: optional(table, 'ServicePrincipalCredentialKeyId'),
    thumbprint: optional(table, 'ServicePrincipalCredentialThumbprint'),
    federated: plainText(table, 'FederatedCredentialId'),
    userAgent: plainText(table, 'UserAgent'),
    resourceOwner: optional(table, OWNER),
    token: plainText(table, 'UniqueTokenIdentifier'),
    conditionalAccess: plainText(table, 'ConditionalAccessStatus'),
    servicePrincipal: plainText(table, 'ServicePrincipalId'),
    servicePrincipalName: optional(table, 'ServicePrincipalName'),
    owner: plainText(table, 'AppOwnerTenantId'),
    user: optional(table, 'UserId'),
    userName: optional(table, 'UserDisplayName'),
    appName: optional(table, 'AppDisplayName'),
    managedIdentity: table.columns.has(MANAGED) ? rawReader(table, MANAGED) : NOTHING,
  }
}

type Readers = ReturnType<typeof readers>

/** Who signs in, and as what. */
interface Identity {
  readonly agentId: string | undefined
  readonly agentName: string | undefined
  readonly identityType: string
  readonly workload: 0 | 1
  readonly credential: string | undefined
}

function signInRow(
  table: Table,
  read: Readers,
  record: LogRecord,
  eventTime: number,
  mark: AgentMark,
  who: Identity,
): ViewRow | undefined {
  if (who.agentId === undefined) return undefined
  const userAgent = read.userAgent(record)
  return {
    View: 'SignIns',
    Type: table.name,
    Id: read.id(record),
    EventTime: eventTime,
    TenantId: lower(read.tenant(record)) ?? '',
    AgentId: who.agentId.toLowerCase(),
    AgentName: who.agentName,
    AppId: lower(read.appId(record)),
    Agentic: mark.agentic,
    Workload: who.workload,
    IdentityType: who.identityType,
    ResourceIdentity: lower(read.resource(record)),
    ResourceDisplayName: read.resourceName(record),
    ResourceOwnerTenantId: lower(read.resourceOwner(record)),
    ResultType: read.result(record),
    IPAddress: read.address(record),
    Location: read.country(record),
    AutonomousSystemNumber: read.network(record),
    ClientCredentialType: read.credentialType(record),
    CredentialId: who.credential,
    UserAgent: userAgent,
    Client: userAgent === undefined ? undefined : clientOf(userAgent),
    UniqueTokenIdentifier: read.token(record),
    ConditionalAccessStatus: read.conditionalAccess(record),
    AzureResourceId: azureResource(read.managedIdentity(record)),
  }
}

/** A service principal; its credential is whichever of key, certificate or federation it used. */
function servicePrincipal(read: Readers, record: LogRecord): Identity {
  const owner = lower(read.owner(record))
  return {
    agentId: read.servicePrincipal(record),
    agentName: read.servicePrincipalName(record),
    identityType: 'ServicePrincipal',
    workload: owner !== undefined && MICROSOFT_TENANTS.has(owner) ? 0 : 1,
    credential: read.keyId(record) ?? read.thumbprint(record) ?? read.federated(record),
  }
}

/**
 * A managed identity: Azure rotates its credential by itself, so the credential says nothing; and whatever owner
 * its application has, the identity is the customer's.
 */
function managedIdentity(read: Readers, record: LogRecord): Identity {
  const same = servicePrincipal(read, record)
  return { ...same, identityType: 'ManagedIdentity', workload: 1, credential: undefined }
}

/**
 * A user. An agent's own account is known by its user id. When an agent acts on a user's behalf, the agent is
 * the client application, whose service principal or, failing that, application id the record names.
 */
function user(read: Readers, record: LogRecord, mark: AgentMark): Identity {
  const onBehalf = mark.agentic === 1 && !mark.user
  return {
    agentId: onBehalf ? (read.servicePrincipal(record) ?? read.appId(record)) : read.user(record),
    agentName: onBehalf ? read.appName(record) : read.userName(record),
    identityType: onBehalf ? 'OnBehalfOf' : mark.user ? 'AgentUser' : 'User',
    workload: 0,
    credential: read.federated(record),
  }
}

/** What a record's `agent` object says, in KQL. */
const AGENT_FUNCTIONS: readonly Step[] = [
  [
    'TypeIn',
    'TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") }',
  ],
  [
    'IsAgent',
    'IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" }',
  ],
  [
    'IsAgentUser',
    'IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" }',
  ],
]

/** The steps of the query of a table of users' sign-ins. */
const USER_STEPS: readonly Step[] = [
  ['IsOnBehalf', 'IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))'],
  ['SubjectId', 'iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)'],
]

/** What the identity is, in KQL; the counterparts of the functions above. */
interface IdentityText {
  readonly where: string
  readonly columns: Readonly<Record<string, string>>
}

const servicePrincipalText: IdentityText = {
  where: 'isnotempty(ServicePrincipalId)',
  columns: {
    AgentId: 'tolower(ServicePrincipalId)',
    AgentName: 'ServicePrincipalName',
    Workload: `tolong(tolower(AppOwnerTenantId) !in (${literals([...MICROSOFT_TENANTS])}))`,
    IdentityType: '"ServicePrincipal"',
    CredentialId:
      'coalesce(ServicePrincipalCredentialKeyId, ServicePrincipalCredentialThumbprint, FederatedCredentialId)',
  },
}

const managedIdentityText: IdentityText = {
  ...servicePrincipalText,
  columns: {
    ...servicePrincipalText.columns,
    Workload: 'tolong(1)',
    IdentityType: '"ManagedIdentity"',
    CredentialId: '""',
    AzureResourceId: `tostring(parse_json(${MANAGED}).associatedResourceId)`,
  },
}

const userText: IdentityText = {
  where: 'isnotempty(SubjectId)',
  columns: {
    AgentId: 'tolower(SubjectId)',
    AgentName: 'iff(IsOnBehalf, AppDisplayName, UserDisplayName)',
    Workload: 'tolong(0)',
    IdentityType: 'iff(IsOnBehalf, "OnBehalfOf", iff(IsAgentUser(tostring(Agent)), "AgentUser", "User"))',
    CredentialId: 'FederatedCredentialId',
  },
}

const PLAIN = [
  'Id',
  'ResourceDisplayName',
  'ResultType',
  'IPAddress',
  'Location',
  'AutonomousSystemNumber',
  'ClientCredentialType',
  'UserAgent',
  'UniqueTokenIdentifier',
  'ConditionalAccessStatus',
]

function sourceQuery(table: Table, identity: IdentityText): SourceQuery {
  const plain = PLAIN.filter((name) => table.columns.has(name)).map((name) => [name, name])
  return {
    time: 'CreatedDateTime',
    steps: USER_STEPS,
    where: identity.where,
    columns: {
      ...Object.fromEntries(plain),
      TenantId: 'tolower(AADTenantId)',
      AppId: 'tolower(AppId)',
      Agentic: 'tolong(IsAgent(tostring(Agent)))',
      ResourceIdentity: 'tolower(ResourceIdentity)',
      ...(table.columns.has(OWNER) ? { [OWNER]: `tolower(${OWNER})` } : {}),
      Client: clientText('UserAgent'),
      ...identity.columns,
    },
  }
}

function source(
  table: Table,
  identify: (read: Readers, record: LogRecord, mark: AgentMark) => Identity,
  identity: IdentityText,
): ViewSource {
  const read = readers(table)
  return {
    table,
    kql: sourceQuery(table, identity),
    reads: Object.values(read),
    project: (record, eventTime) => {
      const mark = agentMark(read.agent(record))
      return signInRow(table, read, record, eventTime, mark, identify(read, record, mark))
    },
  }
}

export const signIns: View = {
  name: 'SignIns',
  summary: 'One sign-in: an identity asked Entra for a token to a resource.',
  delay: 30,
  columns: columns({
    IdentityType: 'string',
    ResourceIdentity: 'string',
    ResourceDisplayName: 'string',
    ResourceOwnerTenantId: 'string',
    ResultType: 'string',
    IPAddress: 'string',
    Location: 'string',
    AutonomousSystemNumber: 'string',
    ClientCredentialType: 'string',
    CredentialId: 'string',
    UserAgent: 'string',
    Client: 'string',
    UniqueTokenIdentifier: 'string',
    ConditionalAccessStatus: 'string',
    AzureResourceId: 'string',
  }),
  sources: [
    source(servicePrincipalSignIns, servicePrincipal, servicePrincipalText),
    source(managedIdentitySignIns, managedIdentity, managedIdentityText),
    source(nonInteractiveUserSignIns, user, userText),
    source(userSignIns, user, userText),
  ],
  functions: AGENT_FUNCTIONS,
}
