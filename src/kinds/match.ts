import { z } from 'zod'
import { defineKind } from '../scoring/kind.js'
import { valueIn } from '../scoring/values.js'

const parameters = {
  /** Columns whose values tell alerts of one agent and hour apart. */
  entity: z.array(z.string()).default([]),
}

/**
 * A row that satisfies `where`. Absolute: no baseline can silence it.
 *
 * Stream: O(1) a row, remembers nothing.
 */
export const kind = defineKind<typeof parameters>({
  name: 'match',
  summary: 'a row satisfies `where`',
  parameters,
  columns: ({ entity }) => entity.map((column) => ({ parameter: 'entity', column })),
  stateless: true,
  placeholders: [],
  observes: 'long',
  kql: ({ entity }, scope) => ({
    arrived: true,
    entity,
    text: [
      'Arrived',
      ...entity
        .filter((column) => !scope.isNumber(column))
        .map((column) => `| extend ${column} = ${scope.text(column)}`),
      `| summarize Observed = count(), ${scope.first(entity)} by ${['TenantId', 'AgentId', 'Hour = bin(EventTime, 1h)', ...entity].join(', ')}`,
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
