import { createHash } from 'node:crypto'
import { hourOf, hourText } from '../records/time.js'
import type { Alert } from './alert.js'

/**
 * Something that agentwarden found of its own surroundings: lost messages, silence, a bound that was reached. Its name
 * takes the place of a detection's id.
 */
export interface PlatformFinding
  extends Pick<Alert, 'detection' | 'title' | 'severity' | 'entity' | 'observed' | 'expected' | 'reason'> {
  readonly tenantId?: string
  /** Impair defences, unless said otherwise. */
  readonly mitre?: Alert['mitre']
}

const IMPAIRED: Alert['mitre'] = { tactics: ['DefenseEvasion'], techniques: ['T1562'] }

/** The alert about a finding at a time (milliseconds since 1970): one for each finding, entity and hour, of no agent. */
export function platformAlert(finding: PlatformFinding, time: number): Alert {
  const { detection, entity, tenantId = '' } = finding
  const hour = hourOf(time)
  const key = JSON.stringify([detection, tenantId, '', entity, hour])
  return {
    id: createHash('sha256').update(key).digest('hex').slice(0, 32),
    detection,
    title: finding.title,
    severity: finding.severity,
    tenantId,
    agentId: '',
    time: new Date(time).toISOString(),
    hour: hourText(hour),
    entity,
    observed: finding.observed,
    expected: finding.expected,
    reason: finding.reason,
    count: 1,
    evidence: [],
    mitre: finding.mitre ?? IMPAIRED,
  }
}
