import type { Detection } from '../detections/detection.js'

/** Types of the columns that a compiled query yields. */
export type ResultType = 'string' | 'long' | 'real' | 'datetime' | 'dynamic' | 'bool'

/** A detection as a scheduled rule's query, and what the rule needs to know of it. */
export interface CompiledQuery {
  /** ASCII KQL text. */
  readonly query: string
  /** Log Analytics tables that it reads. */
  readonly tables: readonly string[]
  /** Minutes between runs. */
  readonly frequency: number
  /** Minutes looked back. */
  readonly period: number
  /** Columns of the result. */
  readonly columns: ReadonlyMap<string, ResultType>
  /** The columns that make up the alert key beside detection, tenant, agent and hour. */
  readonly entity: readonly string[]
}

/** Compiles a detection. @throws Error as long as there is no compiler. */
export function compileDetection(detection: Detection): CompiledQuery {
  throw new Error(`${detection.id} can't be compiled yet`)
}
