import { describe, expect, it } from 'vitest'
import { ADMIN, APPLICATION, agent, application, GRAPH, row } from '../support/audit-targets.js'
import { AGENT, APP, auditRecord, TENANT } from '../support/records.js'
import { EVENT_TIME } from '../support/views.js'

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
