import { describe, expect, it } from 'vitest'
import { type Decoded, decodeMessage, timeBounds } from '../../src/records/decode.js'
import { rowMaker } from '../../src/tables/table.js'
import { linesOf, missing, realRecordLines } from '../support/shared-data.js'

const BOUNDS = timeBounds(Date.UTC(2026, 10, 20))

function decodeAll(lines: readonly string[]): Decoded[] {
  return lines.flatMap((line) => {
    const { records, rejected, unknown } = decodeMessage(Buffer.from(line), BOUNDS)
    expect([rejected, unknown]).toEqual([[], []])
    return [...records]
  })
}

function rows(file: string): Record<string, unknown>[] {
  return decodeAll(linesOf(file)).map(({ table, record }) => rowMaker(table)(record))
}

/** The rows' values of some columns, one list a row. */
function picked(file: string, columns: readonly string[]): unknown[][] {
  return rows(file).map((row) => columns.map((column) => row[column]))
}

describe.skipIf(missing('real-records', 'the decoding of real records'))('real records', () => {
  it('there are some', () => {
    expect(realRecordLines().length).toBeGreaterThan(5)
  })

  it('are all read, as lines', () => {
    for (const { lines } of realRecordLines()) expect(decodeAll(lines)).toHaveLength(lines.length)
  })

  it('are all read, as one message of mixed categories', () => {
    const records = realRecordLines().flatMap(({ lines }) => lines.map((line) => JSON.parse(line) as unknown))
    const message = decodeMessage(Buffer.from(JSON.stringify({ records })), BOUNDS)
    expect(message.rejected).toEqual([])
    expect(message.unknown).toEqual([])
    expect(message.records.map(({ index }) => index)).toEqual(records.map((_, index) => index))
  })

  it('have an event time, but for the samples of envelope times', () => {
    for (const { file, lines } of realRecordLines()) {
      const expected = file.includes('time-formats') ? 'undefined' : 'number'
      for (const { eventTime } of decodeAll(lines)) expect(typeof eventTime, file).toBe(expected)
    }
  })

  it('of service principals name who asked for what, from where, with which credential', () => {
    const columns = [
      'CreatedDateTime',
      'ServicePrincipalId',
      'ServicePrincipalName',
      'AppId',
      'ResourceDisplayName',
      'ResourceIdentity',
      'Location',
      'IPAddress',
      'ResultType',
      'ServicePrincipalCredentialKeyId',
      'AADTenantId',
    ]
    expect(picked('signinlogs_test-service-principal-signinlogs-sample.log', columns)[0]).toEqual([
      '2022-02-08T06:22:28.351Z',
      'b029d485-a308-4311-8720-fb3192e5284e',
      'Terraform-Datadog-CLI',
      '6131d760-7fda-4db5-8bb1-b771898e9f15',
      'Windows Azure Service Management API',
      '797f4846-ba00-4fd7-ba43-dac1f8f63013',
      'IN',
      '1.128.3.4',
      '0',
      'dbcd79c0-c3ea-46b9-9604-ff40d43b8618',
      '4bbb79f7-5724-4c9e-95f3-de075f6ec090',
    ])
  })

  it('of service principals fill the columns of detections in every row', () => {
    const filled = [
      'CreatedDateTime',
      'ServicePrincipalId',
      'AppId',
      'ResourceIdentity',
      'Location',
      'IPAddress',
      'ResultType',
      'Id',
    ]
    const files = realRecordLines().filter(({ lines }) => lines[0]!.includes('"ServicePrincipalSignInLogs"'))
    const all = files.flatMap(({ file }) => rows(file))
    expect(all.length).toBeGreaterThanOrEqual(9)
    for (const row of all) expect(Object.keys(row)).toEqual(expect.arrayContaining(filled))
  })

  it('of a failed sign-in tell the error', () => {
    expect(picked('signinlogs_test-service-principal.log', ['ResultType', 'Location'])).toEqual([
      ['7000222', 'DE'],
    ])
  })

  it('of November 2025 have a US time outside and a duration in a text', () => {
    const [row] = rows('signinlogs_test-alternative-time-and-duration-as-string.log')
    expect(row).toMatchObject({ TimeGenerated: '2025-11-14T01:48:53.000Z', DurationMs: 0 })
  })

  it('of managed identities have neither address nor country', () => {
    for (const row of rows('signinlogs_test-managed-identity-sample.first11.log')) {
      expect(row).toMatchObject({ Type: 'AADManagedIdentitySignInLogs', ResultType: '0' })
      expect(row.ServicePrincipalId).toMatch(/^[0-9a-f-]{36}$/)
      expect(row).not.toHaveProperty('IPAddress')
      expect(row).not.toHaveProperty('Location')
    }
  })

  it('of Graph tell who called what, how it ended and how large the answer was', () => {
    const columns = [
      'ServicePrincipalId',
      'UserId',
      'ResponseStatusCode',
      'ResponseSizeBytes',
      'ClientAuthMethod',
      'SessionId',
    ]
    const app = 'f2aq4c71-31e3-5065-91g3-4b2dfbsv50fg'
    const user = '285e0849-a706-4a9a-9eb1-f4e21cc78793'
    expect(picked('graphactivitylogs_test-activitylogs-raw.log', columns)).toEqual([
      ['f2aq4c71-31e3-5066-92g3-4b3dfbav50f0', undefined, 200, 364, 2, undefined],
      [undefined, 'b37ec517-0a34-4266-b627-f7bb0d679d70', 404, 294, 2, undefined],
      [undefined, user, 404, 0, 0, undefined],
      [undefined, user, 200, 0, 0, undefined],
      [app, undefined, 200, 4300, 2, undefined],
      [app, undefined, 200, 4300, 2, 'xyz000'],
    ])
  })

  it('of the audit log name operation, kind and category', () => {
    const columns = [
      'OperationName',
      'AADOperationType',
      'Category',
      'Result',
      'ActivityDateTime',
      'Identity',
    ]
    expect(picked('auditlogs_test-audit-logs-sample.log', columns)[0]).toEqual([
      'Add service principal credentials',
      'Update',
      'ApplicationManagement',
      'success',
      '2022-01-22T18:15:02.516Z',
      'Managed Service Identity',
    ])
  })

  it('of risky users include one with a one-digit hour', () => {
    const columns = ['RiskLastUpdatedDateTime', 'RiskLevel', 'IsDeleted']
    expect(picked('identity_protection_test-rickyusers-raw.log', columns)).toEqual([
      ['2022-08-22T18:11:52.702Z', 'medium', false],
      ['2022-09-09T09:59:27.958Z', 'high', true],
    ])
  })
})
