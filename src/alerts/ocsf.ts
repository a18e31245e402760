import type { Alert, Severity } from './alert.js'
import { RISK_LEVELS, type Risk, reasonsText } from './risk.js'

/** Version of the Open Cybersecurity Schema Framework that is written. */
export const OCSF_VERSION = '1.3.0'

const SEVERITY_IDS: Readonly<Record<Severity, number>> = { informational: 1, low: 2, medium: 3, high: 4 }

/** `initialAccess` reads `Initial Access` in MITRE's own words. */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').replace('And', 'and')
}

function technique(id: string): Record<string, unknown> {
  const [parent, sub] = id.split('.')
  const named = { technique: { uid: parent } }
  return sub === undefined ? named : { ...named, sub_technique: { uid: id } }
}

/** The agent's risk: `risk_level_id` counts from Info, which stands for none. */
function riskFields({ score, level, reasons }: Risk): Record<string, unknown> {
  return {
    risk_score: score,
    risk_level_id: RISK_LEVELS.indexOf(level),
    risk_level: { none: 'Info', low: 'Low', medium: 'Medium', high: 'High' }[level],
    risk_details: reasonsText(reasons),
  }
}

/**
 * An alert as an OCSF Detection Finding (class 2004, activity Create). What the schema has no place for stands
 * under `unmapped`.
 */
export function toOcsf(alert: Alert): Record<string, unknown> {
  const time = Date.parse(alert.time)
  return {
    activity_id: 1,
    category_uid: 2,
    class_uid: 2004,
    type_uid: 200_401,
    time,
    severity_id: SEVERITY_IDS[alert.severity],
    status_id: 1,
    message: alert.reason,
    count: alert.count,
    metadata: {
      version: OCSF_VERSION,
      uid: alert.id,
      tenant_uid: alert.tenantId,
      product: { name: 'agentwarden', vendor_name: 'agentwarden' },
    },
    finding_info: {
      uid: alert.id,
      title: alert.title,
      desc: alert.reason,
      created_time: time,
      first_seen_time: time,
      analytic: { uid: alert.detection, name: alert.title, type_id: 1, type: 'Rule' },
      attacks: alert.mitre.techniques.map((id) => ({
        ...technique(id),
        tactics: alert.mitre.tactics.map((name) => ({ name: spaced(name) })),
      })),
    },
    resources: [{ uid: alert.agentId, name: alert.agentName ?? alert.agentId, type: 'AI agent identity' }],
    ...(alert.risk ? riskFields(alert.risk) : {}),
    evidences: alert.evidence.map((one) => ({ data: one })),
    unmapped: { hour: alert.hour, entity: alert.entity, observed: alert.observed, expected: alert.expected },
  }
}
