import { z } from 'zod'
import type { QueryScope } from '../kql/query.js'
import { type ColumnUse, defineKind, type Judge } from '../scoring/kind.js'
import { valueIn } from '../scoring/values.js'

/** What `match` takes, and `pair` too, which differs from it by the companion alone. */
export const parameters = {
  /** Columns whose values tell alerts of one agent and hour apart. */
  entity: z.array(z.string()).default([]),
}

interface Entity {
  readonly entity: readonly string[]
}

const BASIS = 'every such event is reported'

/** The columns that the parameters name. */
export function entityColumns({ entity }: Entity): ColumnUse[] {
  return entity.map((column) => ({ parameter: 'entity', column }))
}

/** KQL that makes an alert of every row, one for each agent, entity and what else the rows are grouped by. */
export function everyRowText({ entity }: Entity, scope: QueryScope, rows: string, ...more: string[]): string {
  const texts = entity.filter((column) => !scope.isNumber(column))
  return [
    rows,
    ...texts.map((column) => `| extend ${column} = ${scope.text(column)}`),
    `| summarize Observed = count(), ${scope.first(entity)} by ${['TenantId', 'AgentId', ...more, ...entity].join(', ')}`,
    `| extend Basis = "${BASIS}"`,
  ].join('\n')
}

/** The same in the stream. */
export function judgeEveryRow({ entity }: Entity): Judge {
  return (row) => ({
    entity: Object.fromEntries(entity.map((column) => [column, valueIn(row, column) ?? ''])),
    observed: 1,
    expected: { max: 0, basis: BASIS },
  })
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
  columns: entityColumns,
  stateless: true,
  placeholders: [],
  observes: 'long',
  kql: (p, scope) => ({
    arrived: true,
    entity: p.entity,
    text: everyRowText(p, scope, 'Arrived', 'Hour = bin(EventTime, 1h)'),
  }),
  prepare: judgeEveryRow,
})
