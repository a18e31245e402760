import { conditionText } from '../kql/condition.js'
import { entityLines, totalLines } from '../kql/measure.js'
import type { QueryScope } from '../kql/query.js'
import type { Condition } from '../where/condition.js'
import type { Metric } from './memory.js'

/** What an agent showed in one hour, summed up. */
export interface SummaryLine {
  /** Since 1970. */
  readonly hour: number
  /** A value that it showed, or the entity of the total; empty for features that look at neither. */
  readonly value: string
  /** A count or a sum; 0 for features that don't look at it. */
  readonly total: number
}

/** How columns are written in the operators of a summary. */
export type SummaryScope = Pick<QueryScope, 'text'>

/** A feature in the words of a workspace: what to ask it, and how its answer is counted in. */
export interface Summary<State> {
  /**
   * KQL operators on the rows of a scope, second deliveries among them. They leave a row for each `TenantId`, `AgentId`
   * and `Hour`, with a `Value` and a `Total` as far as `absorb` looks at them.
   */
  readonly operators: (scope: SummaryScope) => readonly string[]
  /** Counts a line in. Those of an agent come by hour, each once, before any row that is recorded. */
  readonly absorb: (state: State, line: SummaryLine) => void
}

/** What rows of the past a feature needs that can't be summed up. */
export interface PastRows {
  /** The columns that `record` looks at. */
  readonly columns: readonly string[]
  /** Hours before the present from which on a row may still matter. */
  readonly hours: number
}

const AGENT = ['TenantId', 'AgentId']
const AGENT_HOUR = 'TenantId, AgentId, Hour = bin(EventTime, 1h)'

/** The hours in which there are rows. */
export function activeHours(): string[] {
  return [`| summarize by ${AGENT_HOUR}`]
}

/** The values of each hour of a column, or of several together, among the rows that satisfy a condition. */
export function valuesByHour(
  columns: readonly string[],
  scope: SummaryScope,
  where: Condition | undefined = undefined,
): string[] {
  const texts = columns.map((name) => `${name} = ${scope.text(name)}`).join(', ')
  const value = columns.length === 1 ? columns[0] : `strcat_delim(" ", ${columns.join(', ')})`
  return [
    ...whereLines(where),
    `| extend ${texts}`,
    `| where ${columns.map((name) => `isnotempty(${name})`).join(' and ')}`,
    `| summarize by ${AGENT_HOUR}, Value = ${value}`,
  ]
}

/** A count or a sum of each hour in which there is something to measure. */
export function totalsByHour({ metric, column, of }: Metric, scope: SummaryScope): string[] {
  return [...whereLines(of), ...totalLines({ metric, column }, AGENT, scope)]
}

/** A count or a sum of each hour and value of a column; 0 where rows of it are there, but none to be measured. */
export function totalsByValue({ metric, column, of }: Metric, by: string, scope: SummaryScope): string[] {
  return [
    ...entityLines(by, scope),
    ...totalLines({ metric, column, of }, [...AGENT, by], scope),
    `| project-rename Value = ${by}`,
  ]
}

function whereLines(where: Condition | undefined): string[] {
  return where ? [`| where ${conditionText(where)}`] : []
}
