import type { SourceQuery, Step } from '../kql/query.js'
import type { LogRecord } from '../records/record.js'
import { dynamic, list, member, text } from '../records/values.js'
import { auditLogs } from '../tables/audit-logs.js'
import { actorOf, operationName, type Properties, propertiesOf, read } from './audit-change.js'
import { ACTOR, ACTOR_STEP, AUDIT_FUNCTIONS, OPERATION, PROPERTIES_STEP } from './audit-change-query.js'
import { columns, type View, type ViewRow } from './view.js'

const POLICY = 'ConditionalAccessPolicy'

/** Where a policy of Conditional Access lists workload identities, and where agent identities. */
const LISTS = ['ServicePrincipals', 'AgentIdServicePrincipals']
/** Conditions that only workload identities and agents can meet. */
const RISKS = ['servicePrincipalRiskLevels', 'agentIdRiskLevels']

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce(member, value)
}

/** The identities that a policy includes, or excludes. */
function chosen(policy: unknown, way: 'include' | 'exclude'): readonly string[] {
  const apps = at(policy, 'conditions', 'clientApplications')
  return LISTS.flatMap((name) => list(member(apps, way + name)).flatMap((one) => text(one) ?? []))
}

function isAboutAgents(policy: unknown): boolean {
  const risks = RISKS.map((name) => text(at(policy, 'conditions', name)) ?? '[]')
  return chosen(policy, 'include').length > 0 || risks.some((levels) => levels !== '[]')
}

/** How many of some texts are not among others. */
function newOnes(some: readonly string[], others: readonly string[]): number {
  const known = new Set(others)
  return new Set(some.filter((one) => !known.has(one))).size
}

function policyColumns(properties: Properties): Record<string, string | number | undefined> {
  const before = dynamic(properties.get(POLICY)?.old)
  const after = dynamic(properties.get(POLICY)?.new)
  return {
    StateBefore: text(member(before, 'state')),
    StateAfter: text(member(after, 'state')),
    ExclusionsAdded: newOnes(chosen(after, 'exclude'), chosen(before, 'exclude')),
    InclusionsRemoved: newOnes(chosen(before, 'include'), chosen(after, 'include')),
    AboutAgents: isAboutAgents(before) || isAboutAgents(after) ? 1 : 0,
  }
}

/** A policy governs agents whoever counts as one: no choice of agents leaves its rows out. */
function project(record: LogRecord, eventTime: number): ViewRow | undefined {
  const targets = list(read.targets(record))
  const policy = targets.find((target) => text(member(target, 'type')) === 'Policy')
  const id = text(member(policy, 'id'))?.toLowerCase()
  if (id === undefined) return undefined
  const actor = actorOf(read.initiatedBy(record))
  return {
    View: 'PolicyChanges',
    Type: auditLogs.name,
    Id: read.id(record),
    EventTime: eventTime,
    TenantId: read.tenant(record)?.toLowerCase() ?? '',
    AgentId: id,
    AgentName: text(member(policy, 'displayName')),
    AppId: undefined,
    Agentic: 1,
    Workload: 0,
    Operation: operationName(read.operation(record) ?? read.activity(record)),
    Result: read.result(record)?.toLowerCase(),
    ActorId: actor.id,
    ActorName: actor.name,
    ActorType: actor.type,
    ActorIPAddress: actor.address,
    ...policyColumns(propertiesOf(targets)),
  }
}

const listed = (way: string) =>
  LISTS.map((name) => `Listed(Policy.conditions.clientApplications["${way}${name}"])`).join(', ')

const FUNCTIONS: readonly Step[] = [
  ...AUDIT_FUNCTIONS,
  ['Listed', 'Listed = (List: dynamic) { iff(array_length(List) > 0, List, dynamic([])) }'],
  ['Included', `Included = (Policy: dynamic) { array_concat(${listed('include')}) }`],
  ['Excluded', `Excluded = (Policy: dynamic) { array_concat(${listed('exclude')}) }`],
  [
    'IsAboutAgents',
    `IsAboutAgents = (Policy: dynamic) { array_length(Included(Policy)) > 0${RISKS.map(
      (name) => ` or tostring(Policy.conditions.${name}) !in ("", "[]")`,
    ).join('')} }`,
  ],
]

const kql: SourceQuery = {
  time: 'ActivityDateTime',
  steps: [
    PROPERTIES_STEP,
    [
      'PolicyAt',
      `| mv-apply with_itemindex=Place Target = TargetResources on (
    summarize PolicyAt = minif(Place, tostring(Target.type) == "Policy"))`,
    ],
    ['PolicyId', 'tolower(tostring(TargetResources[PolicyAt].id))'],
    ACTOR_STEP,
    ['PolicyBefore', `parse_json(Before(Properties, "${POLICY}"))`],
    ['PolicyAfter', `parse_json(After(Properties, "${POLICY}"))`],
  ],
  where: 'isnotempty(PolicyId)',
  columns: {
    Id: 'Id',
    TenantId: 'tolower(AADTenantId)',
    AgentId: 'PolicyId',
    AgentName: 'tostring(TargetResources[PolicyAt].displayName)',
    Agentic: 'tolong(1)',
    Workload: 'tolong(0)',
    ...OPERATION,
    ActorId: ACTOR.id,
    ActorName: ACTOR.name,
    ActorType: ACTOR.type,
    ActorIPAddress: ACTOR.address,
    StateBefore: 'tostring(PolicyBefore.state)',
    StateAfter: 'tostring(PolicyAfter.state)',
    ExclusionsAdded: 'array_length(set_difference(Excluded(PolicyAfter), Excluded(PolicyBefore)))',
    InclusionsRemoved: 'array_length(set_difference(Included(PolicyBefore), Included(PolicyAfter)))',
    AboutAgents: 'tolong(IsAboutAgents(PolicyBefore) or IsAboutAgents(PolicyAfter))',
  },
}

export const policyChanges: View = {
  name: 'PolicyChanges',
  summary: 'One change of a policy of the tenant; what is said of the agent is said of the policy.',
  delay: 30,
  columns: columns({
    Operation: 'string',
    Result: 'string',
    ActorId: 'string',
    ActorName: 'string',
    ActorType: 'string',
    ActorIPAddress: 'string',
    StateBefore: 'string',
    StateAfter: 'string',
    ExclusionsAdded: 'number',
    InclusionsRemoved: 'number',
    AboutAgents: 'number',
  }),
  sources: [{ table: auditLogs, reads: Object.values(read), project, kql }],
  functions: FUNCTIONS,
}
