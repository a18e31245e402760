import { describe, expect, it } from 'vitest'
import { decodeMessage, timeBounds } from '../../src/records/decode.js'
import { RecordError } from '../../src/records/record.js'
import { sourcesOf } from '../../src/views/index.js'
import { AGENT, APP, graphCall, TENANT, type TestRecord } from '../support/records.js'
import { linesOf, missing } from '../support/shared-data.js'
import { EVENT_TIME, viewRow } from '../support/views.js'

const USER = '77777777-ABAB-4ABA-8ABA-777777777777'
const row = (record: TestRecord) => viewRow('GraphCalls', record)

describe('a Graph call', () => {
  it('of an application says what was done, from where, and how much came back', () => {
    expect(row(graphCall())).toEqual({
      View: 'GraphCalls',
      Type: 'MicrosoftGraphActivityLogs',
      Id: '88888888-bcbc-4bcb-8bcb-888888888888',
      EventTime: EVENT_TIME,
      TenantId: TENANT,
      AgentId: AGENT,
      AgentName: undefined,
      AppId: APP,
      Agentic: 0,
      Workload: 1,
      RequestMethod: 'GET',
      Access: 'read',
      ContainerId: 'ada@contoso.com',
      UriTemplate: '/users/{id}/messages',
      Operation: 'GET /users/{id}/messages',
      GraphResource: 'users/messages',
      ResponseStatusCode: 200,
      ResponseSizeBytes: 4300,
      IPAddress: '203.0.113.7',
      UserAgent: 'python-requests/2.32',
      Client: 'python-requests',
      SignInActivityId: 'VVVVVe7u7k6O7lVVVVVVVQ',
    })
  })

  it.each([null, '', undefined])('of a user (service principal %j) is the user’s', (servicePrincipalId) => {
    expect(row(graphCall({ servicePrincipalId, userId: USER }))).toMatchObject({
      AgentId: USER.toLowerCase(),
      Workload: 0,
    })
  })

  it.each([
    ['GET', 'https://graph.microsoft.com/v1.0/users', 'read'],
    ['get', 'https://graph.microsoft.com/v1.0/users', 'read'],
    ['POST', 'https://graph.microsoft.com/v1.0/$batch', 'read'],
    ['POST', 'https://graph.microsoft.com/v1.0/search/query', 'read'],
    ['POST', 'https://graph.microsoft.com/beta/directoryObjects/getByIds', 'read'],
    ['POST', 'https://graph.microsoft.com/v1.0/users/ada@contoso.com/sendMail', 'write'],
    ['POST', 'https://graph.microsoft.com/v1.0/groups', 'write'],
    ['PATCH', 'https://graph.microsoft.com/v1.0/search/query', 'write'],
    ['DELETE', 'https://graph.microsoft.com/v1.0/users/5', 'write'],
    [null, 'https://graph.microsoft.com/v1.0/users', undefined],
  ])('%s %s is a %s', (requestMethod, requestUri, access) => {
    expect(row(graphCall({ requestMethod, requestUri }))!.Access).toBe(access)
  })

  it.each([
    ['v1.0/users/Ada@Contoso.com/messages?$top=5', 'ada@contoso.com'],
    ['v1.0/groups/5/members', '5'],
    ['v1.0/drives/b!x/items/7/content', 'b!x'],
    ["v1.0/users('x')/messages", undefined],
    ['v1.0/users?$top=5', undefined],
    ['v1.0/me/messages', undefined],
  ])('of %s reaches into %s', (path, container) => {
    const requestUri = `https://graph.microsoft.com/${path}`
    expect(row(graphCall({ requestUri }))!.ContainerId).toBe(container)
  })

  it('of nobody is none', () => {
    expect(row(graphCall({ servicePrincipalId: null, userId: null }))).toBeUndefined()
  })

  it('has its method in capital letters', () => {
    expect(row(graphCall({ requestMethod: 'patch' }))).toMatchObject({ RequestMethod: 'PATCH' })
  })

  it('keeps the case of its sign-in’s id, which tells ids apart', () => {
    expect(row(graphCall({ signInActivityId: 'aBcD' }))!.SignInActivityId).toBe('aBcD')
  })

  it.each([
    ['a number', 0, 0],
    ['the text of one', '4300', 4300],
    ['absent', undefined, undefined],
    ['null', null, undefined],
  ])('has a size that is %s', (_, responseSizeBytes, expected) => {
    expect(row(graphCall({ responseSizeBytes }))!.ResponseSizeBytes).toBe(expected)
  })

  it.each([
    ['negative', { responseSizeBytes: -1 }],
    ['huge', { responseSizeBytes: 2 ** 53 }],
    ['a word', { responseSizeBytes: 'large' }],
    ['an object', { responseSizeBytes: { bytes: 5 } }],
    ['half a byte', { responseSizeBytes: 0.5 }],
  ])('with a size that is %s is refused', (_, fields) => {
    expect(() => row(graphCall(fields))).toThrow(RecordError)
    expect(() => row(graphCall(fields))).toThrow(/^ResponseSizeBytes must be/)
  })

  it.each([-200, 'OK', 9e99])('with status %j is refused', (responseStatusCode) => {
    expect(() => row(graphCall({ responseStatusCode }))).toThrow(/^ResponseStatusCode must be/)
  })
})

describe.skipIf(missing('real-records', 'the operations of real Graph calls'))('real Graph calls', () => {
  it('are of these operations', () => {
    const rows = linesOf('graphactivitylogs_test-activitylogs-raw.log').map((line) => {
      const [decoded] = decodeMessage(Buffer.from(line), timeBounds(Date.UTC(2026, 10, 20))).records
      const { table, record, eventTime } = decoded!
      return sourcesOf(table)[0]!.project(record, eventTime!)!
    })
    expect(rows.map((call) => [call.Workload, call.Operation])).toEqual([
      [1, 'GET /organization/{id}'],
      [0, 'GET /me/photos/{id}/$value'],
      [0, 'GET /users/{id}/photos/{id}/$value'],
      [0, 'GET /devices'],
      [1, 'GET /directoryroles'],
      [1, 'GET /directoryroles'],
    ])
  })
})
