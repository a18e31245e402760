import { describe, expect, it } from 'vitest'
import { decodeMessage, timeBounds } from '../../src/records/decode.js'
import { operationName } from '../../src/views/audit-change.js'
import { sourcesOf } from '../../src/views/index.js'
import {
  AGENT,
  APP,
  auditRecord,
  GRAPH_APP,
  type Modified,
  modified,
  TENANT,
  type TestRecord,
} from '../support/records.js'
import { linesOf, missing } from '../support/shared-data.js'
import { EVENT_TIME, viewRow } from '../support/views.js'

const APPLICATION = 'abababab-1212-4121-8121-abababababab'
const GRAPH = '911e3bbe-33bf-4a5c-89ff-f2a09363baaa'
const ADMIN = '99999999-cdcd-4cdc-8cdc-999999999999'
const OWNER = 'cdcdcdcd-3434-4343-8343-cdcdcdcdcdcd'

const row = (record: TestRecord) => viewRow('AgentChanges', record)

const agent = (properties: Modified = {}) => ({
  id: AGENT,
  displayName: 'invoice-agent',
  type: 'ServicePrincipal',
  modifiedProperties: modified(properties),
})
const application = (properties: Modified = {}) => ({
  ...agent(properties),
  id: APPLICATION,
  type: 'Application',
})
const graph = (properties: Modified) => ({
  ...agent({
    ...properties,
    'TargetId.ServicePrincipalNames': [undefined, `${GRAPH_APP};https://graph.microsoft.com`],
  }),
  id: GRAPH,
  displayName: 'Microsoft Graph',
})
const owner = (properties: Modified) => ({
  id: OWNER,
  displayName: null,
  type: 'User',
  userPrincipalName: 'owner@contoso.com',
  modifiedProperties: modified(properties),
})
const details = (appId: string) => [
  { key: 'User-Agent', value: 'EvoSTS' },
  { key: 'AppId', value: appId },
]
/** The agent, as a row about something else names it. */
const named: Modified = {
  'ServicePrincipal.ObjectID': [undefined, AGENT],
  'ServicePrincipal.DisplayName': [undefined, 'invoice-agent'],
  'ServicePrincipal.AppId': [undefined, APP],
  'ServicePrincipal.Name': [undefined, APP],
}
const federated = (fields: Record<string, unknown> = {}) => ({
  Name: 'github-main',
  Issuer: 'https://token.actions.githubusercontent.com',
  Subject: 'repo:contoso/agent:ref:refs/heads/main',
  Id: '2d1c5d2b-6a0e-4a7e-9c3c-0f7f6f0a1b2c',
  Audiences: ['api://AzureADTokenExchange'],
  ClaimsMatchingExpressionValue: null,
  ...fields,
})

