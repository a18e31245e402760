/** Whole records as Entra writes them, made up but in the shapes of the real ones: each test says what differs. */

export const TENANT = '11111111-aaaa-4aaa-8aaa-111111111111'
export const AGENT = '22222222-bbbb-4bbb-8bbb-222222222222'
export const APP = '33333333-cccc-4ccc-8ccc-333333333333'
export const GRAPH_APP = '00000003-0000-0000-c000-000000000000'

type Fields = Readonly<Record<string, unknown>>
export type TestRecord = Record<string, unknown> & { category: string; properties: Record<string, unknown> }

function envelope(category: string, fields: Fields, properties: Record<string, unknown>): TestRecord {
  return {
    time: '2026-11-20T03:14:12.5168093Z',
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category,
    tenantId: TENANT,
    resultType: '0',
    resultSignature: 'SUCCESS',
    durationMs: 0,
    callerIpAddress: '203.0.113.7',
    correlationId: '44444444-dddd-4ddd-8ddd-444444444444',
    Level: 4,
    location: 'SE',
    ...fields,
    properties,
  }
}

function signIn(properties: Fields): Record<string, unknown> {
  return {
    id: '55555555-eeee-4eee-8eee-555555555555',
    createdDateTime: '2026-11-20T03:12:44.1203344+00:00',
    appId: APP,
    ipAddress: '203.0.113.7',
    status: { errorCode: 0 },
    location: {
      city: 'Stockholm',
      state: 'Stockholms Lan',
      countryOrRegion: 'SE',
      geoCoordinates: { latitude: 59.33, longitude: 18.06 },
    },
    conditionalAccessStatus: 'notApplied',
    appliedConditionalAccessPolicies: [],
    correlationId: '44444444-dddd-4ddd-8ddd-444444444444',
    resourceDisplayName: 'Microsoft Graph',
    resourceId: GRAPH_APP,
    appOwnerTenantId: TENANT,
    resourceOwnerTenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    uniqueTokenIdentifier: 'VVVVVe7u7k6O7lVVVVVVVQ',
    userAgent: 'python-requests/2.32',
    autonomousSystemNumber: 3301,
    ...properties,
  }
}

/** An agent signs in by itself, with a secret. */
export function servicePrincipalSignIn(properties: Fields = {}, fields: Fields = {}): TestRecord {
  return envelope(
    'ServicePrincipalSignInLogs',
    fields,
    signIn({
      userId: '',
      servicePrincipalId: AGENT,
      servicePrincipalName: 'invoice-agent',
      servicePrincipalCredentialKeyId: '66666666-ffff-4fff-8fff-666666666666',
      servicePrincipalCredentialThumbprint: '',
      federatedCredentialId: '',
      clientCredentialType: 'clientSecret',
      agent: { agentType: 'notAgentic', agentSubjectType: 'notAgentic' },
      ...properties,
    }),
  )
}

/** A managed identity signs in: no address, no place, no country. */
export function managedIdentitySignIn(properties: Fields = {}, fields: Fields = {}): TestRecord {
  return envelope(
    'ManagedIdentitySignInLogs',
    { callerIpAddress: undefined, location: undefined, ...fields },
    signIn({
      ipAddress: '',
      location: undefined,
      autonomousSystemNumber: undefined,
      servicePrincipalId: AGENT,
      servicePrincipalName: 'aks-agentpool',
      servicePrincipalCredentialKeyId: '66666666-ffff-4fff-8fff-666666666666',
      clientCredentialType: 'managedIdentity',
      ...properties,
    }),
  )
}

/** A user's client renews a token. */
export function userSignIn(properties: Fields = {}, fields: Fields = {}): TestRecord {
  return envelope(
    'NonInteractiveUserSignInLogs',
    { identity: 'Ada Example', ...fields },
    signIn({
      appDisplayName: 'Support Copilot',
      userId: '77777777-abab-4aba-8aba-777777777777',
      userPrincipalName: 'ada@contoso.com',
      userDisplayName: 'Ada Example',
      servicePrincipalId: '',
      clientCredentialType: 'none',
      agent: { agentType: 'notAgentic', agentSubjectType: 'notAgentic' },
      ...properties,
    }),
  )
}

