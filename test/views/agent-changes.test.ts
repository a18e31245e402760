import { describe, expect, it } from 'vitest'
import { decodeMessage, timeBounds } from '../../src/records/decode.js'
import { operationName } from '../../src/views/audit-change.js'
import { sourcesOf } from '../../src/views/index.js'
import {
  ADMIN,
  APPLICATION,
  agent,
  application,
  details,
  named,
  OWNER,
  owner,
  row,
} from '../support/audit-targets.js'
import { AGENT, APP, auditRecord, GRAPH_APP, type Modified } from '../support/records.js'
import { linesOf, missing } from '../support/shared-data.js'

describe('an owner', () => {
  it('added to a service principal is a change of the service principal', () => {
    const record = auditRecord({
      activityDisplayName: 'Add owner to service principal',
      targetResources: [owner(named), agent()],
      additionalDetails: [],
    })
    expect(row(record)).toMatchObject({
      AgentId: AGENT,
      AgentName: 'invoice-agent',
      AppId: APP,
      TargetName: 'owner@contoso.com',
      TargetId: OWNER,
    })
  })

  const properties: Modified = {
    'Application.ObjectID': [undefined, APPLICATION],
    'Application.DisplayName': [undefined, 'invoice-agent'],
    'Application.AppId': [undefined, APP],
  }
  it.each([
    ['with the application as second target', [owner(properties), { ...application(), displayName: null }]],
    ['with the owner as only target', [owner(properties)]],
  ])('added to an application is a change of the application, %s', (_, targetResources) => {
    const record = auditRecord({
      activityDisplayName: 'Add owner to application',
      targetResources,
      additionalDetails: [],
    })
    expect(row(record)).toMatchObject({
      AgentId: APPLICATION,
      AgentName: 'invoice-agent',
      AppId: APP,
      TargetType: 'Application',
      TargetName: 'owner@contoso.com',
    })
  })

  it('removed is named by the old values', () => {
    const old = Object.fromEntries(
      Object.entries(named).map(([name, [, value]]) => [name, [value, undefined] as const]),
    )
    const record = auditRecord({
      activityDisplayName: 'Remove owner from service principal',
      targetResources: [owner(old)],
      additionalDetails: [],
    })
    expect(row(record)).toMatchObject({ AgentId: AGENT, AgentName: 'invoice-agent', AppId: APP })
  })
})

describe('the actor', () => {
  const byApp = {
    displayName: 'Managed Service Identity',
    servicePrincipalId: 'B1946910-9CA1-4E55-A1AC-8EF5DD010EC0',
  }
  it.each([
    ['nobody', {}, undefined, undefined, undefined, undefined],
    ['null', null, undefined, undefined, undefined, undefined],
    [
      'an application, by its service principal',
      { app: { ...byApp, appId: null } },
      'App',
      'b1946910-9ca1-4e55-a1ac-8ef5dd010ec0',
      'Managed Service Identity',
      undefined,
    ],
    [
      'an application, by its id where no service principal is named',
      { app: { ...byApp, appId: APP, servicePrincipalId: '' } },
      'App',
      APP,
      'Managed Service Identity',
      undefined,
    ],
    [
      'a user, as Graph writes it, with null for the application',
      {
        app: null,
        user: { id: ADMIN, displayName: null, userPrincipalName: 'a@b.c', ipAddress: '192.0.2.1' },
      },
      'User',
      ADMIN,
      'a@b.c',
      '192.0.2.1',
    ],
    [
      'a service in a user’s name, without address',
      {
        user: {
          id: ADMIN,
          displayName: 'Microsoft Teams Services',
          userPrincipalName: '',
          ipAddress: '<null>',
        },
      },
      'User',
      ADMIN,
      'Microsoft Teams Services',
      undefined,
    ],
  ])('is %s', (_, initiatedBy, type, id, name, address) => {
    expect(row(auditRecord({ initiatedBy }))).toMatchObject({
      ActorType: type,
      ActorId: id,
      ActorName: name,
      ActorIPAddress: address,
    })
  })
})

describe('the changed identity', () => {
  it.each([
    [{ agentType: 'agenticAppInstance' }, 1],
    [{ agentType: 'notAgentic' }, 0],
    [{ agentType: null }, 0],
    [{}, 0],
  ])('with %j is marked %d', (mark, agentic) => {
    expect(row(auditRecord({ targetResources: [{ ...agent(), ...mark }] }))!.Agentic).toBe(agentic)
  })

  it('has no application id where the details are about another target', () => {
    const group = { id: OWNER, type: 'Group', displayName: 'agents', modifiedProperties: [] }
    const record = auditRecord({ targetResources: [group, agent()], additionalDetails: details(GRAPH_APP) })
    expect(row(record)).toMatchObject({ AgentId: AGENT, AppId: undefined })
  })

  it.each<[string, unknown]>([
    ['no targets', []],
    ['null', null],
    ['a user', [owner({})]],
    ['a group', [{ id: OWNER, type: 'Group', modifiedProperties: null }]],
    ['something else', ['x', 5, null, { type: 'ServicePrincipal' }]],
  ])('is none among %s', (_, targetResources) => {
    expect(row(auditRecord({ targetResources }))).toBeUndefined()
  })
})