describe('a secret added by a user', () => {
  it('says who did it from where, to whom, and which secret it is', () => {
    expect(row(auditRecord())).toEqual({
      View: 'AgentChanges',
      Type: 'AuditLogs',
      Id: 'Directory_44444444-dddd-4ddd-8ddd-444444444444_6X649_134684731',
      EventTime: EVENT_TIME,
      TenantId: TENANT,
      AgentId: AGENT,
      AgentName: 'invoice-agent',
      AppId: APP,
      Agentic: 0,
      Workload: 1,
      Operation: 'Add service principal credentials',
      Result: 'success',
      TargetType: 'ServicePrincipal',
      AgentType: undefined,
      ActorId: ADMIN,
      ActorName: 'mallory@contoso.com',
      ActorType: 'User',
      ActorIPAddress: '198.51.100.9',
      CredentialsAdded: 1,
      CredentialsRemoved: 0,
      CredentialId: 'k1',
      CredentialKind: 'Password',
      KeyId: 'k1',
      RoleName: undefined,
      RoleTemplateId: undefined,
      PermissionName: undefined,
      PermissionId: undefined,
      Scope: undefined,
      ConsentType: undefined,
      ConsentPermissions: undefined,
      IsAdminConsent: undefined,
      OnBehalfOfAll: undefined,
      TargetName: 'invoice-agent',
      TargetId: AGENT,
      UpdatedProperties: undefined,
      EnabledBefore: undefined,
      EnabledAfter: undefined,
      MultiTenantBefore: undefined,
      MultiTenantAfter: undefined,
      AddressesAdded: undefined,
      GroupName: undefined,
    })
  })

  const key = (id: string, kind = 'Password', name = '') =>
    `[KeyIdentifier=${id},KeyType=${kind},KeyUsage=Verify,DisplayName=${name}]`
  it.each<
    [string, before: string[] | null, after: string[] | null, added: number, removed: number, first?: string]
  >([
    ['the first', [], [key('a')], 1, 0, 'a'],
    ['the first, where none is null', null, [key('a')], 1, 0, 'a'],
    ['one more, in another order', [key('a'), key('b')], [key('b'), key('c'), key('a')], 1, 0, 'c'],
    ['a rotation', [key('a')], [key('b')], 1, 1, 'b'],
    ['a removal', [key('a'), key('b')], [key('a')], 0, 1],
    ['the last removed', [key('a')], [], 0, 1],
    ['another name for the same', [key('a')], [key('a', 'Password', 'new name')], 0, 0],
    ['the same in capital letters', [key('ab')], [key('AB')], 0, 0],
    ['a name with commas and brackets', [], [key('a', 'Password', 'x],y=[z')], 1, 0, 'a'],
    ['a name in other letters', [], [key('a', 'Password', '鍵"\\')], 1, 0, 'a'],
    [
      'a name that poses as the old one',
      [key('a')],
      [key('a'), key('b', 'Password', 'KeyIdentifier=a,KeyType=X')],
      1,
      0,
      'b',
    ],
  ])('counts what is new: %s', (_, before, after, added, removed, first) => {
    const changes = { KeyDescription: [before ?? undefined, after ?? undefined] as const }
    expect(row(auditRecord({ targetResources: [agent(changes)] }))).toMatchObject({
      CredentialsAdded: added,
      CredentialsRemoved: removed,
      CredentialId: first,
    })
  })

  it('of the application is the application’s, with the application id beside it', () => {
    const record = auditRecord({
      activityDisplayName: 'Update application – Certificates and secrets management ',
      targetResources: [application({ KeyDescription: [[], [key('a', 'AsymmetricX509Cert')]] })],
    })
    expect(row(record)).toMatchObject({
      AgentId: APPLICATION,
      AppId: APP,
      TargetType: 'Application',
      Operation: 'Update application - Certificates and secrets management',
      CredentialsAdded: 1,
      CredentialKind: 'AsymmetricX509Cert',
    })
  })

  it('does not count what every new service principal is born with', () => {
    const record = auditRecord({
      activityDisplayName: 'Add service principal',
      targetResources: [
        agent({
          AppPrincipalId: [[], [APP]],
          Credential: [[], [{ CredentialType: 2, KeyStoreId: GRAPH, KeyGroupId: GRAPH }]],
        }),
      ],
      additionalDetails: [],
    })
    expect(row(record)).toMatchObject({ CredentialsAdded: 0, CredentialId: undefined, AppId: APP })
  })

  it('that was refused says so', () => {
    expect(row(auditRecord({ result: 'Failure' }))).toMatchObject({ Result: 'failure' })
  })
})

describe('a federated credential', () => {
  const change = (before: unknown, after: unknown) =>
    row(
      auditRecord({
        activityDisplayName: 'Update application',
        targetResources: [application({ FederatedIdentityCredentials: [before, after] })],
      }),
    )

  it.each<[string, unknown, unknown, number, number, string?]>([
    ['is named by its subject', [], [federated()], 1, 0, 'repo:contoso/agent:ref:refs/heads/main'],
    ['keeps commas and braces of its subject', [], [federated({ Subject: 'a,b}c]"d' })], 1, 0, 'a,b}c]"d'],
    [
      'may have an expression for a subject',
      [],
      [federated({ Subject: null, ClaimsMatchingExpressionValue: "claims['sub'] matches 'repo:*'" })],
      1,
      0,
      "claims['sub'] matches 'repo:*'",
    ],
    [
      'beside others counts once',
      [federated()],
      [federated(), federated({ Subject: 'other' })],
      1,
      0,
      'other',
    ],
    [
      'of another issuer is another one',
      [federated()],
      [federated({ Issuer: 'https://evil.example' })],
      1,
      1,
      'repo:contoso/agent:ref:refs/heads/main',
    ],
    ['with another description is the same', [federated()], [federated({ Description: 'new' })], 0, 0],
    ['that is gone is removed', [federated()], [], 0, 1],
    ['without subject is none', [], [federated({ Subject: null })], 0, 0],
    ['that is no object is none', [], ['x', 5, null], 0, 0],
    ['that is no list is none', undefined, 'x', 0, 0],
  ])('%s', (_, before, after, added, removed, id) => {
    expect(change(before, after)).toMatchObject({
      CredentialsAdded: added,
      CredentialsRemoved: removed,
      CredentialId: id,
      CredentialKind: added > 0 ? 'Federated' : undefined,
    })
  })
})

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

