import type { OutgoingAlert } from '../../daemon/sink.js'

/** What a column may hold, as data collection rules name it. */
export type ColumnType = 'string' | 'datetime' | 'long' | 'real' | 'dynamic'

/** An alert on its way into a table, and when it is sent: ISO 8601, UTC. */
export interface Sent {
  readonly alert: OutgoingAlert
  readonly at: string
}

interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly description: string
  /** Its value; `undefined` leaves the column empty. */
  readonly value: (sent: Sent) => unknown
}

/** A custom table of Log Analytics: its columns, and how an alert becomes a row of it. */
export interface CustomTable {
  readonly name: string
  readonly description: string
  readonly columns: readonly Column[]
}

/** One row, by column. What is `undefined` is left out. */
export type CustomRow = Readonly<Record<string, unknown>>

/** Severities as Microsoft Sentinel spells them, so that rules can take theirs from the column. */
const SEVERITY = { informational: 'Informational', low: 'Low', medium: 'Medium', high: 'High' } as const

interface Risk {
  readonly score?: unknown
  readonly level?: unknown
  readonly reasons?: unknown
}

/** The agent's risk, where the alert carries it. */
export function riskOf(alert: OutgoingAlert): Risk | undefined {
  return (alert as { readonly risk?: Risk }).risk
}

const sentAt: Column = {
  name: 'TimeGenerated',
  type: 'datetime',
  description: 'When the row was sent. The newest row of an alert holds all that is known of it.',
  value: ({ at }) => at,
}

const tenant: Column = {
  name: 'AADTenantId',
  type: 'string',
  description: 'Id of the tenant that the agent belongs to.',
  value: ({ alert }) => alert.tenantId,
}

const agent: readonly Column[] = [
  {
    name: 'AgentId',
    type: 'string',
    description: 'Object id of the agent; empty where agentwarden speaks of itself.',
    value: ({ alert }) => alert.agentId,
  },
  {
    name: 'AgentName',
    type: 'string',
    description: 'Its display name, where the logs say it.',
    value: ({ alert }) => alert.agentName,
  },
  {
    name: 'AppId',
    type: 'string',
    description: 'Its application id, where the logs say it.',
    value: ({ alert }) => alert.appId,
  },
]

const risk: readonly Column[] = [
  {
    name: 'RiskScore',
    type: 'real',
    description: 'Risk of the agent with this alert counted in.',
    value: ({ alert }) => riskOf(alert)?.score,
  },
  {
    name: 'RiskLevel',
    type: 'string',
    description: 'The same as a level.',
    value: ({ alert }) => riskOf(alert)?.level,
  },
  {
    name: 'RiskReasons',
    type: 'dynamic',
    description: 'What the risk is made of.',
    value: ({ alert }) => riskOf(alert)?.reasons,
  },
]

const alertId: Column = {
  name: 'AlertId',
  type: 'string',
  description: 'The same for the same finding however often it is sent: take the newest row of each.',
  value: ({ alert }) => alert.id,
}

const eventTime: Column = {
  name: 'EventTime',
  type: 'datetime',
  description: 'Event time of the first row that raised the alert.',
  value: ({ alert }) => alert.time,
}

/**
 * Names of the columns that had to be cut, as no field may be larger than 64 kB. Filled when a row is cut, so it has no
 * value here.
 */
export const CUT_COLUMN = 'CutFields'

const cutFields: Column = {
  name: CUT_COLUMN,
  type: 'dynamic',
  description: 'Columns of this row that were cut because they were too large; empty otherwise.',
  value: () => undefined,
}

/** Every alert, as it was raised and once more when its hour was over. */
export const ALERTS: CustomTable = {
  name: 'AgentwardenAlerts_CL',
  description: 'Alerts of agentwarden, at least once each: summarize arg_max(TimeGenerated, *) by AlertId.',
  columns: [
    sentAt,
    alertId,
    {
      name: 'AlertState',
      type: 'string',
      description: 'raised, or updated when its hour was over and it counted more rows.',
      value: ({ alert }) => alert.state,
    },
    {
      name: 'Detection',
      type: 'string',
      description: 'Id of the detection.',
      value: ({ alert }) => alert.detection,
    },
    {
      name: 'AlertTitle',
      type: 'string',
      description: 'What the detection looks for.',
      value: ({ alert }) => alert.title,
    },
    {
      name: 'Severity',
      type: 'string',
      description: 'Informational, Low, Medium or High.',
      value: ({ alert }) => SEVERITY[alert.severity],
    },
    tenant,
    ...agent,
    eventTime,
    {
      name: 'Hour',
      type: 'datetime',
      description: 'Start of the hour that the alert is about.',
      value: ({ alert }) => alert.hour,
    },
    {
      name: 'Entity',
      type: 'dynamic',
      description: 'What it is about besides the agent.',
      value: ({ alert }) => alert.entity,
    },
    {
      name: 'Observed',
      type: 'string',
      description: 'What was seen.',
      value: ({ alert }) => String(alert.observed),
    },
    {
      name: 'Expected',
      type: 'dynamic',
      description: 'What history had led to expect.',
      value: ({ alert }) => alert.expected,
    },
    {
      name: 'Reason',
      type: 'string',
      description: 'What happened, in one sentence.',
      value: ({ alert }) => alert.reason,
    },
    {
      name: 'EventCount',
      type: 'long',
      description: 'Log rows that the alert rests on.',
      value: ({ alert }) => alert.count,
    },
    {
      name: 'Evidence',
      type: 'dynamic',
      description: 'The first of them by table, id and time.',
      value: ({ alert }) => alert.evidence,
    },
    {
      name: 'Tactics',
      type: 'dynamic',
      description: 'Tactics of MITRE ATT&CK.',
      value: ({ alert }) => alert.mitre.tactics,
    },
    {
      name: 'Techniques',
      type: 'dynamic',
      description: 'Techniques of MITRE ATT&CK.',
      value: ({ alert }) => alert.mitre.techniques,
    },
    ...risk,
    cutFields,
  ],
}

/** How an agent's risk went on: a row for each alert that carries it. */
export const RISK: CustomTable = {
  name: 'AgentwardenAgentRisk_CL',
  description: 'Risk of agents after each alert: summarize arg_max(TimeGenerated, *) by AgentId.',
  columns: [sentAt, tenant, ...agent, ...risk, alertId, eventTime, cutFields],
}

/** The stream of a data collection rule that leads to a table. */
export function streamOf({ name }: CustomTable): string {
  return `Custom-${name}`
}

/** An alert as a row of a table. */
export function rowOf({ columns }: CustomTable, sent: Sent): CustomRow {
  const filled = columns.map(({ name, value }) => [name, value(sent)] as const)
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined))
}

/** A table as `deploy/tables` holds it, for the templates that make it. */
export function schemaOf({ name, description, columns }: CustomTable) {
  const said = columns.map((column) => ({
    name: column.name,
    type: column.type,
    description: column.description,
  }))
  return { name, description, stream: streamOf({ name, description, columns }), columns: said }
}
