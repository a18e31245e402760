import type { SourceQuery } from '../kql/query.js'
import type { LogRecord } from '../records/record.js'
import { graphActivity } from '../tables/graph-activity.js'
import { amount, plainText } from '../tables/table.js'
import { graphResource, uriTemplate, uriTemplateText } from './uri-template.js'
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
  const template = uriTemplate(read.uri(record) ?? '')
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
    UriTemplate: template,
    Operation: `${method ?? ''} ${template}`,
    GraphResource: graphResource(template) || undefined,
    ResponseStatusCode: read.status(record),
    ResponseSizeBytes: read.bytes(record),
    IPAddress: read.address(record),
    UserAgent: read.userAgent(record),
    SignInActivityId: read.signIn(record),
  }
}

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
    UriTemplate: 'UriTemplate',
    Operation: 'strcat(toupper(RequestMethod), " ", UriTemplate)',
    GraphResource: GRAPH_RESOURCE,
    ResponseStatusCode: 'tolong(ResponseStatusCode)',
    ResponseSizeBytes: 'tolong(ResponseSizeBytes)',
    IPAddress: 'IPAddress',
    UserAgent: 'UserAgent',
    SignInActivityId: 'SignInActivityId',
  },
}

export const graphCalls: View = {
  name: 'GraphCalls',
  summary: 'One request to Microsoft Graph, with ids and names in its URI templated away.',
  delay: 120,
  columns: columns({
    RequestMethod: 'string',
    UriTemplate: 'string',
    Operation: 'string',
    GraphResource: 'string',
    ResponseStatusCode: 'number',
    ResponseSizeBytes: 'number',
    IPAddress: 'string',
    UserAgent: 'string',
    SignInActivityId: 'string',
  }),
  sources: [{ table: graphActivity, reads: Object.values(read), project, kql }],
}
