import type { PieceSource } from '../../src/replay/merge.js'
import type { ViewRow } from '../../src/views/view.js'

/** The record of which a view makes this row, as Event Hubs delivers it. */
export function wireRecord(row: ViewRow): object {
  if (row.View === 'AgentChanges') return agentChange(row)
  return row.View === 'SignIns' ? signIn(row) : graphCall(row)
}

/** Rows in the order of their arrival, as a source that can be read again. */
export function sourceOf(rows: readonly ViewRow[]): PieceSource {
  return sourceOfRecords(rows.map(wireRecord))
}

/** Records in the order of their arrival, one a message, as a source that can be read again. */
export function sourceOfRecords(records: readonly object[]): PieceSource {
  const messages = records.map((record) => Buffer.from(JSON.stringify(record)))
  return {
    name: 'made up',
    async *pieces() {
      yield messages.map((bytes, index) => ({ bytes, line: index + 1, offset: 0, length: bytes.length }))
    },
  }
}

function graphCall(row: ViewRow): object {
  const time = new Date(row.EventTime).toISOString()
  return {
    time,
    category: 'MicrosoftGraphActivityLogs',
    tenantId: row.TenantId,
    properties: {
      timeGenerated: time,
      tenantId: row.TenantId,
      requestId: row.Id ?? '',
      servicePrincipalId: row.AgentId,
      appId: row.AppId ?? 'app',
      requestMethod: 'GET',
      requestUri: `https://graph.microsoft.com/v1.0/${row.GraphResource ?? ''}`,
      responseStatusCode: row.ResponseStatusCode ?? null,
      responseSizeBytes: row.ResponseSizeBytes ?? null,
    },
  }
}

function signIn(row: ViewRow): object {
  const time = new Date(row.EventTime).toISOString()
  return {
    time,
    category: 'ServicePrincipalSignInLogs',
    tenantId: row.TenantId,
    resultType: '0',
    properties: {
      id: row.Id ?? '',
      createdDateTime: time,
      appId: row.AppId ?? 'app',
      servicePrincipalId: row.AgentId,
      servicePrincipalName: row.AgentId,
      resourceId: row.GraphResource ?? '',
      ipAddress: '198.51.100.7',
    },
  }
}

function agentChange(row: ViewRow): object {
  const time = new Date(row.EventTime).toISOString()
  return {
    time,
    category: 'AuditLogs',
    tenantId: row.TenantId,
    operationName: 'Update application',
    properties: {
      id: row.Id ?? '',
      activityDateTime: time,
      activityDisplayName: 'Update application',
      result: row.Result,
      initiatedBy: { user: { id: 'someone', displayName: row.ActorName ?? '' } },
      targetResources: [{ id: row.AgentId, type: 'Application', displayName: '', modifiedProperties: [] }],
      additionalDetails: row.AppId === undefined ? [] : [{ key: 'AppId', value: row.AppId }],
    },
  }
}
