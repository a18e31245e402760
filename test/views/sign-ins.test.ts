import { describe, expect, it } from 'vitest'
import { RecordError } from '../../src/records/record.js'
import {
  AGENT,
  APP,
  GRAPH_APP,
  managedIdentitySignIn,
  servicePrincipalSignIn,
  TENANT,
  type TestRecord,
  userSignIn,
} from '../support/records.js'
import { EVENT_TIME, viewRow } from '../support/views.js'

const USER = '77777777-abab-4aba-8aba-777777777777'
const row = (record: TestRecord) => viewRow('SignIns', record)

describe('a sign-in', () => {
  it('of a service principal says who, what for, from where, and with which credential', () => {
    expect(row(servicePrincipalSignIn())).toEqual({
      View: 'SignIns',
      Type: 'AADServicePrincipalSignInLogs',
      Id: '55555555-eeee-4eee-8eee-555555555555',
      EventTime: EVENT_TIME,
      TenantId: TENANT,
      AgentId: AGENT,
      AgentName: 'invoice-agent',
      AppId: APP,
      Agentic: 0,
      Workload: 1,
      IdentityType: 'ServicePrincipal',
      ResourceIdentity: GRAPH_APP,
      ResourceDisplayName: 'Microsoft Graph',
      ResourceOwnerTenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
      ResultType: '0',
      IPAddress: '203.0.113.7',
      Location: 'SE',
      AutonomousSystemNumber: '3301',
      ClientCredentialType: 'clientSecret',
      CredentialId: '66666666-ffff-4fff-8fff-666666666666',
      UserAgent: 'python-requests/2.32',
      Client: 'python-requests',
      UniqueTokenIdentifier: 'VVVVVe7u7k6O7lVVVVVVVQ',
      ConditionalAccessStatus: 'notApplied',
    })
  })

  it('of a managed identity has no address, and no credential, which Azure rotates by itself', () => {
    expect(row(managedIdentitySignIn())).toMatchObject({
      AgentId: AGENT,
      AgentName: 'aks-agentpool',
      IdentityType: 'ManagedIdentity',
      Workload: 1,
      IPAddress: undefined,
      Location: undefined,
      AutonomousSystemNumber: undefined,
      CredentialId: undefined,
    })
  })

  it.each([
    ['an object', (identity: object) => identity],
    ['a text', (identity: object) => JSON.stringify(identity)],
  ])('of a managed identity names the resource that it belongs to, be it said as %s', (_, written) => {
    const associatedResourceId =
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm'
    const managedServiceIdentity = written({ msiType: 'systemAssigned', associatedResourceId })
    expect(row(managedIdentitySignIn({ managedServiceIdentity }))).toMatchObject({
      AzureResourceId: associatedResourceId,
    })
  })

  it('of a person is the person’s', () => {
    expect(row(userSignIn())).toMatchObject({
      Type: 'AADNonInteractiveUserSignInLogs',
      AgentId: USER,
      AgentName: 'Ada Example',
      AppId: APP,
      IdentityType: 'User',
      Agentic: 0,
      Workload: 0,
    })
  })

  it('of an agent’s own account is that account’s', () => {
    const agent = { agentType: 'agenticAppInstance', agentSubjectType: 'agentIDuser' }
    expect(row(userSignIn({ agent }))).toMatchObject({
      AgentId: USER,
      AgentName: 'Ada Example',
      IdentityType: 'AgentUser',
      Agentic: 1,
      Workload: 0,
    })
  })

  it('of an agent on a person’s behalf is the agent’s, by its service principal', () => {
    const agent = { agentType: 'agenticAppInstance', agentSubjectType: 'notAgentic', parentAppId: APP }
    expect(row(userSignIn({ agent, servicePrincipalId: AGENT }))).toMatchObject({
      AgentId: AGENT,
      AgentName: 'Support Copilot',
      IdentityType: 'OnBehalfOf',
      Agentic: 1,
    })
  })

  it('of an agent on a person’s behalf is the agent’s, by its application where no service principal is named', () => {
    const agent = { agentType: 'agenticAppInstance' }
    expect(row(userSignIn({ agent }))).toMatchObject({ AgentId: APP, AppId: APP, IdentityType: 'OnBehalfOf' })
  })

  it('is read alike from both tables of users', () => {
    const agent = { agentType: 'notAgentic', agentSubjectType: 'agentIDuser' }
    const quiet = row(userSignIn({ agent }))!
    const interactive = row({ ...userSignIn({ agent }), category: 'SignInLogs' })
    expect(interactive).toEqual({ ...quiet, Type: 'SigninLogs' })
  })

  it('of nobody is none', () => {
    expect(row(servicePrincipalSignIn({ servicePrincipalId: '' }))).toBeUndefined()
    expect(row(userSignIn({ userId: null }))).toBeUndefined()
  })

  it('has ids in small letters', () => {
    const ids = {
      servicePrincipalId: AGENT.toUpperCase(),
      appId: APP.toUpperCase(),
      resourceId: GRAPH_APP.toUpperCase(),
    }
    expect(row(servicePrincipalSignIn(ids, { tenantId: TENANT.toUpperCase() }))).toMatchObject({
      AgentId: AGENT,
      AppId: APP,
      ResourceIdentity: GRAPH_APP,
      TenantId: TENANT,
    })
  })

  it.each([['appId'], ['servicePrincipalId'], ['ipAddress']])(
    'with an object for its %s is refused',
    (field) => {
      expect(() => row(servicePrincipalSignIn({ [field]: { $gt: '' } }))).toThrow(RecordError)
    },
  )
})

