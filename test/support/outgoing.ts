import type { OutgoingAlert } from '../../src/daemon/sink.js'

const USUAL: OutgoingAlert = {
  id: '0123456789abcdef0123456789abcdef',
  state: 'raised',
  detection: 'unusual-resource',
  title: 'Agent reaches a resource that it never used',
  severity: 'medium',
  tenantId: '11111111-1111-1111-1111-111111111111',
  agentId: '22222222-2222-2222-2222-222222222222',
  agentName: 'invoice bot',
  time: '2026-11-20T03:12:44.120Z',
  hour: '2026-11-20T03:00:00Z',
  entity: { ResourceDisplayName: 'Payroll' },
  observed: 'Payroll',
  expected: { known: 3, basis: '3 resources in 13 days' },
  reason: 'invoice bot signed in to Payroll, which it never did in 13 days',
  count: 1,
  evidence: [{ table: 'AADServicePrincipalSignInLogs', id: 'event-1', time: '2026-11-20T03:12:44.120Z' }],
  mitre: { tactics: ['LateralMovement'], techniques: ['T1078.004'] },
}

/** An alert on its way out, usual but for what is named. */
export function outgoing(part: Partial<OutgoingAlert> = {}): OutgoingAlert {
  return { ...USUAL, ...part }
}

/** So many alerts with ids of their own: `alert-1`, `alert-2`, … */
export function outgoingOnes(count: number, first = 1): OutgoingAlert[] {
  return Array.from({ length: count }, (_, index) => outgoing({ id: `alert-${first + index}` }))
}

/** The signal of a caller that waits for ever. */
export const patiently = (): AbortSignal => new AbortController().signal
