import { describe, expect, it } from 'vitest'
import * as make from '../../src/simulate/records/index.js'

const time = Date.UTC(2026, 9, 5, 13, 48, 53, 120)
const agent = {
  id: 'a0000000-0000-4000-8000-000000000001',
  appId: 'b0000000-0000-4000-8000-000000000001',
  name: 'invoice-triage-prod',
  applicationId: 'c0000000-0000-4000-8000-000000000001',
}
const api = {
  id: 'd0000000-0000-4000-8000-000000000001',
  appId: '00000003-0000-0000-c000-000000000000',
  name: 'Microsoft Graph',
}
const person = {
  id: 'e0000000-0000-4000-8000-000000000001',
  upn: 'zoe.gross@fabrikam.example',
  name: 'Zoë Groß',
}
const secret = { keyId: 'f0000000-0000-4000-8000-000000000001', kind: 'Password' } as const
const old = {
  keyId: 'f0000000-0000-4000-8000-000000000002',
  kind: 'AsymmetricX509Cert',
  name: 'CN=x',
} as const

const usTime = /^\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d [AP]M$/
const ticks = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/

type Change = { displayName: string; oldValue: string | null; newValue: string }
type Target = { id: string; type: string; modifiedProperties: Change[] }
const targets = (record: make.WireRecord) => record.properties.targetResources as Target[]
const change = (record: make.WireRecord, name: string) =>
  targets(record)[0]!.modifiedProperties.find(({ displayName }) => displayName === name)

describe('the wire quirks', () => {
  it.each([
    ['ServicePrincipalSignInLogs', make.servicePrincipalSignIn({ time }), usTime, '0'],
    ['ManagedIdentitySignInLogs', make.managedIdentitySignIn({ time }), ticks, 0],
    ['NonInteractiveUserSignInLogs', make.nonInteractiveUserSignIn({ time }), ticks, 0],
    ['SignInLogs', make.userSignIn({ time }), ticks, 0],
    ['AuditLogs', make.auditRecord({ time }), ticks, 0],
    ['MicrosoftGraphActivityLogs', make.graphCall({ time }), ticks, '497815'],
    ['UserRiskEvents', make.userRiskEvent({ time }), usTime, 0],
    ['RiskyUsers', make.riskyUser({ time }), usTime, 0],
    ['ServicePrincipalRiskEvents', make.servicePrincipalRiskEvent({ time }), usTime, 0],
    ['RiskyServicePrincipals', make.riskyServicePrincipal({ time }), usTime, 0],
    ['AgentRiskEvents', make.agentRiskEvent({ time }), usTime, 0],
    ['RiskyAgents', make.riskyAgent({ time }), usTime, 0],
  ])('%s: category, format of time, kind of durationMs', (category, record, format, duration) => {
    expect(record.category).toBe(category)
    expect(record.time).toMatch(format)
    expect(record.durationMs).toBe(duration)
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
  })

  it('Level differs in key, type and text among categories and over time', () => {
    const late = time + 9 * 24 * 3_600_000
    const records = [time, late].flatMap((t) => [
      make.servicePrincipalSignIn({ time: t }),
      make.managedIdentitySignIn({ time: t }),
      make.nonInteractiveUserSignIn({ time: t }),
    ])
    const shapes = new Set(records.map((r) => JSON.stringify({ Level: r.Level, level: r.level })))
    expect(shapes).toEqual(
      new Set(['{"level":"Informational"}', '{"Level":"4"}', '{"Level":4}', '{"Level":"Informational"}']),
    )
  })

  it('a service principal sign-in is about 3.4 KB', () => {
    const size = JSON.stringify(make.servicePrincipalSignIn()).length
    expect(size).toBeGreaterThan(3200)
    expect(size).toBeLessThan(3600)
  })

  it.each([
    [0, '0', 'SUCCESS', undefined],
    [7000222, '7000222', 'FAILURE', 'The provided client secret keys are expired.'],
  ])('sign-in with code %d', (errorCode, resultType, resultSignature, resultDescription) => {
    const record = make.servicePrincipalSignIn({ errorCode })
    expect(record).toMatchObject({ resultType, resultSignature })
    expect(record.resultDescription).toBe(resultDescription)
    expect(record.properties.status).toMatchObject({ errorCode })
  })

  it('a managed identity shows no address and no place', () => {
    const record = make.managedIdentitySignIn()
    expect(record).not.toHaveProperty('callerIpAddress')
    expect(record).not.toHaveProperty('location')
    expect(record.properties).not.toHaveProperty('location')
    expect(record.properties).not.toHaveProperty('autonomousSystemNumber')
    expect(record.properties.ipAddress).toBe('')
  })

  it.each([
    ['app', { servicePrincipalId: agent.id }, { userId: null, servicePrincipalId: agent.id, scopes: null }],
    ['user', { userId: person.id }, { userId: person.id, servicePrincipalId: null, roles: null }],
  ])('a Graph call with a token of an %s', (type, fields, expected) => {
    const { properties } = make.graphCall(fields)
    expect(properties).toMatchObject({
      ...expected,
      C_Idtyp: type,
      UserPrincipalObjectID: Object.values(fields)[0],
    })
  })

  it('a Graph call has its resource id in capitals and its duration as text outside, a number inside', () => {
    const record = make.graphCall()
    expect(record.resourceId).toBe(String(record.resourceId).toUpperCase())
    expect([typeof record.durationMs, typeof record.properties.durationMs]).toEqual(['string', 'number'])
    expect(record.time).toBe(record.properties.timeGenerated)
  })

  it("the default Graph call was made with the default sign-in's token", () => {
    const { uniqueTokenIdentifier } = make.servicePrincipalSignIn().properties
    expect(make.graphCall().properties.signInActivityId).toBe(uniqueTokenIdentifier)
  })

  // Pair of a public record and its token, Entra 2025.
  it('a token identifier is the little-endian sign-in id in base64url', () => {
    expect(make.tokenIdentifier('f7d36837-9f88-41fa-89cd-dc16a7c9aa00')).toBe('N2jT94if-kGJzdwWp8mqAA')
  })

  it('additionalInfo of risk events is JSON in a string', () => {
    for (const record of [make.userRiskEvent(), make.servicePrincipalRiskEvent(), make.agentRiskEvent()]) {
      expect(JSON.parse(String(record.properties.additionalInfo))).toBeInstanceOf(Array)
    }
  })

  it("a test's overrides come last", () => {
    const record = make.riskyAgent({ envelope: { Level: '4' }, properties: { riskLevel: 'high' } })
    expect([record.Level, record.properties.riskLevel]).toEqual(['4', 'high'])
  })
})

