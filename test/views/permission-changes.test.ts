import { describe, expect, it } from 'vitest'
import { agent, details, GRAPH, graph, named, OWNER, owner, row } from '../support/audit-targets.js'
import { AGENT, APP, auditRecord, GRAPH_APP, type Modified } from '../support/records.js'

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
