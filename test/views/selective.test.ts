import { describe, expect, it } from 'vitest'
import { type Decoded, decodeMessage, pathsOf, timeBounds } from '../../src/records/decode.js'
import { SelectiveReader } from '../../src/records/selective.js'
import { simulate } from '../../src/simulate/index.js'
import { sourcesOf, viewReaders, views } from '../../src/views/index.js'
import type { ViewRow } from '../../src/views/view.js'
import { missing, realRecordLines } from '../support/shared-data.js'

const BOUNDS = timeBounds(Date.UTC(2026, 10, 20))

/** The rows that a record becomes, or what is wrong with it. */
function rowsOf({ table, record, eventTime }: Decoded): (ViewRow | string | undefined)[] {
  return sourcesOf(table).map((source) => {
    try {
      return source.project(record, eventTime ?? Number.NaN)
    } catch (error) {
      return String(error)
    }
  })
}

/** Compares the rows of whole records with those of records that hold the wanted values only. */
function expectSame(reader: SelectiveReader, text: string): void {
  const bytes = Buffer.from(text)
  const whole = decodeMessage(bytes, BOUNDS)
  const selected = decodeMessage(bytes, BOUNDS, reader)
  expect(selected.selected, text).toBe(true)
  expect(selected.records.map(rowsOf)).toEqual(whole.records.map(rowsOf))
  const told = ({ records, unknown }: typeof whole) => [
    unknown,
    records.map(({ table, eventTime, index, record }) => [table.name, eventTime, index, record.category]),
  ]
  expect(told(selected)).toEqual(told(whole))
}

/** Some simulated records of every category, as text. */
function simulated(): Map<string, string[]> {
  const byCategory = new Map<string, string[]>()
  for (const { category, record } of simulate({ agents: 20, days: 5, seed: 4, attacks: 'all' }).records()) {
    const texts = byCategory.get(category) ?? []
    if (texts.length < 400) texts.push(JSON.stringify(record))
    byCategory.set(category, texts)
  }
  return byCategory
}

describe('a view makes the same rows of the values it reads as of whole records', () => {
  const byCategory = simulated()

  it('for which every category is simulated', () => {
    expect(byCategory.size).toBeGreaterThanOrEqual(10)
  })

  it.each([...byCategory.keys()])('of %s, record by record and in one message', (category) => {
    const texts = byCategory.get(category)!
    const reader = new SelectiveReader(pathsOf(viewReaders))
    for (const text of texts) expectSame(reader, text)
    expectSame(new SelectiveReader(pathsOf(viewReaders)), `{"records":[${texts.join(',')}]}`)
  })

  it('of all categories in turn', () => {
    const texts = [...byCategory.values()]
    const reader = new SelectiveReader(pathsOf(viewReaders))
    for (let i = 0; i < 400; i++)
      for (const list of texts) if (list[i] !== undefined) expectSame(reader, list[i]!)
  })

  it.skipIf(missing('real-records', 'selective reading of real records'))('of real records', () => {
    const reader = new SelectiveReader(pathsOf(viewReaders))
    const all = realRecordLines().flatMap(({ lines }) => lines)
    expect(all.length).toBeGreaterThan(10)
    for (const line of [...all, ...all.reverse()]) expectSame(reader, line)
    for (const line of all) expectSame(reader, JSON.stringify(JSON.parse(line), null, 2))
  })
})

describe('what a view says it reads', () => {
  const sources = [...views.values()].flatMap((view) =>
    view.sources.map((source) => ({ view: view.name, source })),
  )

  it.each(sources)('stands in the table ($view of $source.table.name)', ({ source }) => {
    expect(source.reads.length).toBeGreaterThan(2)
    // The envelope says the tenant also where the table has no column for it.
    const known = [['tenantId'], ...[...source.table.columns.values()].flatMap(({ from }) => from)]
    for (const { paths } of source.reads) {
      // Of a column that holds an object a view may read one member.
      for (const path of paths)
        expect(known.some((from) => from.every((key, at) => key === path[at]))).toBe(true)
    }
  })

  it.each(sources)('is all that it looks at ($view of $source.table.name)', ({ source }) => {
    const asked = new Set<string>()
    const watched = (values: object, prefix: string): never =>
      new Proxy(values, {
        get: (target, key) => {
          if (key === 'properties') return watched({}, 'properties.')
          asked.add(prefix + String(key))
          return Reflect.get(target, key)
        },
      }) as never
    const told = new Set(source.reads.flatMap(({ paths }) => paths.map((path) => path.slice(0, 2).join('.'))))
    source.project(watched({ category: source.table.category }, ''), 0)
    expect([...asked].filter((path) => !told.has(path))).toEqual([])
  })
})
