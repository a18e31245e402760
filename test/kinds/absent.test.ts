import { describe } from 'vitest'
import type { ViewRow } from '../../src/views/view.js'
import { ago, cases, H, now, rowsAt } from './cases.js'

/** Another agent, active in hour H. */
const other = now({ agent: 'agent-2' })
/** A row that lets hour H be over: one of an hour more than two later. */
const later = rowsAt([H + 3], { agent: 'agent-2' })
const over = (...rows: readonly ViewRow[]) => [...rows, other, ...later]
const FEW = { for: '3h', share: 2 / 312 }

describe('absent', () => {
  cases('absent', FEW, [
    { why: 'three hours without a row', rows: over(...rowsAt(ago(4, 3))), alerts: [{}] },
    { why: 'two hours without a row', rows: over(...rowsAt(ago(4, 2))), alerts: [] },
    { why: 'four hours without a row, told an hour ago', rows: over(...rowsAt(ago(5, 4))), alerts: [] },
    { why: 'a row in the hour itself', rows: over(...rowsAt(ago(4, 3)), now()), alerts: [] },
    { why: 'a row in the hour after', rows: over(...rowsAt([...ago(4, 3), H + 1])), alerts: [{}] },
    { why: 'too few active hours', rows: over(...rowsAt(ago(3))), alerts: [] },
    { why: 'an active hour at the edge of the window', rows: over(...rowsAt(ago(312, 3))), alerts: [{}] },
    { why: 'an active hour outside of the window', rows: over(...rowsAt(ago(313, 3))), alerts: [] },
    { why: 'nobody else in the hour', rows: [...rowsAt(ago(4, 3)), ...later], alerts: [] },
    {
      why: 'somebody of another tenant in the hour',
      rows: [...rowsAt(ago(4, 3)), now({ agent: 'agent-2', tenant: 'tenant-2' }), ...later],
      alerts: [],
    },
    {
      why: 'rows of two hours later: the hour is not yet over',
      rows: [...rowsAt(ago(4, 3)), other, ...rowsAt([H + 2], { agent: 'agent-2' })],
      alerts: [],
    },
    {
      why: 'a row of a week later: the hour was over long ago',
      rows: [...rowsAt(ago(4, 3)), other, ...rowsAt([H + 168], { agent: 'agent-2' })],
      alerts: [{}],
    },
    {
      why: 'rows since that `where` leaves out',
      rows: over(
        ...rowsAt(ago(4, 3), { ResponseStatusCode: 200 }),
        ...rowsAt(ago(1), { ResponseStatusCode: 403 }),
      ).map((row) => (row.AgentId === 'agent-2' ? { ...row, ResponseStatusCode: 200 } : row)),
      said: { where: { ResponseStatusCode: 200 } },
      alerts: [{}],
    },
  ])
})
