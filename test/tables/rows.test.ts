import { describe, expect, it } from 'vitest'
import { RecordError } from '../../src/records/record.js'
import { graphActivity } from '../../src/tables/graph-activity.js'
import { tableOf } from '../../src/tables/index.js'
import { amount, plainText, reader, rowMaker } from '../../src/tables/table.js'
import {
  AGENT,
  APP,
  auditRecord,
  GRAPH_APP,
  graphCall,
  managedIdentitySignIn,
  servicePrincipalSignIn,
  TENANT,
  type TestRecord,
  userSignIn,
} from '../support/records.js'

function row(record: TestRecord): Record<string, unknown> {
  return rowMaker(tableOf(record.category)!)(record)
}

function risk(category: string, properties: Record<string, unknown>): TestRecord {
  return { ...servicePrincipalSignIn({}, { location: 'de' }), category, properties }
}

const LOCATION = {
  city: 'Dresden',
  countryOrRegion: 'DE',
  geoCoordinates: { latitude: 51.07, longitude: 13.74 },
}
const POLICIES = [{ id: 'p1', displayName: 'Block agents', result: 'failure' }]

describe('where the columns of a row come from', () => {
  it.each<[why: string, record: TestRecord, column: string, value: unknown]>([
    [
      'TimeGenerated is the envelope’s time',
      servicePrincipalSignIn(),
      'TimeGenerated',
      '2026-11-20T03:14:12.516Z',
    ],
    [
      'CreatedDateTime is the sign-in’s',
      servicePrincipalSignIn(),
      'CreatedDateTime',
      '2026-11-20T03:12:44.120Z',
    ],
    ['the tenant is that of the envelope', servicePrincipalSignIn(), 'AADTenantId', TENANT],
    [
      'ResultType is the envelope’s',
      servicePrincipalSignIn({}, { resultType: '7000222' }),
      'ResultType',
      '7000222',
    ],
    [
      'a number becomes the text of one',
      servicePrincipalSignIn({}, { resultType: 50053 }),
      'ResultType',
      '50053',
    ],
    ['Location is the envelope’s country', servicePrincipalSignIn(), 'Location', 'SE'],
    [
      'LocationDetails is the place as JSON text',
      servicePrincipalSignIn({ location: LOCATION }),
      'LocationDetails',
      '{"city":"Dresden","countryOrRegion":"DE","geoCoordinates":{"latitude":51.07,"longitude":13.74}}',
    ],
    [
      'in SigninLogs it is an object',
      asInteractive(userSignIn({ location: LOCATION })),
      'LocationDetails',
      LOCATION,
    ],
    [
      'ConditionalAccessPolicies is appliedConditionalAccessPolicies',
      servicePrincipalSignIn({ appliedConditionalAccessPolicies: POLICIES }),
      'ConditionalAccessPolicies',
      '[{"id":"p1","displayName":"Block agents","result":"failure"}]',
    ],
    ['ResourceIdentity is resourceId', servicePrincipalSignIn(), 'ResourceIdentity', GRAPH_APP],
    [
      'IPAddress is that of the properties',
      servicePrincipalSignIn({ ipAddress: '2001:db8::1' }),
      'IPAddress',
      '2001:db8::1',
    ],
    ['else that of the envelope', servicePrincipalSignIn({ ipAddress: '' }), 'IPAddress', '203.0.113.7'],
    ['a managed identity has none', managedIdentitySignIn(), 'IPAddress', undefined],
    ['the number of a network is a text', servicePrincipalSignIn(), 'AutonomousSystemNumber', '3301'],
    [
      'Agent is JSON text',
      servicePrincipalSignIn({ agent: { agentType: 'notAgentic', parentAppId: '' } }),
      'Agent',
      '{"agentType":"notAgentic","parentAppId":""}',
    ],
    ['durationMs may be a text', servicePrincipalSignIn({}, { durationMs: '0' }), 'DurationMs', 0],
    [
      'the level comes in either spelling',
      servicePrincipalSignIn({}, { Level: undefined, level: 'Information' }),
      'Level',
      'Information',
    ],
    [
      'riskEventTypes_v2 has a small v',
      userSignIn({ riskEventTypes_v2: ['x'] }),
      'RiskEventTypes_V2',
      '["x"]',
    ],
    [
      'ProcessingTimeInMs is in milliseconds',
      userSignIn({ processingTimeInMilliseconds: 86 }),
      'ProcessingTimeInMs',
      '86',
    ],

    [
      'Category of an audit row is that of its properties',
      auditRecord(),
      'Category',
      'ApplicationManagement',
    ],
    ['else that of the envelope', auditRecord({ category: undefined }), 'Category', 'AuditLogs'],
    [
      'Category of a sign-in is that of the envelope',
      servicePrincipalSignIn(),
      'Category',
      'ServicePrincipalSignInLogs',
    ],
    [
      'AADOperationType is operationType',
      auditRecord({ operationType: 'Assign' }),
      'AADOperationType',
      'Assign',
    ],
    ['a result of 2018 is the text of a number', auditRecord({ result: 0 }), 'Result', '0'],
    ['InitiatedBy may be empty', auditRecord({ initiatedBy: {} }), 'InitiatedBy', {}],
    [
      'modified values remain JSON text',
      auditRecord(),
      'TargetResources',
      auditRecord().properties.targetResources,
    ],

    ['SessionId of a Graph call is C_Sid', graphCall(), 'SessionId', 'session-1'],
    ['or c_Sid', graphCall({ C_Sid: undefined, c_Sid: 'session-2' }), 'SessionId', 'session-2'],
    ['DeviceId is C_DeviceId', graphCall(), 'DeviceId', 'device-1'],
    ['AadTenantId is tenantId', graphCall(), 'AadTenantId', TENANT],
    ['ClientAuthMethod is a number there', graphCall({ clientAuthMethod: '2' }), 'ClientAuthMethod', 2],
    ['the duration inside is a number', graphCall(), 'DurationMs', 497815],
    ['the status is a number', graphCall({ responseStatusCode: 429 }), 'ResponseStatusCode', 429],
    ['the time of a Graph call is timeGenerated', graphCall(), 'TimeGenerated', '2026-11-20T03:12:44.120Z'],
    ['ATContent is atContent', graphCall({ atContent: 'x' }), 'ATContent', 'x'],

    [
      'the correlation of a risk event is the sign-in’s, not the detection’s',
      risk('UserRiskEvents', { correlationId: 'sign-in' }),
      'CorrelationId',
      'sign-in',
    ],
    [
      'the place of a risk event is an object',
      risk('UserRiskEvents', { location: LOCATION }),
      'Location',
      LOCATION,
    ],
    [
      'AdditionalInfo of a user’s risk is JSON text that is parsed',
      risk('UserRiskEvents', { additionalInfo: '[{"Key":"mitreTechniques","Value":"T1078"}]' }),
      'AdditionalInfo',
      [{ Key: 'mitreTechniques', Value: 'T1078' }],
    ],
    [
      'AdditionalInfo of an agent’s risk stays text',
      risk('AgentRiskEvents', { additionalInfo: '[{"Key":"a"}]' }),
      'AdditionalInfo',
      '[{"Key":"a"}]',
    ],
    ['AgentId is agentId', risk('AgentRiskEvents', { agentId: 'a', identityId: 'b' }), 'AgentId', 'a'],
    ['or identityId', risk('AgentRiskEvents', { agentId: null, identityId: 'b' }), 'AgentId', 'b'],
    [
      'AgentDisplayName is agentDisplayName',
      risk('RiskyAgents', { agentDisplayName: 'n' }),
      'AgentDisplayName',
      'n',
    ],
    ['or displayName', risk('RiskyAgents', { displayName: 'n' }), 'AgentDisplayName', 'n'],
    ['IsDeleted is a truth value', risk('RiskyUsers', { isDeleted: true }), 'IsDeleted', true],
    ['KeyIds is a list', risk('ServicePrincipalRiskEvents', { keyIds: ['k'] }), 'KeyIds', ['k']],
  ])('%s', (_, record, column, value) => {
    expect(row(record)[column]).toEqual(value)
  })

  it.each([null, '', '<null>', undefined])('%j leaves a column out', (none) => {
    expect(row(servicePrincipalSignIn({ userAgent: none }))).not.toHaveProperty('UserAgent')
  })

  it('names its table', () => {
    expect(row(graphCall()).Type).toBe('MicrosoftGraphActivityLogs')
  })

  it('leaves out a truth value that is none, whatever stands there', () => {
    expect(row(userSignIn({ isInteractive: { toString: 1 } }))).not.toHaveProperty('IsInteractive')
  })
})

