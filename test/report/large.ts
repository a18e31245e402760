import type { Alert } from '../../src/alerts/alert.js'
import type { ReportData } from '../../src/report/build.js'
import type { AgentDetails } from '../../src/report/data.js'

const FIRST_HOUR = 490_000
const HOURS = 480

const DETECTIONS = 30
const SEVERITIES = ['informational', 'low', 'medium', 'high'] as const

/** A report with so many alerts and agents, each with its behaviour of 20 days. */
export function largeReport(alerts: number, agents: number): ReportData {
  const rows = Array.from({ length: alerts }, (_, index) => ({
    time: (FIRST_HOUR + (index * HOURS) / alerts) * 3600,
    detection: (index * 7) % Math.min(DETECTIONS, agents),
    agent: index % agents,
    severity: index % 4,
  }))
  return {
    index: {
      version: '1.2.3',
      made: 1_790_000_000_000,
      span: [FIRST_HOUR, FIRST_HOUR + HOURS - 1],
      alertsPerBlock: 500,
      agentsPerBlock: 20,
      detections: Array.from({ length: Math.min(DETECTIONS, agents) }, (_, index) =>
        detectionEntry(index, agents),
      ),
      sets: [{ view: 'SignIns', columns: ['Location'] }],
      agents: Array.from({ length: agents }, (_, index) => ['tenant', `id-${index}`, `agent-${index}`, 240]),
      alerts: rows.map(({ time, detection, agent, severity }) => [
        Math.floor(time),
        detection,
        agent,
        severity,
      ]),
      missing: [],
    },
    alerts: rows.map(alertOf),
    agents: Array.from({ length: agents }, (_, index) => behaviourOf(index)),
  }
}

function detectionEntry(index: number, agents: number) {
  const entry = {
    id: `detection-${index}`,
    title: `Detection ${index}`,
    severity: 'low',
    kind: 'spike',
    why: 'So.',
  }
  if (index > 0) return entry
  const near = Array.from({ length: agents }, (_, agent) => [agent, agent % 90, 100, FIRST_HOUR] as const)
  return { ...entry, unit: 'rows of SignIns', near }
}

type Row = { time: number; detection: number; agent: number; severity: number }

function alertOf({ time, detection, agent, severity }: Row, index: number): Alert {
  const when = new Date(time * 1000).toISOString()
  return {
    id: index.toString(16).padStart(32, '0'),
    detection: `detection-${detection}`,
    title: `Detection ${detection}`,
    severity: SEVERITIES[severity]!,
    tenantId: 'tenant',
    agentId: `id-${agent}`,
    time: when,
    hour: when,
    entity: { ResourceIdentity: `resource ${index % 1000}` },
    observed: 120,
    expected: {
      threshold: 100,
      median: 10,
      mad: 2,
      hours: 240,
      basis: 'median 10, MAD 2 over 240 active hours',
    },
    reason: `agent-${agent} signed in 120 times to resource ${index % 1000} within an hour; usual are 10, the limit 100`,
    count: 3,
    evidence: [0, 1, 2].map((one) => ({
      table: 'AADServicePrincipalSignInLogs',
      id: `00000000-0000-4000-8000-${(3 * index + one).toString(16).padStart(12, '0')}`,
      time: when,
    })),
    mitre: { tactics: ['InitialAccess'], techniques: ['T1078.004'] },
  }
}

/** Active in every other hour. */
function behaviourOf(agent: number): AgentDetails {
  const hours = Array.from({ length: HOURS / 2 }, (_, index) => (index === 0 ? FIRST_HOUR : 2))
  const totals = hours.map((_, index) => 5 + ((index * 31 + agent) % 17))
  const limits = hours.flatMap((_, index) => (index % 4 === 0 ? [40 + ((index + agent) % 9), 4] : []))
  const values = ['NL', 'DE', 'GB'].map(
    (place, index) => [place, FIRST_HOUR + index, FIRST_HOUR + HOURS, 0] as const,
  )
  return { series: [{ detection: 0, hours, totals, limits }], values: [[0, values]] }
}
