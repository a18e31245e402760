import { ALERTS } from '../sinks/log-analytics/tables.js'
import { type Rule, ruleGuid } from './rule.js'

const ID = 'agentwarden-alerts'

/** Minutes between runs, and looked back: 14 days would want an hourly rule, and two days are the most otherwise. */
const FREQUENCY = 5
const PERIOD = 24 * 60

/** Columns of the result that are shown in an alert of Sentinel, besides those that its entities are made of. */
const DETAILS = [
  'AlertId',
  'Detection',
  'AADTenantId',
  'AgentId',
  'Hour',
  'Observed',
  'EventCount',
  'Tactics',
]

const QUERY = `// ${ID} 1.0.0: an alert for each that the daemon has sent, once
let End = bin(now(), ${FREQUENCY}m);
let Start = End - ${FREQUENCY}m;
${ALERTS.name}
| where TimeGenerated >= End - 1d
| extend Arrived = ingestion_time()
| where Arrived < End
// The daemon sends an alert at least once, and once more when it has grown: only its first arrival counts.
| summarize FirstArrived = min(Arrived), arg_max(TimeGenerated, *) by AlertId
| where FirstArrived >= Start
| extend AgentName = coalesce(AgentName, AgentId, "agentwarden"), IPAddress = tostring(Entity.IPAddress)
| project AlertId, Detection, AlertTitle, Severity, AADTenantId, AgentId, AgentName, AppId, IPAddress, EventTime, Hour,
  Observed, EventCount, Reason, Tactics = strcat_array(Tactics, ", "), Techniques, Entity, Expected, Evidence, RiskScore, RiskLevel`

/**
 * The rule that makes incidents of what the daemon has sent to Log Analytics, each with the severity of its alert. It
 * stands beside the pack's own rules, not among them: who deploys both gets every finding twice.
 */
export const STREAM_RULE: Rule = {
  id: ruleGuid(ID),
  detection: ID,
  name: 'agentwarden alert',
  description: [
    `Identifies alerts that the streaming scorer of agentwarden has written to ${ALERTS.name}.`,
    'Each alert is raised once, with its own title, severity and reason, however often its row was sent. Incidents gather by agent. Use it in place of the scheduled rules of the pack, or on detections that those leave out: both on the same detections raise everything twice.',
    'Blind spots:\n- A row that is sent again more than a day after its first arrival.\n- More than 150 alerts in five minutes: the service raises 149 and a summary.',
  ].join('\n\n'),
  severity: 'Medium',
  connectors: [],
  frequency: FREQUENCY,
  period: PERIOD,
  tactics: [],
  techniques: [],
  query: QUERY,
  entityMappings: [
    { entityType: 'Account', fieldMappings: [{ identifier: 'AadUserId', columnName: 'AgentId' }] },
    { entityType: 'CloudApplication', fieldMappings: [{ identifier: 'AppId', columnName: 'AppId' }] },
    { entityType: 'IP', fieldMappings: [{ identifier: 'Address', columnName: 'IPAddress' }] },
  ],
  customDetails: Object.fromEntries(DETAILS.map((name) => [name, name])),
  alertDetails: {
    alertDisplayNameFormat: '{{AlertTitle}}: {{AgentName}}',
    alertDescriptionFormat: '{{Reason}}',
    alertSeverityColumnName: 'Severity',
  },
  incidentLookback: 24 * 60,
  version: '1.0.0',
}
