/** Arbitrary parameters of each kind, aimed at the edges of its definition. */
import fc from 'fast-check'
import type { ViewRow } from '../../src/views/view.js'
import type { Parameters } from './reference.js'

/** A choice of a parameter, as YAML says it and as the reference takes it. */
export type Choice = readonly [yaml: Readonly<Record<string, unknown>>, reference: Partial<Parameters>]

const same = (part: Readonly<Record<string, unknown>>): Choice => [part, part]
const oneOf = (...choices: readonly Choice[]) => fc.constantFrom(...choices)

const status = (code: number) => (row: ViewRow) => row.ResponseStatusCode === code
const isMail = (row: ViewRow) => String(row.GraphResource ?? '').toLowerCase() === 'mail'

const where = oneOf(
  same({}),
  same({}),
  same({}),
  same({}),
  [{ where: { ResponseStatusCode: 200 } }, { where: status(200) }],
  [{ where: { not: { ResponseStatusCode: 200 } } }, { where: (row) => !status(200)(row) }],
  [{ where: { GraphResource: 'MAIL' } }, { where: isMail }],
)
const of = oneOf(
  same({}),
  same({}),
  same({}),
  [{ of: { ResponseStatusCode: 200 } }, { of: status(200) }],
  [{ of: { GraphResource: ['mail'] } }, { of: isMail }],
)
const learn = oneOf(
  [{ learn: '1h' }, { learn: 1 }],
  [{ learn: '1h' }, { learn: 1 }],
  [{ learn: '24h' }, { learn: 24 }],
  [{ learn: '24h' }, { learn: 24 }],
  [{ learn: '48h' }, { learn: 48 }],
  [{}, { learn: 168 }],
  [{ learn: '13d' }, { learn: 312 }],
)
const minHours = oneOf(
  same({ min_hours: 1 }),
  same({ min_hours: 1 }),
  same({ min_hours: 2 }),
  same({ min_hours: 4 }),
  [{}, { min_hours: 8 }],
)
const floor = oneOf(...[0, 0, 0, 1, 2, 10].map((value) => same({ floor: value })))
const k = oneOf(...[0, 0, 1, 3].map((value) => same({ k: value })))
const rel = oneOf(same({ rel: 0 }), same({ rel: 0.5 }), same({ rel: 1 }), [{}, { rel: 0.1 }])
const ratio = oneOf(...[0, 1, 2, 5].map((value) => same({ ratio: value })))
const maxDays = oneOf(same({ max_days: 0 }), same({ max_days: 1 }), [{}, { max_days: 2 }])
const count = same({ metric: 'count' })
const bytes = same({ metric: 'sum', column: 'ResponseSizeBytes' })
const resources = same({ metric: 'distinct', column: 'GraphResource' })
const codes = same({ metric: 'distinct', column: 'ResponseStatusCode' })
const history = [where, learn, minHours]

const succeeded = (row: ViewRow) => row.Result === 'success'
type Said = Readonly<Record<string, unknown>>
/** How far back any known value may lie. */
const steady = oneOf(
  same({}),
  same({}),
  [{ steady: '24h' }, { steady: 24 }],
  [{ steady: '7d' }, { steady: 168 }],
)
const within = fc.constantFrom<readonly [string, number]>(['1h', 1], ['24h', 24], ['24h', 24], ['13d', 312])
const compared = fc.constantFrom<Said>(
  {},
  { on: { ActorName: 'GraphResource' } },
  { differs: { ActorName: 'GraphResource' } },
  { on: { ActorName: 'GraphResource' }, differs: { AgentId: 'AgentId' } },
)
const changes = fc.record({ view: fc.constant('AgentChanges'), compared, filtered: fc.boolean() })
const others = fc.record({
  view: fc.constantFrom('SignIns', 'GraphCalls'),
  compared: fc.constantFrom<Said>({}, { differs: { AppId: 'GraphResource' } }),
  filtered: fc.constant(false),
})
/** Another row, as YAML says it and as the reference takes it. */
const companion = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: changes }, { weight: 1, arbitrary: others }), within)
  .map(([{ view, compared, filtered }, [text, hours]]) => {
    const both = { view, ...compared }
    return [
      { ...both, within: text, ...(filtered ? { where: { Result: 'Success' } } : {}) },
      { ...both, within: hours, ...(filtered ? { where: succeeded } : {}) },
    ] as const
  })
const named = (word: 'after' | 'unless') =>
  companion.map(([said, meant]): Choice => [{ [word]: said }, { [word]: meant }])