/** An application reads a user's mail through Graph. */
export function graphCall(properties: Fields = {}, fields: Fields = {}): TestRecord {
  return envelope(
    'MicrosoftGraphActivityLogs',
    {
      operationName: 'Microsoft Graph Activity',
      operationVersion: 'v1.0',
      resultType: undefined,
      resultSignature: '200',
      durationMs: '497815',
      location: 'UK South',
      ...fields,
    },
    {
      timeGenerated: '2026-11-20T03:12:44.1203344Z',
      location: 'UK South',
      requestId: '88888888-bcbc-4bcb-8bcb-888888888888',
      operationId: '88888888-bcbc-4bcb-8bcb-888888888888',
      apiVersion: 'v1.0',
      requestMethod: 'GET',
      responseStatusCode: 200,
      responseSizeBytes: 4300,
      durationMs: 497815,
      tenantId: TENANT,
      requestUri: 'https://graph.microsoft.com/v1.0/users/ada@contoso.com/messages?$top=5',
      ipAddress: '203.0.113.7',
      userAgent: 'python-requests/2.32',
      appId: APP,
      servicePrincipalId: AGENT,
      userId: null,
      clientAuthMethod: '1',
      roles: 'Mail.Read',
      scopes: null,
      wids: '0997a1d0-0d1d-4acb-b408-d5ca73121e90',
      signInActivityId: 'VVVVVe7u7k6O7lVVVVVVVQ',
      tokenIssuedAt: '2026-11-20T02:40:00Z',
      C_Sid: 'session-1',
      C_DeviceId: 'device-1',
      C_Idtyp: 'app',
      ...properties,
    },
  )
}

export interface Modified {
  readonly [name: string]: readonly [oldValue: unknown, newValue: unknown]
}

/** `modifiedProperties` as the audit log writes them: values are JSON inside a text, none is null. */
export function modified(properties: Modified): unknown[] {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  return Object.entries(properties).map(([displayName, [oldValue, newValue]]) => ({
    displayName,
    oldValue: json(oldValue),
    newValue: json(newValue),
  }))
}

/** A user adds a secret to an agent's service principal. */
export function auditRecord(properties: Fields = {}, fields: Fields = {}): TestRecord {
  return envelope(
    'AuditLogs',
    {
      operationName: properties.activityDisplayName ?? 'Add service principal credentials',
      resultType: undefined,
      resultSignature: 'None',
      location: undefined,
      ...fields,
    },
    {
      id: 'Directory_44444444-dddd-4ddd-8ddd-444444444444_6X649_134684731',
      category: 'ApplicationManagement',
      correlationId: '44444444-dddd-4ddd-8ddd-444444444444',
      result: 'success',
      resultReason: '',
      activityDisplayName: 'Add service principal credentials',
      activityDateTime: '2026-11-20T03:12:44.1203344+00:00',
      loggedByService: 'Core Directory',
      operationType: 'Update',
      userAgent: null,
      initiatedBy: {
        user: {
          id: '99999999-CDCD-4CDC-8CDC-999999999999',
          displayName: null,
          userPrincipalName: 'mallory@contoso.com',
          ipAddress: '198.51.100.9',
          roles: [],
        },
      },
      targetResources: [
        {
          id: AGENT,
          displayName: 'invoice-agent',
          type: 'ServicePrincipal',
          modifiedProperties: modified({
            KeyDescription: [
              [],
              ['[KeyIdentifier=K1,KeyType=Password,KeyUsage=Verify,DisplayName=rotation 2026]'],
            ],
          }),
          administrativeUnits: [],
        },
      ],
      additionalDetails: [
        { key: 'User-Agent', value: 'Mozilla/5.0' },
        { key: 'AppId', value: APP },
      ],
      ...properties,
    },
  )
}
