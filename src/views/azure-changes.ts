import type { SourceQuery } from '../kql/query.js'
import { literal } from '../kql/text.js'
import type { LogRecord } from '../records/record.js'
import { dynamic, member, text } from '../records/values.js'
import { azureActivity } from '../tables/azure-activity.js'
import { memberReader, plainText } from '../tables/table.js'
import { AZURE_ROLES } from './azure-roles.js'
import { columns, type View, type ViewRow } from './view.js'

/** Names of claims in the token of who makes a change. */
const CLAIMS = {
  tenant: 'http://schemas.microsoft.com/identity/claims/tenantid',
  actor: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
  user: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  app: 'appid',
} as const

const read = {
  operation: plainText(azureActivity, 'OperationNameValue'),
  status: plainText(azureActivity, 'ActivityStatusValue'),
  correlation: plainText(azureActivity, 'CorrelationId'),
  address: plainText(azureActivity, 'CallerIpAddress'),
  entity: memberReader(azureActivity, 'Properties_d', 'entity'),
  request: memberReader(azureActivity, 'Properties_d', 'requestbody'),
  response: memberReader(azureActivity, 'Properties_d', 'responseBody'),
  tenant: memberReader(azureActivity, 'Claims_d', CLAIMS.tenant),
  actor: memberReader(azureActivity, 'Claims_d', CLAIMS.actor),
  user: memberReader(azureActivity, 'Claims_d', CLAIMS.user),
  app: memberReader(azureActivity, 'Claims_d', CLAIMS.app),
}

const ROLE_WRITE = 'microsoft.authorization/roleassignments/write'
const SETTING = '/diagnosticsettings/'
const ENTRA = '/providers/microsoft.aadiam/'
const SUBSCRIPTION = '^/subscriptions/[^/]+/providers/microsoft[.]insights/diagnosticsettings/'
const IS_SUBSCRIPTION = new RegExp(SUBSCRIPTION)

/** What a role assignment says, in the request as the portal writes it or as the service does. */
function given(body: unknown, name: string): string | undefined {
  const upper = text(member(member(body, 'Properties'), name.charAt(0).toUpperCase() + name.slice(1)))
  return upper ?? text(member(member(body, 'properties'), name))
}

/** Whose logs a diagnostic setting exports. */
function exportedOf(entity: string): string {
  if (entity.includes(ENTRA)) return 'Entra'
  return IS_SUBSCRIPTION.test(entity) ? 'Subscription' : 'Resource'
}

/** Every row has all columns: readers of rows are faster that way. */
const NO_SUBJECT = {
  Agentic: 0,
  Workload: 0,
  ExportOf: undefined,
  PrincipalType: undefined,
  RoleDefinitionId: undefined,
  RoleName: undefined,
  Scope: undefined,
} as const

/** Who the change is about: the principal that gets a role; a diagnostic setting, whoever counts as an agent. */
function subjectOf(record: LogRecord, operation: string, entity: string | undefined) {
  if (operation.includes(SETTING) && entity !== undefined) {
    return { ...NO_SUBJECT, AgentId: entity, Agentic: 1, ExportOf: exportedOf(entity) } as const
  }
  if (operation !== ROLE_WRITE) return undefined
  const body = dynamic(text(read.request(record)) ?? text(read.response(record)))
  const AgentId = given(body, 'principalId')?.toLowerCase()
  if (AgentId === undefined) return undefined
  const type = given(body, 'principalType')
  const role = given(body, 'roleDefinitionId')?.toLowerCase().split('/').at(-1)
  return {
    ...NO_SUBJECT,
    AgentId,
    Workload: type?.toLowerCase() === 'serviceprincipal' ? 1 : 0,
    PrincipalType: type,
    RoleDefinitionId: role,
    RoleName: role === undefined ? undefined : AZURE_ROLES.get(role),
    Scope: entity?.split('/providers/microsoft.authorization/')[0] || '/',
  } as const
}

