import { describe, expect, it } from 'vitest'
import { type SecurityAlertFields, securityAlert } from '../../src/simulate/records/index.js'
import type { TestRecord } from '../support/records.js'
import { EVENT_TIME, viewRow } from '../support/views.js'

const DETAILS = { Detection: 'unusual-resource', AgentId: 'AGENT-1', Hour: '2026-11-20T01:00:00.0000000Z' }

const rowOf = (fields: SecurityAlertFields) =>
  viewRow('AgentAlerts', securityAlert(fields) as unknown as TestRecord)

describe('an alert of one of our rules', () => {
  it('says by which detection, of whom and about when it is', () => {
    const details = { ...DETAILS, TenantId: 'TENANT-1', AgentName: 'invoice-agent', AppId: 'APP-1' }
    expect(rowOf({ severity: 'High', alertId: 'alert-1', details })).toEqual({
      View: 'AgentAlerts',
      Type: 'SecurityAlert',
      Id: 'alert-1',
      EventTime: Date.UTC(2026, 10, 20, 1),
      TenantId: 'tenant-1',
      AgentId: 'agent-1',
      AgentName: 'invoice-agent',
      AppId: 'app-1',
      Agentic: 1,
      Workload: 1,
      Detection: 'unusual-resource',
      AlertSeverity: 'High',
    })
  })

  it.each([
    ['of which it does not say', undefined],
    ['that is none', 'soon'],
    ['after it was written', '2026-11-20T04:00:00Z'],
    ['more than 14 days before', '2026-11-06T03:00:00Z'],
  ])('is about the time at which it was written for an hour %s', (_, Hour) => {
    const { Hour: _hour, ...others } = DETAILS
    expect(rowOf({ details: Hour === undefined ? others : { ...others, Hour } })!.EventTime).toBe(EVENT_TIME)
  })
})

describe('an alert of another rule', () => {
  it.each([
    ['without details', {}],
    ['without a detection', { AgentId: 'agent-1' }],
    ['about no agent', { Detection: 'unusual-resource' }],
  ])('%s is no row', (_, details) => {
    expect(rowOf({ details })).toBeUndefined()
  })
})
