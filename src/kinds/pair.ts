import { z } from 'zod'
import { defineKind } from '../scoring/kind.js'
import { valueIn } from '../scoring/values.js'

const parameters = {
  /** Columns whose values tell alerts of one agent and hour apart. */
  entity: z.array(z.string()).default([]),
}

/**
 * A row that has the companion which `after` describes, or lacks the one which `unless` does. What a companion is
 * stands in `scoring/companions.ts` and `kql/companions.ts`, since `new_value` may ask for one as well.
 *
 * Stream: O(companions with equal values) a row; remembers the companions, and for two hours rows that lack one.
 */
export const kind = defineKind<typeof parameters>({
  name: 'pair',
  summary: 'a row has, or lacks, another row of its agent before it',
  parameters,
  columns: ({ entity }) => entity.map((column) => ({ parameter: 'entity', column })),
  companions: 'needed',
  placeholders: [],
  observes: 'long',
  kql: ({ entity }, scope) => ({
    entity,
    text: [
      scope.judged,
      ...entity
        .filter((column) => !scope.isNumber(column))
        .map((column) => `| extend ${column} = ${scope.text(column)}`),
      `| summarize Observed = count(), ${scope.first(entity)} by ${['TenantId', 'AgentId', ...entity].join(', ')}`,
      '| extend Basis = "every such event is reported"',
    ].join('\n'),
  }),
  prepare:
    ({ entity }) =>
    (row) => ({
      entity: Object.fromEntries(entity.map((column) => [column, valueIn(row, column) ?? ''])),
      observed: 1,
      expected: { max: 0, basis: 'every such event is reported' },
    }),
})
