import { Kept } from '../collections.js'
import type { SourceQuery } from '../kql/query.js'
import { literal, literals } from '../kql/text.js'
import type { LogRecord } from '../records/record.js'
import { graphActivity } from '../tables/graph-activity.js'
import { amount, plainText } from '../tables/table.js'
import { graphResource, uriTemplate, uriTemplateText } from './uri-template.js'
import { clientOf, clientText } from './user-agent.js'
import { columns, type View, type ViewRow } from './view.js'

const read = {
  id: plainText(graphActivity, 'RequestId'),
  tenant: plainText(graphActivity, 'AadTenantId'),
  servicePrincipal: plainText(graphActivity, 'ServicePrincipalId'),
  user: plainText(graphActivity, 'UserId'),
  appId: plainText(graphActivity, 'AppId'),
  method: plainText(graphActivity, 'RequestMethod'),
  uri: plainText(graphActivity, 'RequestUri'),
  status: amount(graphActivity, 'ResponseStatusCode'),
  bytes: amount(graphActivity, 'ResponseSizeBytes'),
  address: plainText(graphActivity, 'IPAddress'),
  userAgent: plainText(graphActivity, 'UserAgent'),
  signIn: plainText(graphActivity, 'SignInActivityId'),
}

/** A call is the service principal's, or else the user's: the table names only one of them. */
function project(record: LogRecord, eventTime: number): ViewRow | undefined {
  const servicePrincipal = read.servicePrincipal(record)
  const agentId = servicePrincipal ?? read.user(record)
  if (agentId === undefined) return undefined
  const method = read.method(record)?.toUpperCase()
  const uri = read.uri(record) ?? ''
  const { template, access, operation, resource } = callOf(method, uriTemplate(uri))
  const userAgent = read.userAgent(record)
  return {
    View: 'GraphCalls',
    Type: graphActivity.name,
    Id: read.id(record),
    EventTime: eventTime,
    TenantId: read.tenant(record)?.toLowerCase() ?? '',
    AgentId: agentId.toLowerCase(),
    AgentName: undefined,
    AppId: read.appId(record)?.toLowerCase(),
    Agentic: 0,
    Workload: servicePrincipal === undefined ? 0 : 1,
    RequestMethod: method,
    Access: access,
    ContainerId: CONTAINER.exec(uri.slice(0, LONGEST).toLowerCase())?.[1],
    UriTemplate: template,
    Operation: operation,
    GraphResource: resource,
    ResponseStatusCode: read.status(record),
    ResponseSizeBytes: read.bytes(record),
    IPAddress: read.address(record),
    UserAgent: userAgent,
    Client: userAgent === undefined ? undefined : clientOf(userAgent),
    SignInActivityId: read.signIn(record),
  }
}

/** What a method and a template say of a call. */
interface Call {
  readonly template: string
  readonly access: 'read' | 'write' | undefined
  readonly operation: string
  readonly resource: string | undefined
}

const calls = new Kept<string | undefined, Kept<string, Call>>(32)

/** The same call has the very same texts each time: to compare or to find them takes longer where they are copies. */
function callOf(method: string | undefined, template: string): Call {
  const ofMethod = calls.of(method, () => new Kept(4_096))
  return ofMethod.of(template, () => ({
    template,
    access: accessOf(method, template),
    operation: `${method ?? ''} ${template}`,
    resource: graphResource(template) || undefined,
  }))
}

/** Methods that change nothing, and what POST reads with: these paths ask a question that is too long for a URI. */
const READING = ['GET', 'HEAD', 'OPTIONS']
const QUESTIONS =
  '/(?:[$]batch|[$]query|search/query|get[a-z]*|check[a-z]*|validate[a-z]*|query|delta)(?:[(][)])?$'
const IS_QUESTION = new RegExp(QUESTIONS)

function accessOf(method: string | undefined, template: string): 'read' | 'write' | undefined {
  if (method === undefined) return undefined
  if (READING.includes(method)) return 'read'
  return method === 'POST' && IS_QUESTION.test(template) ? 'read' : 'write'
}

const ACCESS = `case(isempty(RequestMethod), "", toupper(RequestMethod) in (${literals(READING)}), "read",
    toupper(RequestMethod) == "POST" and UriTemplate matches regex ${literal(QUESTIONS)}, "read", "write")`

/** Whose mailbox, files, members or site a call reaches into, as its URI has it. */
const CONTAINERS = '/(?:users|groups|sites|drives|teams)/([^/?#(]+)'
const CONTAINER = new RegExp(CONTAINERS)
const LONGEST = 1_000

/** Removes the segments that are ids from a template, and takes the first two of the others. */
const GRAPH_RESOURCE = `extract(@"^/?([^/]+(?:/[^/]+)?)", 1, replace_regex(UriTemplate, @"/[^/]*\\{[^/]*", ""))`

const kql: SourceQuery = {
  time: 'TimeGenerated',
  steps: [
    ['UriPath', uriTemplateText('RequestUri')],
    ['UriTemplate', 'iff(UriPath == "", "/", UriPath)'],
  ],
  where: 'isnotempty(ServicePrincipalId) or isnotempty(UserId)',
  columns: {
    Id: 'RequestId',
    TenantId: 'tolower(AadTenantId)',
    AgentId: 'tolower(coalesce(ServicePrincipalId, UserId))',
    AppId: 'tolower(AppId)',
    Agentic: 'tolong(0)',
    Workload: 'tolong(isnotempty(ServicePrincipalId))',
    RequestMethod: 'toupper(RequestMethod)',
    Access: ACCESS,
    ContainerId: `extract(${literal(CONTAINERS)}, 1, tolower(substring(RequestUri, 0, ${LONGEST})))`,
    UriTemplate: 'UriTemplate',
    Operation: 'strcat(toupper(RequestMethod), " ", UriTemplate)',
    GraphResource: GRAPH_RESOURCE,
    ResponseStatusCode: 'tolong(ResponseStatusCode)',
    ResponseSizeBytes: 'tolong(ResponseSizeBytes)',
    IPAddress: 'IPAddress',
    UserAgent: 'UserAgent',
    Client: clientText('UserAgent'),
    SignInActivityId: 'SignInActivityId',
  },
}

export const graphCalls: View = {
  name: 'GraphCalls',
  summary: 'One request to Microsoft Graph, with ids and names in its URI templated away.',
  delay: 120,
  columns: columns({
    RequestMethod: 'string',
    Access: 'string',
    ContainerId: 'string',
    UriTemplate: 'string',
    Operation: 'string',
    GraphResource: 'string',
    ResponseStatusCode: 'number',
    ResponseSizeBytes: 'number',
    IPAddress: 'string',
    UserAgent: 'string',
    Client: 'string',
    SignInActivityId: 'string',
  }),
  sources: [{ table: graphActivity, reads: Object.values(read), project, kql }],
}
