import { timespan } from './text.js'

/** A column of a query's result, by its type in KQL. */
export type KqlType = 'string' | 'long' | 'real' | 'datetime' | 'dynamic' | 'bool'

/**
 * What a kind's part of a query is written with. These names are bound before it: `Start` and `End` of the judged
 * hour, `WindowStart`, and `Rows(From, To)`, the rows that the detection sees, with `EventTime`, `TenantId`,
 * `AgentId` and the columns of its view. `Arrived` stands for `Rows` where the rule looks at what has just come in.
 */
export interface QueryScope {
  /** The rows of the judged hour, those only that have the companions that the detection wants. */
  readonly judged: string
  /**
   * An aggregate that yields the time and the columns of the first row of a group, as far as the alert's sentence and
   * the rule need them, but for those that the group is made by.
   */
  first(groupedBy: readonly string[]): string
  /** A column's value as a text that is cut like the values of baselines; empty where it has none. */
  text(column: string): string
  /** Whether the view's column holds a number. */
  isNumber(column: string): boolean
}

/** A kind's part of a query. */
export interface KindQuery {
  /**
   * Statements and, last, a tabular expression that yields a row for each alert: `TenantId`, `AgentId`, the columns of
   * `first`, the entity, `Observed`, `Basis`, and each of the kind's placeholders in Pascal case.
   */
  readonly text: string
  /** The columns that tell the alerts of one agent and hour apart. */
  readonly entity: readonly string[]
  /** Columns without a value in which a row does not matter to the kind. */
  readonly required?: readonly string[]
  /** The stream finds the same only once later rows have come: see `CLOSING_HOURS`. */
  readonly whenOver?: true
  /** The rule looks at rows as they come in, each once, and yields their `Hour`; it needs no window. */
  readonly arrived?: true
}

/** An expression or, beginning with a bar, an operator; the names that it yields are divided by blanks. */
export type Step = readonly [names: string, text: string]

/** How the rows of one table become rows of a view, in KQL. */
export interface SourceQuery {
  /** The column with the event time. */
  readonly time: string
  /** What the columns are made of, in order; steps that nothing needs are left out. */
  readonly steps?: readonly Step[]
  /** Holds for rows that are the view's. */
  readonly where: string
  /** The view's columns; one that is not named has no value. */
  readonly columns: Readonly<Record<string, string>>
}

/** `hour_of_day` as the column that carries it: `HourOfDay`. */
export function columnName(placeholder: string): string {
  return placeholder
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** How much of an agent must be known: its hours, and by how much its first one lies back. */
export interface HistoryNeeded {
  /** Hours. */
  readonly learn: number
  readonly min_hours: number
}

/**
 * A statement that binds `History` to the agents of which enough is known, with their `ActiveHours`.
 * @param hours - an expression with `TenantId`, `AgentId` and `Hour`, each hour once.
 */
export function historyText(hours: string, { learn, min_hours }: HistoryNeeded): string {
  return `let History = ${hours}
    | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
    | where Start - FirstHour >= ${timespan(learn)} and ActiveHours >= ${min_hours};`
}
