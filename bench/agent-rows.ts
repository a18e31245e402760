import { randomUUID } from 'node:crypto'
import { HOUR_MS } from '../src/records/time.js'
import type { ViewRow } from '../src/views/view.js'
import { START } from './records-file.js'

/** Whose rows are made up. */
export interface BenchAgent {
  /** A copy of its own, as each record brings one. */
  readonly tenant: string
  readonly id: string
  readonly name: string
  readonly credential: string
  readonly number: number
}

/** The rows of an agent in one hour, counted from 0 at the start of simulated time. */
export type RowsOfHour = (agent: BenchAgent, hour: number) => ViewRow[]

/** Thirteen days: the whole baseline window, all of which is remembered. */
export const WINDOW_DAYS = 13

const TENANT = '6b1f0e7c-51f2-4d7e-9f0e-2f8d3a1c9b10'
const RESOURCES = ['00000003-0000-0000-c000-000000000000', 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093']
const OPERATIONS: readonly (readonly [resource: string, operation: string])[] = [
  ['users', 'GET /users'],
  ['users', 'GET /users/{id}/memberOf'],
  ['groups', 'GET /groups'],
  ['groups', 'GET /groups/{id}/members'],
]

/**
 * Agents with ids, names and credentials of their own, as long as real ones. They go through JSON, since texts that
 * were put together from pieces take several times the memory of those that were read.
 */
export function benchAgents(count: number): BenchAgent[] {
  const agents = Array.from({ length: count }, (_, number) => ({
    tenant: TENANT,
    id: randomUUID(),
    name: `bench-agent-${number}`,
    credential: randomUUID(),
    number,
  }))
  return JSON.parse(JSON.stringify(agents)) as BenchAgent[]
}

/** A nightly job: signs in once a day for one resource, every other day a second time an hour later. */
export function quietRows(agent: BenchAgent, hour: number): ViewRow[] {
  const clock = agent.number % 6
  const day = Math.floor(hour / 24)
  const due = hour % 24 === clock || (hour % 24 === clock + 1 && (day + agent.number) % 2 === 0)
  return due ? [signIn(agent, hour, 0, RESOURCES[0]!)] : []
}

/** An agent that works round the clock: every hour two resources and four operations on two Graph resources. */
export function busyRows(agent: BenchAgent, hour: number): ViewRow[] {
  const signIns = RESOURCES.map((resource, index) => signIn(agent, hour, index, resource))
  return [...signIns, ...OPERATIONS.map((_, index) => graphCall(agent, hour, index))]
}

/** Signs in at three hours of every day, and calls Graph each time. */
export function steadyRows(agent: BenchAgent, hour: number): ViewRow[] {
  if (hour % 8 !== agent.number % 8) return []
  return [signIn(agent, hour, 0, RESOURCES[agent.number % 2]!), graphCall(agent, hour, agent.number % 4)]
}

/** The rows of all agents in one hour, in order of event time only as far as hours go. */
export function rowsOfHour(agents: readonly BenchAgent[], rowsOf: RowsOfHour, hour: number): ViewRow[] {
  const rows: ViewRow[] = []
  for (const agent of agents) for (const row of rowsOf(agent, hour)) rows.push(row)
  return rows
}

function signIn(agent: BenchAgent, hour: number, index: number, resource: string): ViewRow {
  return {
    View: 'SignIns',
    Type: 'AADServicePrincipalSignInLogs',
    Id: `${agent.number}-${hour}-${index}`,
    EventTime: timeOf(agent, hour, index),
    TenantId: agent.tenant,
    AgentId: agent.id,
    AgentName: agent.name,
    AppId: agent.id,
    Agentic: 0,
    Workload: 1,
    IdentityType: 'ServicePrincipal',
    ResourceIdentity: resource,
    ResourceDisplayName: 'Microsoft Graph',
    ResultType: '0',
    IPAddress: '198.18.0.10',
    Location: 'NL',
    AutonomousSystemNumber: '8075',
    ClientCredentialType: 'clientSecret',
    CredentialId: agent.credential,
    UserAgent: undefined,
    UniqueTokenIdentifier: undefined,
    ConditionalAccessStatus: 'notApplied',
  }
}

function graphCall(agent: BenchAgent, hour: number, index: number): ViewRow {
  const [resource, operation] = OPERATIONS[index]!
  return {
    View: 'GraphCalls',
    Type: 'MicrosoftGraphActivityLogs',
    Id: `${agent.number}-${hour}-${index}`,
    EventTime: timeOf(agent, hour, index),
    TenantId: agent.tenant,
    AgentId: agent.id,
    AgentName: undefined,
    AppId: agent.id,
    Agentic: 0,
    Workload: 1,
    RequestMethod: 'GET',
    UriTemplate: operation.slice(4),
    Operation: operation,
    GraphResource: resource,
    ResponseStatusCode: 200,
    ResponseSizeBytes: 1_800 + ((agent.number + hour) % 97) * 211,
    IPAddress: '198.18.0.10',
    UserAgent: undefined,
    SignInActivityId: undefined,
  }
}

function timeOf(agent: BenchAgent, hour: number, index: number): number {
  return START + hour * HOUR_MS + ((agent.number * 31 + index * 977) % HOUR_MS)
}
