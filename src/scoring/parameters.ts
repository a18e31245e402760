import { z } from 'zod'
import { parseDuration } from '../records/duration.js'
import { HOUR_MS } from '../records/time.js'
import type { Condition } from '../where/condition.js'
import type { ColumnUse, ParameterProblem } from './kind.js'
import type { Metric } from './memory.js'

/** A length of time in YAML, `36h` or `7d`, as a number of hours. */
export const duration = (most: number) =>
  z
    .string()
    .regex(/^\d+[hd]$/, 'a length of time reads like 36h or 7d')
    .transform((text) => (parseDuration(text) ?? Number.NaN) / HOUR_MS)
    .refine((hours) => hours >= 1 && hours <= most, `must be from 1h to ${most / 24}d`)

/** What every kind takes that judges behaviour: how much of an agent must be known first. */
export const history = {
  learn: duration(312).default(7 * 24),
  min_hours: z.int().min(1).max(312).default(8),
}

/** What every kind takes that measures: how much of a row counts. */
export const metric = {
  metric: z.enum(['count', 'sum', 'distinct']),
  /** What is summed up, or whose values are told apart. */
  column: z.string().optional(),
  /** Only rows that satisfy this are measured; the others still make the hour an active one. */
  of: z.custom<Condition>().optional(),
}

/** The parameters of a metric. */
export interface Measure {
  readonly metric: Metric['metric']
  readonly column?: string | undefined
  readonly of?: Condition | undefined
}

/** The metric as memory keeps it. */
export function metricOf({ metric, column, of }: Measure): Metric {
  return { metric, column, of }
}

/** The columns that a metric names. */
export function metricColumns({ metric, column }: Measure): readonly ColumnUse[] {
  if (column === undefined) return []
  return [{ parameter: 'column', column, ...(metric === 'sum' ? { type: 'number' as const } : {}) }]
}

/** A sum and a number of distinct values are of a column; a count is of rows. */
export function checkMetric({ metric, column }: Measure): readonly ParameterProblem[] {
  if (metric === 'count' && column !== undefined) {
    return [
      { parameter: 'column', message: 'a count is of rows: leave the column out, or use sum or distinct' },
    ]
  }
  if (metric !== 'count' && column === undefined) {
    return [{ parameter: 'metric', message: `${metric} needs a column` }]
  }
  return []
}
