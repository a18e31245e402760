import type { SourceQuery, Step } from '../kql/query.js'
import type { LogRecord } from '../records/record.js'
import type { Reader, Table } from '../tables/table.js'

/** Type of a view's column, as conditions compare it. */
export type ViewColumnType = 'string' | 'number'

/** A value in a view's row; `undefined` is none (an empty text or a null in KQL). */
export type ViewValue = string | number | undefined

/**
 * A row of a view. Ids (`TenantId`, `AgentId`, `AppId`) are in lower case, since Entra's tables disagree on
 * the case of the same id. The columns of the view stand beside these under their own names.
 */
export interface ViewRow {
  readonly View: string
  /** The Log Analytics table that the row comes from. */
  readonly Type: string
  /** The event's own id, or `undefined` where the record has none. */
  readonly Id: string | undefined
  /** Milliseconds since 1970. */
  readonly EventTime: number
  /** The Entra tenant (not the workspace). */
  readonly TenantId: string
  readonly AgentId: string
  readonly AgentName: string | undefined
  readonly AppId: string | undefined
  /** 1 when Entra itself says that an agent acts. */
  readonly Agentic: 0 | 1
  /** 1 for a workload identity that is not known to be Microsoft's own. */
  readonly Workload: 0 | 1
  readonly [column: string]: ViewValue
}

/** How the records of one table become rows of a view; `undefined` for a record that is none of its. */
export interface ViewSource {
  readonly table: Table
  /** All readers that `project` uses; a record may come without what none of them looks at. */
  readonly reads: readonly Reader[]
  /** @throws RecordError when a column that the view needs holds something else than the table allows. */
  readonly project: (record: LogRecord, eventTime: number) => ViewRow | undefined
  /** The same in KQL, over the table's columns. */
  readonly kql: SourceQuery
}

/** A named projection of tables onto common columns. */
export interface View {
  readonly name: string
  /** What a row means, in one sentence. */
  readonly summary: string
  /** Minutes after the end of an hour until a rule may judge it: by then nearly all of its rows have come. */
  readonly delay: number
  readonly columns: ReadonlyMap<string, ViewColumnType>
  readonly sources: readonly ViewSource[]
  /** KQL functions that its sources call, by name: `Name = (Text: string) { … }`. */
  readonly functions?: readonly Step[]
}

/** Columns that every view has. */
export const COMMON_COLUMNS: Readonly<Record<string, ViewColumnType>> = {
  Type: 'string',
  TenantId: 'string',
  AgentId: 'string',
  AgentName: 'string',
  AppId: 'string',
  Agentic: 'number',
  Workload: 'number',
}

/** The columns of a view: the common ones and its own. */
export function columns(own: Readonly<Record<string, ViewColumnType>>): View['columns'] {
  return new Map([...Object.entries(COMMON_COLUMNS), ...Object.entries(own)])
}

/** Whether the view's tables say in Log Analytics which tenant a row is of: the risk tables do not. */
export function knowsTenant({ sources }: View): boolean {
  return sources.every(({ kql }) => kql.columns.TenantId !== undefined)
}