function project(record: LogRecord, eventTime: number): ViewRow | undefined {
  const operation = read.operation(record)?.toLowerCase() ?? ''
  const entity = text(read.entity(record))?.toLowerCase()
  const subject = subjectOf(record, operation, entity)
  if (subject === undefined) return undefined
  const user = text(read.user(record))
  const app = text(read.app(record))
  const status = read.status(record)
  return {
    View: 'AzureChanges',
    Type: azureActivity.name,
    Id: [read.correlation(record), operation, status, entity].map((part) => part ?? '').join(' '),
    EventTime: eventTime,
    TenantId: text(read.tenant(record))?.toLowerCase() ?? '',
    AgentName: undefined,
    AppId: undefined,
    Operation: operation,
    Result: status?.toLowerCase(),
    ResourceId: entity,
    ActorId: text(read.actor(record))?.toLowerCase(),
    ActorName: user ?? app,
    ActorType: user !== undefined ? 'User' : app !== undefined ? 'App' : undefined,
    ActorIPAddress: read.address(record),
    ...subject,
  }
}

const claim = (name: string) => `tostring(Claims_d[${literal(name)}])`
const asked = (name: string) =>
  `coalesce(tostring(Body.Properties.${name.charAt(0).toUpperCase() + name.slice(1)}), tostring(Body.properties.${name}))`
const names = Array.from(AZURE_ROLES, ([id, name]) => `Role == ${literal(id)}, ${literal(name)}`)

const kql: SourceQuery = {
  time: 'TimeGenerated',
  steps: [
    ['Operation', 'tolower(OperationNameValue)'],
    ['Entity', 'tolower(tostring(Properties_d.entity))'],
    ['IsSetting', `Operation contains ${literal(SETTING)} and isnotempty(Entity)`],
    ['Body', 'parse_json(coalesce(tostring(Properties_d.requestbody), tostring(Properties_d.responseBody)))'],
    ['Principal', `iff(Operation == ${literal(ROLE_WRITE)}, tolower(${asked('principalId')}), "")`],
    ['Role', `iff(isempty(Principal), "", tolower(extract("([^/]+)$", 1, ${asked('roleDefinitionId')})))`],
    ['SignedInUser', claim(CLAIMS.user)],
    ['SignedInApp', claim(CLAIMS.app)],
  ],
  where: 'IsSetting or isnotempty(Principal)',
  columns: {
    Id: 'strcat(CorrelationId, " ", Operation, " ", ActivityStatusValue, " ", Entity)',
    TenantId: `tolower(${claim(CLAIMS.tenant)})`,
    AgentId: 'iff(IsSetting, Entity, Principal)',
    Agentic: 'tolong(IsSetting)',
    Workload: `tolong(isnotempty(Principal) and ${asked('principalType')} =~ "ServicePrincipal")`,
    Operation: 'Operation',
    Result: 'tolower(ActivityStatusValue)',
    ResourceId: 'Entity',
    ActorId: `tolower(${claim(CLAIMS.actor)})`,
    ActorName: 'coalesce(SignedInUser, SignedInApp)',
    ActorType: 'case(isnotempty(SignedInUser), "User", isnotempty(SignedInApp), "App", "")',
    ActorIPAddress: 'CallerIpAddress',
    ExportOf: `case(not(IsSetting), "", Entity contains ${literal(ENTRA)}, "Entra", Entity matches regex ${literal(SUBSCRIPTION)}, "Subscription", "Resource")`,
    PrincipalType: `iff(isempty(Principal), "", ${asked('principalType')})`,
    RoleDefinitionId: 'Role',
    RoleName: `case(${names.join(', ')}, "")`,
    Scope:
      'iff(isempty(Principal), "", coalesce(tostring(split(Entity, "/providers/microsoft.authorization/")[0]), "/"))',
  },
}

export const azureChanges: View = {
  name: 'AzureChanges',
  summary:
    'One change in Azure: a role that an agent was given there, or a setting by which logs are exported.',
  delay: 30,
  columns: columns({
    Operation: 'string',
    Result: 'string',
    ResourceId: 'string',
    ActorId: 'string',
    ActorName: 'string',
    ActorType: 'string',
    ActorIPAddress: 'string',
    ExportOf: 'string',
    PrincipalType: 'string',
    RoleDefinitionId: 'string',
    RoleName: 'string',
    Scope: 'string',
  }),
  sources: [{ table: azureActivity, reads: Object.values(read), project, kql }],
}
