import { describe, expect, it } from 'vitest'
import { conditionalAccessChanged } from '../../src/simulate/records/index.js'
import { auditRecord, type TestRecord } from '../support/records.js'
import { viewRow } from '../support/views.js'

const POLICY = { id: 'F00D', name: 'Block agents at risk' }
const apps = (clientApplications: object, state = 'enabled') => ({
  state,
  conditions: { clientApplications },
})

function changed(before: unknown, after: unknown) {
  return viewRow('PolicyChanges', conditionalAccessChanged(POLICY, before, after) as unknown as TestRecord)
}

describe('a change of a Conditional Access policy', () => {
  it('stands under the policy, and counts whoever is an agent', () => {
    expect(changed(apps({}), apps({}, 'disabled'))).toMatchObject({
      AgentId: 'f00d',
      AgentName: 'Block agents at risk',
      Agentic: 1,
      Operation: 'Update conditional access policy',
      StateBefore: 'enabled',
      StateAfter: 'disabled',
      ExclusionsAdded: 0,
      InclusionsRemoved: 0,
      AboutAgents: 0,
    })
  })

  it.each([
    [
      'one agent is excluded',
      { excludeServicePrincipals: ['a'] },
      { excludeServicePrincipals: ['a', 'b'] },
      [1, 0],
    ],
    [
      'an agent identity is excluded',
      {},
      { excludeAgentIdServicePrincipals: ['a'], excludeServicePrincipals: [] },
      [1, 0],
    ],
    ['an exclusion is taken back', { excludeServicePrincipals: ['a'] }, {}, [0, 0]],
    ['all are no longer included', { includeAgentIdServicePrincipals: ['All'] }, {}, [0, 1]],
  ])('counts what changes: %s', (_, before, after, [added, removed]) => {
    expect(changed(apps(before), apps(after))).toMatchObject({
      ExclusionsAdded: added,
      InclusionsRemoved: removed,
    })
  })

  it.each([
    ['includes a workload identity', apps({ includeServicePrincipals: ['All'] }), 1],
    ['includes an agent identity', apps({ includeAgentIdServicePrincipals: ['All'] }), 1],
    ['has a risk of agents', { conditions: { agentIdRiskLevels: 'high' } }, 1],
    ['has a risk of workload identities', { conditions: { servicePrincipalRiskLevels: ['high'] } }, 1],
    ['has no such risk', { conditions: { servicePrincipalRiskLevels: [] } }, 0],
    ['is about people', { conditions: { users: { includeUsers: ['All'] } } }, 0],
  ])('is about agents or not: it %s', (_, policy, about) => {
    expect(changed(policy, policy)).toMatchObject({ AboutAgents: about })
    expect(changed(null, policy)).toMatchObject({ AboutAgents: about })
    expect(changed(policy, null)).toMatchObject({ AboutAgents: about })
  })

  it('is none of another target', () => {
    expect(viewRow('PolicyChanges', auditRecord())).toBeUndefined()
  })
})
