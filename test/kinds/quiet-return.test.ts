import { describe } from 'vitest'
import { ago, cases, now, rowsAt } from './cases.js'

describe('quiet_return', () => {
  cases('quiet_return', {}, [
    { why: 'activity after 168 silent hours', rows: [...rowsAt(ago(168)), now()], alerts: [{}] },
    { why: 'activity after 167 hours', rows: [...rowsAt(ago(167)), now()], alerts: [] },
    { why: 'activity after 312 hours', rows: [...rowsAt(ago(312)), now()], alerts: [{}] },
    { why: 'activity after 313 hours, outside the window', rows: [...rowsAt(ago(313)), now()], alerts: [] },
    { why: 'the first activity ever', rows: [now(), now()], alerts: [] },
    {
      why: 'one active hour before the silence, where two are asked for',
      rows: [...rowsAt(ago(168)), now()],
      said: { min_hours: 2 },
      alerts: [],
    },
    {
      why: 'two active hours before the silence, where two are asked for',
      rows: [...rowsAt(ago(169, 168)), now()],
      said: { min_hours: 2 },
      alerts: [{}],
    },
    {
      why: 'activity in between that `where` leaves out',
      rows: [
        ...rowsAt(ago(168), { ResponseStatusCode: 200 }),
        ...rowsAt(ago(20), { ResponseStatusCode: 403 }),
        now({ ResponseStatusCode: 200 }),
      ],
      said: { where: { ResponseStatusCode: 200 } },
      alerts: [{}],
    },
    {
      why: 'another agent that was active in between',
      rows: [...rowsAt(ago(168)), ...rowsAt(ago(20), { agent: 'agent-2' }), now()],
      alerts: [{}],
    },
  ])
})
