import { describe } from 'vitest'
import { ago, cases, now, rowsAt } from './cases.js'

const said = { metric: 'distinct', column: 'GraphResource', floor: 1, learn: '1h', min_hours: 1 }
const at = (GraphResource: string) => ({ GraphResource })
const two = [now(at('SE')), now(at('BR'))]

describe('record', () => {
  cases('record', said, [
    {
      why: 'two values, where an hour had one at most',
      rows: [...rowsAt(ago(9, 2), at('SE')), ...two],
      alerts: [{}],
    },
    {
      why: 'two values, as in an hour before',
      rows: [...rowsAt(ago(2), at('SE')), ...rowsAt(ago(2), at('NO')), ...two],
      alerts: [],
    },
    {
      why: 'two values, as in an hour outside of the window',
      rows: [
        ...rowsAt(ago(313), at('SE')),
        ...rowsAt(ago(313), at('NO')),
        ...rowsAt(ago(2), at('SE')),
        ...two,
      ],
      alerts: [{}],
    },
    { why: 'one value, though another one', rows: [...rowsAt(ago(2), at('SE')), now(at('BR'))], alerts: [] },
    {
      why: 'three values, where an hour had two and one is the most that is judged',
      rows: [...rowsAt(ago(2), at('SE')), ...rowsAt(ago(2), at('NO')), ...two, now(at('NO'))],
      said: { at_most: 1 },
      alerts: [],
    },
    { why: 'nothing known of the agent', rows: two, alerts: [] },
    {
      why: 'three values, where the floor asks for more than three',
      rows: [...rowsAt(ago(2), at('SE')), ...two, now(at('NO'))],
      said: { floor: 3 },
      alerts: [],
    },
  ])
})
