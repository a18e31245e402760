import { describe, expect, it } from 'vitest'
import { AgentSelector, Inventory } from '../../src/agents/inventory.js'
import { timeBounds } from '../../src/records/decode.js'
import { Intake, type Taken } from '../../src/replay/intake.js'
import type { ViewRow } from '../../src/views/view.js'
import { auditRecord, graphCall, servicePrincipalSignIn, type TestRecord } from '../support/records.js'

const NOW = Date.UTC(2026, 10, 20, 4)

function intake(): Intake {
  return new Intake(new AgentSelector('workloads', new Inventory([])), timeBounds(NOW))
}

function take(records: readonly TestRecord[]): Taken & { rows: ViewRow[]; counters: Intake['counters'] } {
  const taker = intake()
  const rows: ViewRow[] = []
  const taken = taker.take(Buffer.from(JSON.stringify({ records })), (row) => rows.push(row))
  return { ...taken, rows, counters: taker.counters }
}

const good = [servicePrincipalSignIn(), graphCall(), auditRecord()]

describe('a rejected record is told whole, also the values that nobody reads', () => {
  it.each<[string, string, TestRecord]>([
    ['without a category', 'no-category', servicePrincipalSignIn({}, { category: '' })],
    ['of a time that is none', 'wrong-type', servicePrincipalSignIn({ createdDateTime: 'soon' })],
    [
      'of a time that can not be',
      'implausible-time',
      servicePrincipalSignIn({ createdDateTime: '1970-01-01' }),
    ],
    ['without a time', 'no-event-time', servicePrincipalSignIn({ createdDateTime: null })],
    ['of which a view can not make a row', 'wrong-type', graphCall({ responseStatusCode: 'many' })],
    ['with an object for a text', 'wrong-type', servicePrincipalSignIn({ id: { a: [1] } })],
  ])('%s', (_, reason, bad) => {
    const { rejected, rows, counters } = take([...good, bad, ...good])
    expect(rejected).toEqual([
      { reason, detail: expect.any(String), index: 3, record: JSON.parse(JSON.stringify(bad)) },
    ])
    expect(Object.keys(rejected[0]!.record as TestRecord)).toContain('operationVersion')
    expect(rows).toHaveLength(2 * good.length)
    expect([...counters.rejected]).toEqual([[reason, 1]])
    expect([...counters.byCategory.values()]).toEqual([2, 2, 2])
  })

  it('each with its own, where a message has several of both sorts', () => {
    const late = servicePrincipalSignIn({ createdDateTime: 'soon' })
    const odd = graphCall({ responseSizeBytes: -1 })
    const { rejected } = take([odd, good[0]!, late, odd, good[1]!])
    const whole = (record: TestRecord) => JSON.parse(JSON.stringify(record))
    expect(rejected.map(({ index, record }) => [index, record])).toEqual([
      [2, whole(late)],
      [0, whole(odd)],
      [3, whole(odd)],
    ])
  })
})

describe('looking ahead', () => {
  it('tells the first event time and counts nothing', () => {
    const taker = intake()
    expect(taker.peek(Buffer.from(JSON.stringify(good)))).toBe(Date.UTC(2026, 10, 20, 3, 12, 44, 120))
    expect(taker.peek(Buffer.from('{'))).toBeUndefined()
    expect(taker.counters).toEqual(intake().counters)
  })
})
