import { expect, it } from 'vitest'
import { decodeMessage, timeBounds } from '../../src/records/decode.js'
import type { LogRecord } from '../../src/records/record.js'
import { simulate } from '../../src/simulate/index.js'
import {
  azureRoleAssigned,
  diagnosticSettingChanged,
  securityAlert,
} from '../../src/simulate/records/index.js'
import { recordOf } from '../../src/tables/record-of.js'
import { rowMaker, type Table } from '../../src/tables/table.js'
import { azureChanges } from '../../src/views/azure-changes.js'
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

/** What the simulator makes no logs of. */
const others = [
  azureRoleAssigned('agent', 'role'),
  diagnosticSettingChanged('DELETE'),
  securityAlert({ details: { Detection: 'a', AgentId: 'agent' } }),
].map((one): [string, Table, LogRecord] => {
  const [{ table, record } = {}] = read(one)
  return [table!.name, table!, record!]
})

const records = [...simulated(), ...others]

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

it('what a workspace pulls of a role assignment, dynamics as texts, gives the same row of the view', () => {
  const [{ table, record, eventTime } = {}] = read(azureRoleAssigned('agent', 'role'))
  const row = rowMaker(table!)(record!)
  const texts = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : value,
  ])
  const [source] = azureChanges.sources
  const [again] = read(recordOf(table!, Object.fromEntries(texts)))
  const wanted = source!.project(record!, eventTime!)
  expect(wanted).toMatchObject({ AgentId: 'agent', ActorName: expect.stringContaining('@') })
  expect(source!.project(again!.record, again!.eventTime!)).toEqual(wanted)
})
