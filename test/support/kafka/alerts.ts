import type { OutgoingAlert } from '../../../src/daemon/sink.js'

/** An alert as it leaves, with a number in its id; `reason` makes it as large as is wanted. */
export function outgoing(number: number, reason = 'a reason'): OutgoingAlert {
  return {
    id: `alert-${number}`,
    detection: 'unusual-resource',
    title: 'A title',
    severity: 'medium',
    tenantId: 'tenant',
    agentId: 'agent',
    time: '2026-10-20T10:00:00.000Z',
    hour: '2026-10-20T10:00:00.000Z',
    entity: { resource: 'vault' },
    observed: 'vault',
    expected: {},
    reason,
    count: 1,
    evidence: [],
    mitre: { tactics: [], techniques: [] },
    state: 'raised',
  }
}