function asInteractive(record: TestRecord): TestRecord {
  return { ...record, category: 'SignInLogs' }
}

describe('readers', () => {
  it('refuse a column that the table has not', () => {
    expect(() => reader(graphActivity, 'C_Idtyp')).toThrow('MicrosoftGraphActivityLogs has no column C_Idtyp')
  })

  it.each<[unknown, string | undefined]>([
    [APP, APP],
    [7, '7'],
    [null, undefined],
    ['', undefined],
  ])('of plain text read %j as %s', (value, expected) => {
    expect(plainText(graphActivity, 'AppId')(graphCall({ appId: value }))).toBe(expected)
  })

  it.each([[{}], [[AGENT]], [{ toString: 1 }]])('of plain text refuse %j', (value) => {
    expect(() => plainText(graphActivity, 'AppId')(graphCall({ appId: value }))).toThrow(
      new RecordError('wrong-type', `AppId must be a text, got ${JSON.stringify(value)}`),
    )
  })

  it.each<[unknown, number | undefined]>([
    [0, 0],
    [4300, 4300],
    ['4300', 4300],
    [2_147_483_647, 2_147_483_647],
    [null, undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of amounts read %j as %s', (value, expected) => {
    expect(amount(graphActivity, 'ResponseSizeBytes')(graphCall({ responseSizeBytes: value }))).toBe(expected)
  })

  it.each<unknown[]>([
    [-1],
    ['-1'],
    [-0.5],
    [1.5],
    ['0.5'],
    [2_147_483_648],
    ['9e99'],
    ['1e400'],
    ['many'],
    [true],
    [{}],
    [[5]],
    [{ toString: 1 }],
  ])('of amounts refuse %j', (value) => {
    expect(() => amount(graphActivity, 'ResponseSizeBytes')(graphCall({ responseSizeBytes: value }))).toThrow(
      RecordError,
    )
  })
})
