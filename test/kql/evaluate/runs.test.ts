import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Data, prepare, type SourceTable } from '../../../src/kql/evaluate/index.js'
import { type KqlTable, language } from '../../../src/kql/language.js'

const COLUMNS = { T: 'datetime', k: 'string', n: 'long', j: 'string' } as const
const table = (name: string): KqlTable => ({ name, columns: new Map(Object.entries(COLUMNS)) })
const kql = language([table('A'), table('B')])
const columns = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }))

const START = Date.UTC(2026, 9, 1)
const MINUTE = 60_000

type Row = readonly [time: number | null, k: string, n: number, j: string]

const row: fc.Arbitrary<Row> = fc.tuple(
  fc.option(fc.integer({ min: 0, max: 600 }), { nil: null, freq: 10 }),
  fc.constantFrom('a', 'b', 'c'),
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom('{"x":1}', '{"x":"y"}', '[1]', 'none', ''),
)
const rows = fc.array(row, { maxLength: 40 })

function source(rows: readonly Row[]): SourceTable {
  return {
    columns,
    rows: rows.map(([time, ...rest]) => [time === null ? null : START + time * MINUTE, ...rest]),
  }
}

function dataOf(a: readonly Row[], b: readonly Row[]): Data {
  return new Data(
    new Map([
      ['A', source(a)],
      ['B', source(b)],
    ]),
  )
}

/** Ranges of time in every notation that is served by an index, over steps whose outcome is kept. */
const QUERIES = [
  'A | where T >= ago(2h) and T < now() | extend x = tostring(parse_json(j).x) | where x != "" | project T, k, x',
  'A | where n > 1 | where T between (now() - 3h .. 1h) | project-away j',
  'A | extend U = T, h = bin(T, 1h) | where U > ago(90m) | where T <= now() and k in ("a", "b")',
  'let f = (start: datetime, end: datetime) { union isfuzzy=true (A | where T >= start | where T < end | project T, k, n), (B | project T, k, n = n * 2) | where n > 0 }; f(ago(3h), now()) | summarize c = count(), s = sum(n), l = make_list(n) by k | sort by k asc',
  'union A, B | where T > ago(4h) and now() > T | join kind=inner (A | where T >= ago(8h) | summarize m = max(n) by k) on k | project T, k, n, m',
  'A | where T > ago(1h) and T > ago(2h) and T < ago(5m) or n == 3',
  'let recent = A | where T >= ago(1h); recent | where k == "a" | union (recent | where T < ago(30m))',
]

const prepared = QUERIES.map((text) => ({ text, query: prepare(text, kql) }))

/** The same query without anything that an index or an outcome kept from before could serve. */
function fresh(text: string, a: readonly Row[], b: readonly Row[], now: number) {
  const hidden = text
    .replaceAll(/\bT (>=|>|<=|<|between) /g, '(T + 0s) $1 ')
    .replaceAll(/> T\b/g, '> (T + 0s)')
  return prepare(hidden, kql).run(dataOf(a, b), { now }).rows
}

describe('runs over the same data', () => {
  it.each(prepared)('give what fresh data without an index give: $text', ({ text, query }) => {
    fc.assert(
      fc.property(
        rows,
        rows,
        fc.array(fc.integer({ min: -60, max: 700 }), { minLength: 1, maxLength: 4 }),
        (a, b, minutes) => {
          const data = dataOf(a, b)
          for (const minute of minutes) {
            const now = START + minute * MINUTE
            expect(query.run(data, { now }).rows).toEqual(fresh(text, a, b, now))
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  it('do not see the rows of other data', () => {
    const { query } = prepared[0]!
    const now = START + 60 * MINUTE
    const one = dataOf([[30, 'a', 1, '{"x":1}']], [])
    const other = dataOf([[30, 'b', 1, '{"x":2}']], [])
    expect(query.run(one, { now }).rows).toMatchObject([[expect.anything(), 'a', '1']])
    expect(query.run(other, { now }).rows).toMatchObject([[expect.anything(), 'b', '2']])
    expect(query.run(one, { now }).rows).toMatchObject([[expect.anything(), 'a', '1']])
  })
})

describe('the data', () => {
  const run = (text: string, tables: Record<string, SourceTable>) =>
    prepare(text, kql).run(new Data(new Map(Object.entries(tables))), { now: START }).rows

  it('hold times as text, numbers or dates; columns that a table lacks are empty', () => {
    const times = ['2026-10-01T00:00:00.1234567Z', START, new Date(START), null]
    const A = { columns: [{ name: 'T', type: 'datetime' }], rows: times.map((time) => [time]) }
    expect(run('A | project T, k, n', { A })).toEqual([
      ['2026-10-01T00:00:00.1234567Z', '', null],
      ['2026-10-01T00:00:00.0000000Z', '', null],
      ['2026-10-01T00:00:00.0000000Z', '', null],
      [null, '', null],
    ])
  })

  it('lack a table: the query fails, but a fuzzy union goes on without it', () => {
    const A = source([[0, 'a', 1, '']])
    expect(() => run('A | union B', { A })).toThrow(
      expect.objectContaining({ code: 'no-table', line: 1, column: 11 }),
    )
    expect(run('union isfuzzy=true A, (B | where n > 0) | count', { A })).toEqual([[1]])
  })

  it('hold watchlists by alias', () => {
    const watchlist = { columns: [{ name: 'id', type: 'string' }], rows: [['agent-1']] }
    expect(
      run("_GetWatchlist('agents') | project id, owner", { "_GetWatchlist('agents')": watchlist }),
    ).toEqual([['agent-1', '']])
  })
})
