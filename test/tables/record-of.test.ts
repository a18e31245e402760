import { expect, it } from 'vitest'
import { decodeMessage, timeBounds } from '../../src/records/decode.js'
import type { LogRecord } from '../../src/records/record.js'
import { simulate } from '../../src/simulate/index.js'
import { recordOf } from '../../src/tables/record-of.js'
import { rowMaker, type Table } from '../../src/tables/table.js'
import { NOW } from '../support/now.js'

const bounds = timeBounds(NOW)

/** The first record that the simulator makes of each table. */
function simulated(): [string, Table, LogRecord][] {
  const found = new Map<string, [string, Table, LogRecord]>()
  for (const { record } of simulate({ agents: 20, days: 4, seed: 1, attacks: 'all' }).records()) {
    for (const { table, record: decoded } of read(record)) {
      if (!found.has(table.name)) found.set(table.name, [table.name, table, decoded])
    }
  }
  return [...found.values()]
}

function read(record: object) {
  return decodeMessage(Buffer.from(JSON.stringify({ records: [record] })), bounds).records
}

const records = simulated()

it.each(records)('a row of %s becomes a record of which the same row is made', (_name, table, record) => {
  const row = rowMaker(table)(record)
  const [again] = read(recordOf(table, row))
  expect(rowMaker(table)(again!.record)).toEqual(row)
  expect(again!.eventTime).toBe(Date.parse(row[table.eventTime] as string))
})

it('is tried with the tables of sign-ins, changes and calls', () => {
  expect(records.map(([name]) => name)).toEqual(
    expect.arrayContaining(['AADServicePrincipalSignInLogs', 'AuditLogs', 'MicrosoftGraphActivityLogs']),
  )
})
