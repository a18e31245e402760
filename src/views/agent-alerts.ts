import type { Step } from '../kql/query.js'
import type { LogRecord } from '../records/record.js'
import { HOUR_MS } from '../records/time.js'
import { dynamic, list, member, text, time } from '../records/values.js'
import { securityAlerts } from '../tables/security-alerts.js'
import { plainText } from '../tables/table.js'
import { columns, type View, type ViewRow, type ViewSource } from './view.js'

/** How long after its hour an alert may be written, in days: a rule looks back no further. */
const MOST_DAYS = 14

/** What an alert says, wherever it comes from. */
export interface AlertFacts
  extends Pick<ViewRow, 'Type' | 'Id' | 'EventTime' | 'TenantId' | 'AgentId' | 'AgentName' | 'AppId'> {
  /** The id of the detection that raised it. */
  readonly Detection: string
  readonly AlertSeverity: string | undefined
}

/** A row about an alert. */
export function alertRow(facts: AlertFacts): ViewRow {
  return { View: 'AgentAlerts', ...facts, Agentic: 1, Workload: 1 }
}

const read = {
  id: plainText(securityAlerts, 'SystemAlertId'),
  severity: plainText(securityAlerts, 'AlertSeverity'),
  properties: plainText(securityAlerts, 'ExtendedProperties'),
}

/** The custom details of our rules say of whom and when an alert is, and by which detection. */
function project(record: LogRecord, written: number): ViewRow | undefined {
  const details = dynamic(member(dynamic(read.properties(record)), 'Custom Details'))
  const detail = (name: string) => text(list(member(details, name))[0])
  const [Detection, AgentId] = [detail('Detection'), detail('AgentId')?.toLowerCase()]
  if (Detection === undefined || AgentId === undefined) return undefined
  return alertRow({
    Type: securityAlerts.name,
    Id: read.id(record),
    EventTime: timeOf(detail('Hour'), written),
    TenantId: detail('TenantId')?.toLowerCase() ?? '',
    AgentId,
    AgentName: detail('AgentName'),
    AppId: detail('AppId')?.toLowerCase(),
    Detection,
    AlertSeverity: read.severity(record),
  })
}

/** The hour that an alert is about, unless it can't be: then when the alert was written. */
function timeOf(hour: string | undefined, written: number): number {
  const about = time(hour) ?? written
  return about <= written && about >= written - MOST_DAYS * 24 * HOUR_MS ? about : written
}

const FUNCTIONS: readonly Step[] = [
  [
    'Detail',
    'Detail = (Properties: string, Name: string) { tostring(parse_json(tostring(parse_json(Properties)["Custom Details"]))[Name][0]) }',
  ],
  [
    'AboutTime',
    `AboutTime = (Properties: string, Written: datetime) { iff(todatetime(Detail(Properties, "Hour")) between ((Written - ${MOST_DAYS}d) .. Written), todatetime(Detail(Properties, "Hour")), Written) }`,
  ],
]

function detailText(name: string): string {
  return `Detail(ExtendedProperties, "${name}")`
}

const source: ViewSource = {
  table: securityAlerts,
  reads: Object.values(read),
  project,
  kql: {
    time: 'AboutTime(ExtendedProperties, TimeGenerated)',
    where: `isnotempty(${detailText('Detection')}) and isnotempty(${detailText('AgentId')})`,
    columns: {
      Id: 'SystemAlertId',
      AgentId: `tolower(${detailText('AgentId')})`,
      AgentName: detailText('AgentName'),
      AppId: `tolower(${detailText('AppId')})`,
      Agentic: 'tolong(1)',
      Workload: 'tolong(1)',
      Detection: detailText('Detection'),
      AlertSeverity: 'AlertSeverity',
    },
  },
}

/**
 * The alerts of our own detections: the scorer's own, and in Sentinel those that our rules raised. A rule can't say
 * the tenant of all of them, as the risk tables have none, but an agent's id is of one tenant.
 */
export const agentAlerts: View = {
  name: 'AgentAlerts',
  summary: 'An alert that one of the other detections raised about an agent.',
  // A rule over Graph judges an hour two hours after it, within an hour; what it raises is there soon after.
  delay: 240,
  columns: columns({ Detection: 'string', AlertSeverity: 'string' }),
  sources: [source],
  functions: FUNCTIONS,
}