describe('a setting that was changed', () => {
  const changed = (properties: Modified) => row(auditRecord({ targetResources: [application(properties)] }))
  const addresses = (...some: string[]) => some.map((Address) => ({ AddressType: 0, Address }))

  it.each<[string, Modified, object]>([
    [
      'its name',
      { 'Included Updated Properties': ['', 'AppAddress, DisplayName'] },
      { UpdatedProperties: 'AppAddress, DisplayName' },
    ],
    [
      'being switched on',
      { AccountEnabled: [[false], [true]] },
      { EnabledBefore: 'false', EnabledAfter: 'true' },
    ],
    [
      'being opened to other tenants, as a text',
      { AvailableToOtherTenants: ['False', 'True'] },
      { MultiTenantBefore: 'false', MultiTenantAfter: 'true' },
    ],
    [
      'new redirect addresses, in order',
      { AppAddress: [addresses('https://a'), addresses('https://c', 'https://a', 'https://b', 'https://b')] },
      { AddressesAdded: 'https://b; https://c' },
    ],
    ['a redirect address less', { AppAddress: [addresses('https://a'), []] }, { AddressesAdded: undefined }],
    ['the group', { 'Group.DisplayName': [undefined, 'Finance'] }, { GroupName: 'Finance' }],
  ])('tells of %s', (_, properties, expected) => {
    expect(changed(properties)).toMatchObject(expected)
  })

  it('of what Entra marks says as what', () => {
    const target = { ...application(), agentType: 'agenticApp' }
    expect(row(auditRecord({ targetResources: [target] }))).toMatchObject({
      Agentic: 1,
      AgentType: 'agenticApp',
    })
  })

  it('names the role by its target where no property does', () => {
    const role = { id: 'E8611AB8', type: 'Role', displayName: 'Global Administrator', modifiedProperties: [] }
    expect(row(auditRecord({ targetResources: [role, agent()] }))).toMatchObject({
      AgentId: AGENT,
      RoleName: 'Global Administrator',
      RoleTemplateId: 'e8611ab8',
    })
  })
})

describe('operation names', () => {
  it.each([
    [
      'Update application – Certificates and secrets management ',
      'Update application - Certificates and secrets management',
    ],
    ['Update application — Certificates', 'Update application - Certificates'],
    ['Add  service\u00a0principal', 'Add service principal'],
    ['Add service principal', 'Add service principal'],
    [undefined, undefined],
  ])('%j is %j', (name, expected) => {
    expect(operationName(name)).toBe(expected)
  })

  it('come from the activity where the envelope has none', () => {
    const record = auditRecord({ activityDisplayName: 'Add service principal' }, { operationName: '' })
    expect(row(record)!.Operation).toBe('Add service principal')
  })
})

describe.skipIf(missing('real-records', 'changes of agents in real audit records'))(
  'real audit records',
  () => {
    it('show how Azure rotates the certificate of a managed identity', () => {
      const rows = linesOf('auditlogs_test-audit-logs-sample.log').map((line) => {
        const [decoded] = decodeMessage(Buffer.from(line), timeBounds(Date.UTC(2026, 10, 20))).records
        return sourcesOf(decoded!.table)[0]!.project(decoded!.record, decoded!.eventTime!)!
      })
      const rotation = {
        AgentId: 'a7d5dcbe-0627-4ddf-a2f4-86b6785bcc42',
        AgentName: 'billing-test-wus',
        AppId: 'a70a7931-c387-4dce-9f35-fbf95bdcc91e',
        ActorName: 'Managed Service Identity',
        ActorType: 'App',
        ActorId: 'b9814691-9ca1-4e55-a1ac-8ef5dd010ec0',
      }
      expect(rows).toMatchObject([
        {
          ...rotation,
          Operation: 'Add service principal credentials',
          CredentialsAdded: 1,
          CredentialsRemoved: 0,
          CredentialId: 'd747da7e-e11b-4af2-aede-0487c44067af',
          CredentialKind: 'AsymmetricX509Cert',
        },
        { ...rotation, Operation: 'Update service principal', CredentialsAdded: 0 },
        { ...rotation, Operation: 'Update service principal', CredentialsAdded: 0 },
      ])
    })
  },
)
