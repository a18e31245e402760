import type { ViewRow, ViewValue } from '../../src/views/view.js'

export const HOUR_MS = 3_600_000

/** Hour number of `2026-11-20T03`. */
export function hourAt(text: string): number {
  return Date.parse(`${text}:00:00Z`) / HOUR_MS
}

/** What a test says of a row; the rest is the same in all of them. */
export interface RowPart {
  /** Event time: an hour number and, within it, minutes. */
  readonly hour: number
  readonly minute?: number
  readonly agent?: string
  readonly tenant?: string
  /** A row without an id can't be told from a second delivery; `null` leaves it out. */
  readonly id?: string | null
  readonly [column: string]: ViewValue | null
}

let rows = 0

function viewRow(view: string, table: string, part: RowPart): ViewRow {
  const { hour, minute = 0, agent = 'agent-1', tenant = 'tenant-1', id, ...columns } = part
  return {
    View: view,
    Type: table,
    Id: id === null ? undefined : (id ?? `event-${++rows}`),
    EventTime: hour * HOUR_MS + minute * 60_000,
    TenantId: tenant,
    AgentId: agent,
    AgentName: undefined,
    AppId: undefined,
    Agentic: 1,
    Workload: 1,
    ...Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, value ?? undefined])),
  }
}

/** A row of the view `SignIns`. */
export function signIn(part: RowPart): ViewRow {
  return viewRow('SignIns', 'AADServicePrincipalSignInLogs', part)
}

/** A row of the view `GraphCalls`. */
export function graphCall(part: RowPart): ViewRow {
  return viewRow('GraphCalls', 'MicrosoftGraphActivityLogs', part)
}

/** A row of the view `AgentChanges`. */
export function agentChange(part: RowPart): ViewRow {
  return viewRow('AgentChanges', 'AuditLogs', part)
}