describe('a permission', () => {
  const role: Modified = {
    'AppRole.Id': [undefined, '9492366F-7969-46A4-8D15-ED1A20078FFF'],
    'AppRole.Value': [undefined, 'Sites.ReadWrite.All'],
    'AppRole.DisplayName': [undefined, 'Read and write items in all site collections'],
  }
  const roleGranted = (...targetResources: unknown[]) =>
    row(
      auditRecord({
        activityDisplayName: 'Add app role assignment to service principal',
        operationType: 'Assign',
        targetResources,
        additionalDetails: details(GRAPH_APP),
      }),
    )

  it('of an application is a change of who gets it, not of the API that it is for', () => {
    expect(roleGranted(graph({ ...role, ...named }), agent())).toMatchObject({
      AgentId: AGENT,
      AgentName: 'invoice-agent',
      AppId: APP,
      PermissionName: 'Sites.ReadWrite.All',
      PermissionId: '9492366f-7969-46a4-8d15-ed1a20078fff',
      TargetName: 'Microsoft Graph',
      TargetId: GRAPH,
      CredentialsAdded: 0,
    })
  })

  const { 'ServicePrincipal.ObjectID': _, ...withoutId } = named
  it.each<[string, unknown[], string | undefined]>([
    [
      'of the second target where its id is not among the properties',
      [graph({ ...role, ...withoutId }), agent()],
      AGENT,
    ],
    ['of the application id where no object id is known', [graph({ ...role, ...withoutId })], APP],
    ['of nobody where nobody is named', [graph(role)], undefined],
  ])('is a change %s', (_, targets, id) => {
    expect(roleGranted(...targets)?.AgentId).toBe(id)
  })

  it('given to a user is a change of the application whose role it is', () => {
    const record = auditRecord({
      activityDisplayName: 'Add app role assignment grant to user',
      targetResources: [
        agent({
          'AppRole.Id': [undefined, '00000000-0000-0000-0000-000000000000'],
          'AppRole.Value': [undefined, ''],
          'User.ObjectID': [undefined, OWNER],
        }),
      ],
    })
    expect(row(record)).toMatchObject({ AgentId: AGENT, AppId: APP, PermissionName: undefined })
  })

  it('that is taken away is named all the same', () => {
    const taken = Object.fromEntries(
      Object.entries({ ...role, ...named }).map(([name, [, value]]) => [name, [value, undefined] as const]),
    )
    expect(roleGranted(graph(taken))).toMatchObject({
      AgentId: AGENT,
      AppId: APP,
      PermissionName: 'Sites.ReadWrite.All',
    })
  })

  const granted = (properties: Modified, appId = GRAPH_APP) =>
    row(
      auditRecord({
        activityDisplayName: 'Add delegated permission grant',
        operationType: 'Assign',
        targetResources: [graph(properties)],
        additionalDetails: details(appId),
      }),
    )
  const scope: Modified = {
    'DelegatedPermissionGrant.Scope': [' User.Read', ' User.Read Mail.ReadWrite offline_access'],
    'DelegatedPermissionGrant.ConsentType': ['Principal', 'AllPrincipals'],
  }

  it('of a user’s is a change of the client, with the new scope', () => {
    expect(granted({ ...scope, ...named })).toMatchObject({
      AgentId: AGENT,
      AppId: APP,
      Scope: 'User.Read Mail.ReadWrite offline_access',
      ConsentType: 'AllPrincipals',
      TargetName: 'Microsoft Graph',
    })
  })

  it('of a user’s does not take the API’s application id for the client’s, as records name only the client’s object', () => {
    const properties = {
      ...scope,
      'ServicePrincipal.ObjectID': [undefined, AGENT],
      'ServicePrincipal.DisplayName': [undefined, undefined],
      'ServicePrincipal.AppId': [undefined, undefined],
    } as const
    expect(granted(properties)).toMatchObject({ AgentId: AGENT, AgentName: undefined, AppId: undefined })
  })

  it('of a user’s without a client is nobody’s', () => {
    expect(granted(scope)).toBeUndefined()
  })

  it('by consent says for whom and what', () => {
    const permissions =
      `[] => [[Id: KKVD, ClientId: ${AGENT}, PrincipalId: , ResourceId: ${GRAPH}, ConsentType: AllPrincipals, ` +
      'Scope: Mail.Read, CreatedDateTime: , LastModifiedDateTime ]]; '
    const record = auditRecord({
      activityDisplayName: 'Consent to application',
      targetResources: [
        agent({
          'ConsentContext.IsAdminConsent': [undefined, 'True'],
          'ConsentContext.IsAppOnly': [undefined, 'False'],
          'ConsentContext.OnBehalfOfAll': [undefined, 'True'],
          'ConsentAction.Permissions': [undefined, permissions],
          'TargetId.ServicePrincipalNames': [undefined, APP],
        }),
      ],
    })
    expect(row(record)).toMatchObject({
      AgentId: AGENT,
      AppId: APP,
      IsAdminConsent: 'True',
      OnBehalfOfAll: 'True',
      ConsentPermissions: permissions.slice(permissions.indexOf('Id:'), permissions.lastIndexOf(']]')),
    })
  })
})