describe('audit records', () => {
  it('name the actor as app or as user, never both', () => {
    const byApp = make.auditRecord({ actor: make.managedServiceIdentity })
    expect(Object.keys(byApp.properties.initiatedBy as object)).toEqual(['app'])
    expect(byApp.callerIpAddress).toBe('<null>')
    expect(Object.keys(make.auditRecord().properties.initiatedBy as object)).toEqual(['user'])
  })

  it('describe keys as pseudo-structs in JSON in a string', () => {
    const keys = change(make.credentialAdded(agent, secret, [old]), 'KeyDescription')!
    expect(JSON.parse(keys.oldValue!)).toEqual([
      `[KeyIdentifier=${old.keyId},KeyType=AsymmetricX509Cert,KeyUsage=Verify,DisplayName=CN=x]`,
    ])
    expect(JSON.parse(keys.newValue)).toHaveLength(2)
  })

  it('write an en dash and a trailing space where Entra does', () => {
    const record = make.applicationCredentialAdded(agent, secret)
    expect(record.operationName).toBe('Update application – Certificates and secrets management ')
    expect(targets(record)[0]).toMatchObject({ id: agent.applicationId, type: 'Application' })
  })

  it.each([
    [
      'Add service principal credentials',
      make.credentialAdded(agent, secret),
      'KeyDescription',
      'KeyIdentifier',
    ],
    [
      'Add service principal credentials',
      make.managedIdentityRotated(agent, old),
      'KeyDescription',
      old.keyId,
    ],
    [
      'Update application',
      make.federatedCredentialAdded(agent, { name: 'n', issuer: 'https://i', subject: 's' }),
      'FederatedIdentityCredentials',
      'https://i',
    ],
    [
      'Add owner to service principal',
      make.ownerAddedToServicePrincipal(agent, person),
      'ServicePrincipal.ObjectID',
      agent.id,
    ],
    [
      'Add owner to application',
      make.ownerAddedToApplication(agent, person),
      'Application.ObjectID',
      agent.applicationId,
    ],
    [
      'Add app role assignment to service principal',
      make.appRoleGranted(api, { id: 'r', value: 'Application.ReadWrite.All', description: '' }, agent),
      'AppRole.Value',
      '"Application.ReadWrite.All"',
    ],
    [
      'Add member to role',
      make.directoryRoleAssigned(agent, {
        templateId: 't',
        name: 'Global Administrator',
        wellKnown: 'TenantAdmins',
      }),
      'Role.TemplateId',
      '"t"',
    ],
    [
      'Consent to application',
      make.consentGranted(agent, api, 'Mail.Read'),
      'ConsentAction.Permissions',
      'ConsentType: AllPrincipals, Scope: Mail.Read',
    ],
    [
      'Add delegated permission grant',
      make.delegatedGrantAdded(agent, api, 'Mail.Read'),
      'DelegatedPermissionGrant.Scope',
      'Mail.Read',
    ],
    ['Update application', make.applicationUpdated(agent), 'Included Updated Properties', 'AppAddress'],
    [
      'Update service principal',
      make.servicePrincipalUpdated(agent),
      'TargetId.ServicePrincipalNames',
      agent.appId,
    ],
    ['Add user', make.userAdded(person), 'UserPrincipalName', person.upn],
    ['Update user', make.userUpdated(person), 'LastDirSyncTime', '2026'],
    [
      'Add member to group',
      make.memberAddedToGroup(person, { id: 'g', name: 'readers' }),
      'Group.DisplayName',
      'readers',
    ],
  ])('%s says what changed', (operation, record, name, value) => {
    expect(record.operationName).toBe(operation)
    expect(record.properties.activityDisplayName).toBe(operation)
    expect(change(record, name)!.newValue).toContain(value)
    expect(() => JSON.parse(change(record, name)!.newValue)).not.toThrow()
  })

  it('put the API first and the grantee second when an app role is granted', () => {
    const record = make.appRoleGranted(api, { id: 'r', value: 'v', description: '' }, agent)
    expect(targets(record).map(({ id }) => id)).toEqual([api.id, agent.id])
    expect(change(record, 'ServicePrincipal.ObjectID')!.newValue).toBe(JSON.stringify(agent.id))
  })
})
