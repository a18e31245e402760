import { describe } from 'vitest'
import { ago, cases, now, rowsAt } from './cases.js'

/** Noon, so many days before the day of hour H, which is 03:00. */
const noon = (...days: readonly number[]) => ago(...days.map((day) => 24 * day - 9))
const bytes = (ResponseSizeBytes: number) => ({ ResponseSizeBytes })
const WEEK = [10, 9, 8, 7, 6, 5, 4]
const week = rowsAt(noon(...WEEK), bytes(10))
const said = { metric: 'sum', column: 'ResponseSizeBytes', floor: 0, ratio: 2 }

describe('drift', () => {
  cases('drift', said, [
    {
      why: 'two of three days at 21, where 10 is usual and 20 the limit',
      rows: [...week, ...rowsAt(noon(2, 1), bytes(21)), now()],
      alerts: [{}],
    },
    {
      why: 'two of three days at the limit',
      rows: [...week, ...rowsAt(noon(2, 1), bytes(20)), now()],
      alerts: [],
    },
    {
      why: 'three days, told the day before',
      rows: [...week, ...rowsAt(noon(3, 2, 1), bytes(21)), now()],
      alerts: [],
    },
    {
      why: 'a day that adds up from several hours',
      rows: [...week, ...rowsAt(noon(2), bytes(21)), ...rowsAt(ago(24, 20, 16), bytes(7)), now()],
      alerts: [{}],
    },
    {
      why: 'an hour that is not the first one of its day',
      rows: [...week, ...rowsAt(noon(2, 1), bytes(21)), ...rowsAt(ago(2)), now()],
      alerts: [],
    },
    {
      why: 'one active day of the last three, where two are asked for',
      rows: [...rowsAt(noon(...WEEK), bytes(10)), ...rowsAt(noon(1), bytes(90)), now()],
      alerts: [],
    },
    {
      why: 'three active days of the week before, where four are asked for',
      rows: [...rowsAt(noon(10, 9, 8), bytes(10)), ...rowsAt(noon(2, 1), bytes(21)), now()],
      alerts: [],
    },
    {
      why: 'no more than the floor',
      rows: [...week, ...rowsAt(noon(2, 1), bytes(21)), now()],
      said: { floor: 21 },
      alerts: [],
    },
  ])
})
