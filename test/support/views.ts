import { tableOf } from '../../src/tables/index.js'
import { views } from '../../src/views/index.js'
import type { ViewRow } from '../../src/views/view.js'
import type { TestRecord } from './records.js'

/** 2026-11-20T03:12:44.120Z, when the base records happened. */
export const EVENT_TIME = Date.UTC(2026, 10, 20, 3, 12, 44, 120)

/** The row that a view makes of a record. */
export function viewRow(view: string, record: TestRecord): ViewRow | undefined {
  const source = views.get(view)!.sources.find(({ table }) => table === tableOf(record.category))
  if (!source) throw new Error(`${view} does not read ${record.category}`)
  return source.project(record, EVENT_TIME)
}
