import { platformAlert } from '../alerts/platform.js'
import type { Suppression } from '../alerts/suppression.js'
import type { OutgoingAlert } from './sink.js'

/** The alert that an entry has ended, so that nobody relies on it. */
export function endedAlert(
  { detection, agent, entity, until, reason }: Suppression,
  now: number,
): OutgoingAlert {
  const end = new Date(until).toISOString()
  const whose = [detection && `alerts of ${detection}`, agent && `agent ${agent}`].filter(Boolean).join(', ')
  const finding = {
    detection: 'suppression-ended',
    title: 'A suppression of alerts has ended',
    severity: 'low' as const,
    entity: { ...entity, ...(detection && { detection }), ...(agent && { agent }), until: end },
    observed: end,
    expected: { why: reason },
    reason: `The suppression of ${whose} ended at ${end}: such alerts are delivered again. It was for: ${reason}`,
    mitre: { tactics: [], techniques: [] },
  }
  return { ...platformAlert(finding, now), state: 'raised' }
}
