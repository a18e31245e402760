import { describe, expect, it } from 'vitest'
import * as wire from '../../src/simulate/records/index.js'
import { tableOf } from '../../src/tables/index.js'
import { views } from '../../src/views/index.js'
import type { ViewRow } from '../../src/views/view.js'

const SUBJECT = { subjectId: 'A0000000-0000-4000-8000-000000000001', name: 'invoice-agent', appId: 'B1' }

function project(record: wire.WireRecord): ViewRow | undefined {
  const table = tableOf(record.category)
  const source = views.get('RiskEvents')!.sources.find((one) => one.table === table)!
  return source.project(record as never, 0)
}

describe('a risk event', () => {
  it.each([
    ['of an agent', wire.agentRiskEvent(SUBJECT), 1, 'Detection', 'AgentIdentity', undefined],
    [
      'of a service principal',
      wire.servicePrincipalRiskEvent(SUBJECT),
      0,
      'Detection',
      'ServicePrincipal',
      'b1',
    ],
    ['as the state of an agent', wire.riskyAgent(SUBJECT), 1, 'State', 'AgentIdentity', undefined],
    [
      'as the state of a service principal',
      wire.riskyServicePrincipal(SUBJECT),
      0,
      'State',
      'ServicePrincipal',
      'b1',
    ],
  ])('%s says who is at risk and how much', (_, record, agentic, kind, identity, appId) => {
    expect(project(record)).toMatchObject({
      AgentId: SUBJECT.subjectId.toLowerCase(),
      AgentName: 'invoice-agent',
      AppId: appId,
      Agentic: agentic,
      Workload: 1,
      RecordKind: kind,
      IdentityType: identity,
      RiskLevel: 'medium',
      RiskState: 'atRisk',
    })
  })

  it('that is delivered again with another state is another event', () => {
    const time = Date.UTC(2026, 9, 20)
    const first = project(wire.agentRiskEvent({ ...SUBJECT, updated: time }))
    const copy = project(wire.agentRiskEvent({ ...SUBJECT, updated: time }))
    const later = project(wire.agentRiskEvent({ ...SUBJECT, updated: time + 60_000, riskState: 'dismissed' }))
    expect(copy!.Id).toBe(first!.Id)
    expect(later!.Id).not.toBe(first!.Id)
  })
})