describe('what Entra says of an agent', () => {
  it.each<[agent: unknown, agentic: 0 | 1]>([
    [undefined, 0],
    [null, 0],
    ['', 0],
    [{}, 0],
    [{ agentType: null }, 0],
    [{ agentType: '' }, 0],
    [{ agentType: 'notAgentic', parentAppId: '' }, 0],
    [{ agentType: 'NotAgentic', agentSubjectType: 'notAgentic' }, 0],
    ['{"agentType":"notAgentic"}', 0],
    ['no JSON', 0],
    [5, 0],
    [{ agentType: 'agenticApp' }, 1],
    [{ agentType: 'agenticAppInstance' }, 1],
    [{ agentType: 'agentIdentityBlueprintPrincipal' }, 1],
    [{ agentType: 'agentIDuser' }, 1],
    [{ agentType: 'unknownFutureValue' }, 1],
    [{ agentType: 'notAgentic', agentSubjectType: 'agentIDuser' }, 1],
    [{ agentSubjectType: 'agenticAppInstance' }, 1],
    ['{"agentType":"agenticAppInstance"}', 1],
  ])('%j means %d', (agent, agentic) => {
    expect(row(servicePrincipalSignIn({ agent }))!.Agentic).toBe(agentic)
  })
})

describe('a workload', () => {
  it.each([
    ['the tenant’s own application', TENANT, 1],
    ['an application of another company', '12345678-1234-4123-8123-123456789abc', 1],
    ['an application without owner', undefined, 1],
    ['an application of Microsoft Services', 'f8cdef31-a31e-4b4a-93e4-5f571e91255a', 0],
    ['the same, in capital letters', 'F8CDEF31-A31E-4B4A-93E4-5F571E91255A', 0],
    ['an application of Microsoft itself', '72f988bf-86f1-41af-91ab-2d7cd011db47', 0],
  ])('is %s: %s → %d', (_, appOwnerTenantId, workload) => {
    expect(row(servicePrincipalSignIn({ appOwnerTenantId }))!.Workload).toBe(workload)
  })
})

describe('the credential', () => {
  it.each([
    ['a secret, by its key', { servicePrincipalCredentialKeyId: 'key' }, 'key'],
    ['a certificate, by its thumbprint', { servicePrincipalCredentialThumbprint: 'AB12' }, 'AB12'],
    ['a federation', { federatedCredentialId: 'fic' }, 'fic'],
    ['unknown', {}, undefined],
  ])('is %s', (_, fields, id) => {
    const none = {
      servicePrincipalCredentialKeyId: '',
      servicePrincipalCredentialThumbprint: '',
      federatedCredentialId: '',
    }
    expect(row(servicePrincipalSignIn({ ...none, ...fields }))!.CredentialId).toBe(id)
  })
})
