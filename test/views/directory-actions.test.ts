import { describe, expect, it } from 'vitest'
import { BASE_RECORDS } from '../../src/detections/cases/base-records.js'
import { auditLogs } from '../../src/tables/audit-logs.js'
import { views } from '../../src/views/index.js'
import type { ViewRow } from '../../src/views/view.js'
import { auditRecord } from '../support/records.js'

const AGENT = 'a0000000-0000-4000-8000-000000000001'
const OTHER = 'a0000000-0000-4000-8000-000000000002'

function project(record: unknown): ViewRow | undefined {
  const source = views.get('DirectoryActions')!.sources.find(({ table }) => table === auditLogs)!
  return source.project(record as never, 0)
}

const rowOf = (name: string) => project(structuredClone(BASE_RECORDS.get(name)!.make()))

describe('what an agent did to the directory', () => {
  it('is told of the agent that acts, with whom it changed beside it', () => {
    expect(rowOf('app-role-granted-by-agent')).toMatchObject({
      AgentId: AGENT,
      AgentName: 'invoice-agent',
      ActorType: 'App',
      Agentic: 0,
      Workload: 1,
      Operation: 'Add app role assignment to service principal',
      ChangedId: OTHER,
      ChangedName: 'mail-agent',
      ChangedType: 'ServicePrincipal',
      OnItself: 0,
      PermissionName: 'RoleManagement.ReadWrite.Directory',
      TargetName: 'Microsoft Graph',
    })
  })

  it.each([
    ['app-role-granted-to-itself', 1],
    ['directory-role-assigned-to-itself', 1],
    ['credential-added-to-itself', 1],
    ['credential-added-by-agent', 0],
    ['user-added-by-agent', 0],
  ])('says whether it did it to itself: %s', (name, onItself) => {
    expect(rowOf(name)).toMatchObject({ AgentId: AGENT, OnItself: onItself })
  })

  it('is there also where no agent is changed', () => {
    expect(rowOf('user-added-by-agent')).toMatchObject({ Operation: 'Add user', ChangedId: undefined })
  })

  it('is no workload’s when a person acts', () => {
    expect(rowOf('app-role-granted')).toMatchObject({ ActorType: 'User', Agentic: 0, Workload: 0 })
  })

  it('is an agent’s when Entra marks who acts', () => {
    const user = { id: 'B1', displayName: 'agent user', agentType: 'agentIDuser', ipAddress: '198.51.100.9' }
    expect(project(auditRecord({ initiatedBy: { user } }))).toMatchObject({
      AgentId: 'b1',
      Agentic: 1,
      IPAddress: '198.51.100.9',
    })
  })

  it('is nobody’s where the record does not say who acts', () => {
    expect(project(auditRecord({ initiatedBy: {} }))).toBeUndefined()
  })
})
