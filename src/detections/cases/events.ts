import { HOUR_MS } from '../../records/time.js'
import type { Column, Table } from '../../tables/table.js'
import { BASE_RECORDS, type BaseRecord } from './base-records.js'
import type { CaseEvent, Expectation, SeriesEvent } from './case-file.js'

/** Day 0 of every case: a Monday. */
export const DAY_ZERO = Date.UTC(2026, 9, 19)

const DAY_MS = 24 * HOUR_MS

/** A record of a case in the wire format, when it happened, and whether an alert must come of it. */
export interface CaseRecord {
  readonly time: number
  /** None for an hour in which nothing comes. */
  readonly record: object | undefined
  readonly alert: Expectation | undefined
}

/** Instead of a record's name: nothing comes. */
const NONE = 'none'

/** What an event says of itself; every other key is a column of the table. */
const OWN_KEYS = new Set([
  'record',
  'at',
  'alert',
  'times',
  'every',
  'from',
  'to',
  'hours',
  'days',
  'changes',
  'before',
])

/**
 * Turns the events of a case into records, in order of time.
 * @throws Error if an event names a record or a column that there isn't.
 */
export function caseRecords(
  base: Readonly<Record<string, unknown>>,
  events: readonly CaseEvent[],
): CaseRecord[] {
  const records: CaseRecord[] = []
  for (const event of events) {
    const said = { ...shared(base, event), ...event }
    for (const { time, values } of occurrences(event, said)) {
      if (event.record === NONE) records.push({ time, record: undefined, alert: event.alert })
      else records.push({ time, record: recordOf(said, values, time, records.length), alert: event.alert })
    }
  }
  return records.sort((a, b) => a.time - b.time)
}

/** What the base says of an event: a record of another sort may lack some of its columns. */
function shared(base: Readonly<Record<string, unknown>>, event: CaseEvent): Record<string, unknown> {
  if (event.record === undefined || event.record === NONE) return { ...base }
  const { table } = baseOf(event)
  return Object.fromEntries(
    Object.entries(base).filter(([key]) => OWN_KEYS.has(key) || columnOf(table, key) !== undefined),
  )
}

interface Occurrence {
  readonly time: number
  readonly values: Readonly<Record<string, unknown>>
}

function occurrences(event: CaseEvent, said: Readonly<Record<string, unknown>>): Occurrence[] {
  const columns = Object.fromEntries(Object.entries(said).filter(([key]) => !OWN_KEYS.has(key)))
  const starts = isSeries(event) ? seriesTimes(event) : [momentOf(event.at)]
  const times = starts.flatMap((start) => repeated(start, event.times ?? 1))
  return times.map((time) => ({ time, values: columns })).flatMap(eachValue)
}

/** So many times, a second apart. */
function repeated(start: number, times: number): number[] {
  return Array.from({ length: times }, (_, index) => start + index * 1000)
}

function isSeries(event: CaseEvent): event is SeriesEvent {
  return 'every' in event
}

/** A column with a list of values stands for one record with each of them, a second apart. */
function eachValue({ time, values }: Occurrence): Occurrence[] {
  const listed = Object.entries(values).find(([, value]) => Array.isArray(value))
  if (!listed) return [{ time, values }]
  const [column, list] = listed as [string, unknown[]]
  return list.map((value, index) => ({ time: time + index * 1000, values: { ...values, [column]: value } }))
}

function seriesTimes(event: SeriesEvent): number[] {
  const times: number[] = []
  const [first, last] = (event.hours ?? '0-23').split('-').map(Number) as [number, number]
  for (let time = momentOf(event.from); time < momentOf(event.to); time += stepOf(event.every)) {
    const date = new Date(time)
    const weekend = date.getUTCDay() === 0 || date.getUTCDay() === 6
    const wantedDay =
      event.days === undefined || event.days === 'all' || (event.days === 'weekend') === weekend
    if (wantedDay && date.getUTCHours() >= first && date.getUTCHours() <= last) times.push(time)
  }
  return times
}

function momentOf(text: string): number {
  const [day = '0d', clock = '00:00'] = text.split(' ')
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number)
  return DAY_ZERO + Number(day.slice(0, -1)) * DAY_MS + hour * HOUR_MS + minute * 60_000 + second * 1000
}

const STEPS: Readonly<Record<string, number>> = { m: 60_000, h: HOUR_MS, d: DAY_MS }

function stepOf(text: string): number {
  return Number(text.slice(0, -1)) * STEPS[text.at(-1)!]!
}

type Wire = Record<string, unknown>

function recordOf(
  said: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, unknown>>,
  time: number,
  number: number,
): object {
  const base = baseOf(said)
  const record = structuredClone(base.make()) as unknown as Wire
  const written = new Date(time).toISOString()
  const ids = Object.fromEntries(base.table.id.map((column) => [column, uniqueId(number)]))
  const all = { TimeGenerated: written, ...ids, [base.table.eventTime]: written, ...values }
  for (const [column, value] of Object.entries(all)) writeColumn(record, base.table, column, value)
  changeProperties(record, 'newValue', said.changes)
  changeProperties(record, 'oldValue', said.before)
  return record
}

function baseOf(said: Readonly<Record<string, unknown>>): BaseRecord {
  const base = BASE_RECORDS.get(String(said.record))
  if (base) return base
  throw new Error(`there is no record ${said.record}; known are ${[...BASE_RECORDS.keys()].join(', ')}`)
}

function uniqueId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** `AgentId` is the table's own column for it. */
function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.get(name) ?? (name === 'AgentId' ? table.columns.get('ServicePrincipalId') : undefined)
}

/** Writes a value where the table reads the column from. */
function writeColumn(record: Wire, table: Table, name: string, value: unknown): void {
  const column = columnOf(table, name)
  if (!column) throw new Error(`${table.name} has no column ${name}`)
  for (const path of column.from) writePath(record, path, value)
}

function writePath(record: Wire, path: readonly string[], value: unknown): void {
  const parent = path.slice(0, -1).reduce<Wire>((node, key) => {
    node[key] ??= {}
    return node[key] as Wire
  }, record)
  parent[path.at(-1)!] = value
}

interface ModifiedProperty {
  displayName: string
  oldValue: string | null
  newValue: string | null
}

/** Changes what modified properties of an audit record hold after the change, or held before it. */
function changeProperties(record: Wire, side: 'newValue' | 'oldValue', values: unknown): void {
  for (const [name, value] of Object.entries((values ?? {}) as Wire)) {
    propertyOf(record, name)[side] = value === null ? null : JSON.stringify(value)
  }
}

function propertyOf(record: Wire, name: string): ModifiedProperty {
  const targets = (record.properties as { targetResources?: { modifiedProperties: ModifiedProperty[] }[] })
    .targetResources
  const property = targets
    ?.flatMap((target) => target.modifiedProperties)
    .find((one) => one.displayName === name)
  if (!property) throw new Error(`the record has no modified property ${name}`)
  return property
}