const accompanied = fc.oneof(named('after'), named('unless'))
const perhaps = fc.oneof(
  { weight: 2, arbitrary: fc.constant(same({})) },
  { weight: 1, arbitrary: named('unless') },
)
const measures = [floor, k, rel, of]

export const KINDS: readonly [name: string, kind: string, choices: readonly fc.Arbitrary<Choice>[]][] = [
  [
    'match',
    'match',
    [
      where,
      oneOf(
        same({}),
        same({ entity: ['GraphResource'] }),
        same({ entity: ['ResponseStatusCode', 'GraphResource'] }),
      ),
    ],
  ],
  [
    'new_value',
    'new_value',
    [
      ...history,
      steady,
      oneOf(
        same({ field: 'GraphResource' }),
        same({ field: 'ResponseSizeBytes' }),
        same({ field: ['GraphResource', 'ResponseSizeBytes'] }),
      ),
      of,
    ],
  ],
  [
    'new_value with a companion',
    'new_value',
    [...history, fc.constant(same({ field: 'GraphResource' })), accompanied],
  ],
  ['pair', 'pair', [where, named('after'), perhaps, oneOf(same({}), same({ entity: ['GraphResource'] }))]],
  [
    'pair without a companion',
    'pair',
    [where, named('unless'), oneOf(same({}), same({ entity: ['ResponseStatusCode'] }))],
  ],
  [
    'off_hours',
    'off_hours',
    [
      ...history,
      oneOf(same({ tolerance: 0 }), same({ tolerance: 1 }), same({ tolerance: 3 }), [{}, { tolerance: 0 }]),
      oneOf(
        same({ min_days: { weekday: 1, weekend: 1 } }),
        same({ min_days: { weekday: 2, weekend: 1 } }),
        same({ min_days: { weekday: 3, weekend: 2 } }),
        [{}, { min_days: { weekday: 5, weekend: 2 } }],
      ),
      oneOf(
        same({}),
        same({}),
        same({ max_unusual: 0 }),
        same({ max_unusual: 0.05 }),
        same({ max_unusual: 0.2 }),
      ),
      oneOf(
        same({}),
        same({}),
        [{ rest: '1h' }, { rest: 1 }],
        [{ rest: '8h' }, { rest: 8 }],
        [{ rest: '24h' }, { rest: 24 }],
      ),
      oneOf(same({}), same({ min_count: 2 })),
    ],
  ],
  ['spike of a count', 'spike', [...history, ...measures, fc.constant(count)]],
  ['spike of a sum', 'spike', [...history, ...measures, fc.constant(bytes)]],
  ['spike of distinct values', 'spike', [...history, ...measures, oneOf(resources, codes)]],
  [
    'spike by entity',
    'spike',
    [...history, ...measures, oneOf(count, bytes), fc.constant(same({ by: 'GraphResource' }))],
  ],
  [
    'rare_volume',
    'rare_volume',
    [...history, floor, ratio, maxDays, of, oneOf(count, bytes), fc.constant(same({ by: 'GraphResource' }))],
  ],
  [
    'quiet_return',
    'quiet_return',
    [
      where,
      oneOf(
        [{ gap: '24h' }, { gap: 24 }],
        [{ gap: '48h' }, { gap: 48 }],
        [{}, { gap: 168 }],
        [{ gap: '13d' }, { gap: 312 }],
      ),
      oneOf(same({ min_hours: 2 }), same({ min_hours: 4 }), [{}, { min_hours: 1 }]),
    ],
  ],
  [
    'record',
    'record',
    [
      ...history,
      floor,
      of,
      oneOf(count, bytes, resources, codes),
      oneOf(same({}), same({}), same({ at_most: 1 })),
    ],
  ],
  [
    'drift',
    'drift',
    [
      where,
      floor,
      ratio,
      of,
      oneOf(count, bytes, resources),
      oneOf(
        same({ min_days: { recent: 1, before: 1 } }),
        same({ min_days: { recent: 1, before: 1 } }),
        same({ min_days: { recent: 2, before: 1 } }),
        [{}, { min_days: { recent: 2, before: 4 } }],
      ),
    ],
  ],
  [
    'absent',
    'absent',
    [
      where,
      oneOf(
        [{ for: '1h' }, { for: 1 }],
        [{ for: '1h' }, { for: 1 }],
        [{ for: '23h' }, { for: 23 }],
        [{ for: '24h' }, { for: 24 }],
        [{ for: '13d' }, { for: 312 }],
        [{}, { for: 12 }],
      ),
      oneOf(same({ share: 0 }), same({ share: 0.003 }), same({ share: 0.01 }), same({ share: 0.02 })),
    ],
  ],
]
