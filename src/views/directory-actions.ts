import type { LogRecord } from '../records/record.js'
import { auditLogs } from '../tables/audit-logs.js'
import { type AuditChange, auditChange, CHANGE_COLUMNS, read } from './audit-change.js'
import { AUDIT_FUNCTIONS, directoryActionsQuery } from './audit-change-query.js'
import { columns, type View, type ViewRow } from './view.js'

/** Whether the identity that acts is the one that is changed, by the ids that the record has of both. */
function isOnItself({ actor, changed }: AuditChange): 0 | 1 {
  if (actor.id === undefined || changed.id === undefined) return 0
  const sameApp = actor.appId !== undefined && actor.appId === changed.appId
  return sameApp || actor.id === changed.id || actor.id === changed.appId ? 1 : 0
}

function project(record: LogRecord, eventTime: number): ViewRow | undefined {
  const change = auditChange(record)
  const { actor, changed, columns } = change
  if (actor.id === undefined) return undefined
  return {
    View: 'DirectoryActions',
    Type: auditLogs.name,
    Id: read.id(record),
    EventTime: eventTime,
    TenantId: read.tenant(record)?.toLowerCase() ?? '',
    AgentId: actor.id,
    AgentName: actor.name,
    AppId: actor.appId,
    Agentic: actor.agentic,
    Workload: actor.type === 'App' ? 1 : 0,
    ActorType: actor.type,
    IPAddress: actor.address,
    ChangedId: changed.id,
    ChangedAppId: changed.appId,
    ChangedName: changed.name,
    ChangedType: changed.type,
    OnItself: isOnItself(change),
    ...columns,
  }
}

export const directoryActions: View = {
  name: 'DirectoryActions',
  summary: 'One change of the directory made by an agent, be it to another identity or to itself.',
  delay: 30,
  columns: columns({
    ActorType: 'string',
    IPAddress: 'string',
    ChangedId: 'string',
    ChangedAppId: 'string',
    ChangedName: 'string',
    ChangedType: 'string',
    OnItself: 'number',
    ...CHANGE_COLUMNS,
  }),
  sources: [{ table: auditLogs, reads: Object.values(read), project, kql: directoryActionsQuery }],
  functions: AUDIT_FUNCTIONS,
}