describe('a consent where others were given before', () => {
  const everybody = `Id: a, ClientId: ${AGENT}, PrincipalId: , ResourceId: ${GRAPH}, ConsentType: AllPrincipals, Scope: User.Read`
  const person = `Id: b, ClientId: ${AGENT}, PrincipalId: ${OWNER}, ResourceId: ${GRAPH}, ConsentType: Principal, Scope: Mail.Read`
  it.each([
    ['a new one beside an old one', `[[${everybody}]] => [[${everybody}], [${person}]]; `, person],
    ['one with more scopes', `[[${everybody}]] => [[${everybody} Mail.Read]]; `, `${everybody} Mail.Read`],
    ['two new ones', `[] => [[${everybody}], [${person}]]; `, `${everybody}; ${person}`],
    ['none that is new', `[[${everybody}]] => [[${everybody}]]; `, undefined],
    ['a text without an arrow', everybody, everybody],
  ])('shows %s', (_name, permissions, expected) => {
    const record = auditRecord({
      activityDisplayName: 'Consent to application',
      targetResources: [agent({ 'ConsentAction.Permissions': [undefined, permissions] })],
    })
    expect(row(record)).toMatchObject({ ConsentPermissions: expected })
  })
})

describe('a directory role', () => {
  const role: Modified = {
    'Role.ObjectID': [undefined, 'efefefef-5656-4565-8565-efefefefefef'],
    'Role.DisplayName': [undefined, 'Global Administrator'],
    'Role.TemplateId': [undefined, '62E90394-69F5-4237-9190-012177145E10'],
    'Role.WellKnownObjectName': [undefined, 'TenantAdmins'],
    'TargetId.ServicePrincipalNames': [undefined, `https://identity.azure.net/x;${APP}`],
  }
  const theRole = {
    id: 'efefefef-5656-4565-8565-efefefefefef',
    displayName: null,
    type: 'Role',
    modifiedProperties: [],
  }

  it('given to a service principal is a change of it', () => {
    const record = auditRecord({
      activityDisplayName: 'Add member to role',
      category: 'RoleManagement',
      targetResources: [agent(role), theRole],
      additionalDetails: [],
    })
    expect(row(record)).toMatchObject({
      AgentId: AGENT,
      AppId: APP,
      RoleName: 'Global Administrator',
      RoleTemplateId: '62e90394-69f5-4237-9190-012177145e10',
    })
  })

  it('given to a user is no change of an agent', () => {
    const record = auditRecord({
      activityDisplayName: 'Add member to role',
      targetResources: [owner(role), theRole],
    })
    expect(row(record)).toBeUndefined()
  })

  it('given to a user for one service principal only is no change of that one', () => {
    const record = auditRecord({
      activityDisplayName: 'Add scoped member to role',
      targetResources: [owner(role), theRole, agent()],
    })
    expect(row(record)).toBeUndefined()
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
