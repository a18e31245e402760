import type { LogRecord } from '../records/record.js'
import { auditLogs } from '../tables/audit-logs.js'
import { auditChange, CHANGE_COLUMNS, read } from './audit-change.js'
import { AUDIT_FUNCTIONS, agentChangesQuery } from './audit-change-query.js'
import { columns, type View, type ViewRow } from './view.js'

function project(record: LogRecord, eventTime: number): ViewRow | undefined {
  const { actor, changed, changedAgentic, changedAgentType, columns } = auditChange(record)
  if (changed.id === undefined) return undefined
  return {
    View: 'AgentChanges',
    Type: auditLogs.name,
    Id: read.id(record),
    EventTime: eventTime,
    TenantId: read.tenant(record)?.toLowerCase() ?? '',
    AgentId: changed.id,
    AgentName: changed.name,
    AppId: changed.appId,
    Agentic: changedAgentic,
    Workload: 1,
    TargetType: changed.type,
    AgentType: changedAgentType,
    ActorId: actor.id,
    ActorName: actor.name,
    ActorType: actor.type,
    ActorIPAddress: actor.address,
    ...columns,
  }
}

export const agentChanges: View = {
  name: 'AgentChanges',
  summary: 'One change of the directory made to an agent: its credentials, permissions, roles or owners.',
  delay: 30,
  columns: columns({
    TargetType: 'string',
    AgentType: 'string',
    ActorId: 'string',
    ActorName: 'string',
    ActorType: 'string',
    ActorIPAddress: 'string',
    ...CHANGE_COLUMNS,
  }),
  sources: [{ table: auditLogs, reads: Object.values(read), project, kql: agentChangesQuery }],
  functions: AUDIT_FUNCTIONS,
}
