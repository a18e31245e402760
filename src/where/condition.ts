import type { ViewColumnType } from '../views/view.js'

/** How a column is compared. `equals` on text ignores case, as Sigma and KQL's `=~` do. */
export type Operator =
  | 'equals'
  | 'contains'
  | 'startswith'
  | 'endswith'
  | 'cidr'
  | 'exists'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'

/** A leaf: the column satisfies the operator for any (or, with `every`, for each) of the values. */
export interface Comparison {
  readonly type: 'compare'
  readonly column: string
  readonly columnType: ViewColumnType
  readonly operator: Operator
  readonly values: readonly (string | number | boolean)[]
  readonly every: boolean
}

/** A leaf: the column's value stands in a list that the inventory keeps for the agent, such as `agent.networks`. */
export interface Allowed {
  readonly type: 'allowed'
  readonly column: string
  readonly field: string
}

/** A tree of conditions on the columns of a row: plain data, in both engines' reach. */
export type Condition =
  | Comparison
  | Allowed
  | { readonly type: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly type: 'not'; readonly of: Condition }

/** The columns that a condition reads, in order of appearance, each once. */
export function columnsOf(condition: Condition): readonly string[] {
  if (condition.type === 'compare') return [condition.column]
  if (condition.type === 'allowed') return [condition.column, condition.field]
  if (condition.type === 'not') return columnsOf(condition.of)
  return [...new Set(condition.of.flatMap(columnsOf))]
}
