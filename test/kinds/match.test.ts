import { describe } from 'vitest'
import { cases, now, times } from './cases.js'

describe('match', () => {
  cases('match', { where: { ResponseStatusCode: 403 } }, [
    { why: 'a row that satisfies the condition', rows: [now({ ResponseStatusCode: 403 })], alerts: [{}] },
    { why: 'one with another value', rows: [now({ ResponseStatusCode: 200 })], alerts: [] },
    { why: 'one without a value', rows: [now()], alerts: [] },
    { why: 'several such rows of an hour', rows: times(3, { ResponseStatusCode: 403 }), alerts: [{}] },
    {
      why: 'rows that the entity tells apart, a missing value being the empty text',
      rows: ['mail', 'Mail', undefined].map((GraphResource) =>
        now({ ResponseStatusCode: 403, GraphResource }),
      ),
      said: { entity: ['GraphResource'] },
      alerts: [{ GraphResource: 'mail' }, { GraphResource: 'Mail' }, { GraphResource: '' }],
    },
  ])
})
