import type { SourceQuery } from '../kql/query.js'
import { literal } from '../kql/text.js'
import type { LogRecord } from '../records/record.js'
import { agentRiskEvents } from '../tables/agent-risk-events.js'
import { auditLogs } from '../tables/audit-logs.js'
import { riskyAgents } from '../tables/risky-agents.js'
import { riskyServicePrincipals } from '../tables/risky-service-principals.js'
import { servicePrincipalRiskEvents } from '../tables/service-principal-risk-events.js'
import { NOTHING, plainText, type Reader, reader, type Table } from '../tables/table.js'
import { columns, type View, type ViewRow, type ViewSource } from './view.js'

/** Where a risk table keeps what the view tells; the rest has the same name in all of them. */
interface Place {
  readonly table: Table
  readonly agentId: string
  readonly agentName: string
  /** Entra lists agents only in this table. */
  readonly agentic: 0 | 1
  /** A detection, or the state of who is at risk. */
  readonly kind: 'Detection' | 'State'
}

const PLACES: readonly Place[] = [
  {
    table: agentRiskEvents,
    agentId: 'AgentId',
    agentName: 'AgentDisplayName',
    agentic: 1,
    kind: 'Detection',
  },
  { table: riskyAgents, agentId: 'Id', agentName: 'AgentDisplayName', agentic: 1, kind: 'State' },
  {
    table: servicePrincipalRiskEvents,
    agentId: 'ServicePrincipalId',
    agentName: 'ServicePrincipalDisplayName',
    agentic: 0,
    kind: 'Detection',
  },
  { table: riskyServicePrincipals, agentId: 'Id', agentName: 'DisplayName', agentic: 0, kind: 'State' },
]

/** Columns of the view that a table has under the view's own name, or not at all. */
const SAME = {
  RiskEventType: 'RiskEventType',
  RiskLevel: 'RiskLevel',
  RiskState: 'RiskState',
  RiskDetail: 'RiskDetail',
  DetectionTimingType: 'DetectionTimingType',
  Activity: 'Activity',
  IPAddress: 'IpAddress',
} as const

type TextReader = Reader<string | undefined>

function optional(table: Table, name: string): TextReader {
  return table.columns.has(name) ? plainText(table, name) : NOTHING
}

/** The tables have no column for the tenant, but the record's envelope says it, where other tables have it from. */
const TENANT = plainText(auditLogs, 'AADTenantId')

function source({ table, agentId, agentName, agentic, kind }: Place): ViewSource {
  const read = {
    // A record that is delivered again with another state is news: the time of its change tells it from a copy.
    id: plainText(table, 'Id'),
    changed: reader(table, table.id.at(-1)!) as Reader<number | undefined>,
    tenant: TENANT,
    agent: plainText(table, agentId),
    name: plainText(table, agentName),
    appId: optional(table, 'AppId'),
    identityType: optional(table, 'IdentityType'),
  }
  const same = Object.entries(SAME).map(([name, column]) => [name, optional(table, column)] as const)
  const project = (record: LogRecord, eventTime: number): ViewRow | undefined => {
    const agent = read.agent(record)?.toLowerCase()
    if (agent === undefined) return undefined
    return {
      View: 'RiskEvents',
      Type: table.name,
      Id: idOf(read.id(record), read.changed(record)),
      EventTime: eventTime,
      TenantId: read.tenant(record)?.toLowerCase() ?? '',
      AgentId: agent,
      AgentName: read.name(record),
      AppId: read.appId(record)?.toLowerCase(),
      Agentic: agentic,
      Workload: 1,
      RecordKind: kind,
      IdentityType: read.identityType(record) ?? (agentic === 1 ? undefined : 'ServicePrincipal'),
      ...Object.fromEntries(same.map(([name, column]) => [name, column(record)])),
    }
  }
  const reads = [...Object.values(read), ...same.map(([, column]) => column)]
  return { table, reads, project, kql: query({ table, agentId, agentName, agentic, kind }) }
}

function idOf(id: string | undefined, changed: number | undefined): string | undefined {
  return id === undefined || changed === undefined ? id : `${id} ${new Date(changed).toISOString()}`
}

/** The risk tables do not say whose tenant it is: a workspace may hold several, but an id is of one of them. */
function query({ table, agentId, agentName, agentic, kind }: Place): SourceQuery {
  const same = Object.entries(SAME).filter(([, column]) => table.columns.has(column))
  return {
    time: table.eventTime,
    where: `isnotempty(${agentId})`,
    columns: {
      Id: `strcat(Id, " ", tostring(${table.id.at(-1)}))`,
      AgentId: `tolower(${agentId})`,
      AgentName: agentName,
      ...(table.columns.has('AppId') ? { AppId: 'tolower(AppId)' } : {}),
      Agentic: `tolong(${agentic})`,
      Workload: 'tolong(1)',
      RecordKind: literal(kind),
      IdentityType: agentic === 1 ? 'IdentityType' : '"ServicePrincipal"',
      ...Object.fromEntries(same),
    },
  }
}

export const riskEvents: View = {
  name: 'RiskEvents',
  summary:
    'What Entra ID Protection found out about an agent, or decided: a detection, or the state of its risk.',
  delay: 30,
  columns: columns({
    RecordKind: 'string',
    IdentityType: 'string',
    ...(Object.fromEntries(Object.keys(SAME).map((name) => [name, 'string'])) as Record<string, 'string'>),
  }),
  sources: PLACES.map(source),
}
