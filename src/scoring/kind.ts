import type { z } from 'zod'
import type { HistoryNeeded } from '../baselines/history.js'
import type { Usual } from '../baselines/statistics.js'
import type { HourlyTotals } from '../baselines/totals.js'
import type { SeenValues } from '../baselines/values.js'
import type { KindQuery, KqlType, QueryScope } from '../kql/query.js'
import type { ViewRow } from '../views/view.js'
import type { SeenRows, Step } from './explanation.js'
import type { Agent, Memory, Metric, Recall } from './memory.js'
import type { Tunable } from './tunable.js'

/** What a kind found in a row: the facts of an alert, before it is put into words. */
export interface Finding {
  /** What tells this alert from others of the same detection, agent and hour; part of the alert's key. */
  readonly entity: Readonly<Record<string, string | number>>
  /** The value that was seen. */
  readonly observed: string | number
  /** What was expected: numbers, and `basis`, a phrase that says from how much history. */
  readonly expected: Readonly<Record<string, string | number>> & { readonly basis: string }
}

/** A behavioural kind had something to say but knows the agent too little. */
export const LEARNING = 'learning'

/** Looks at one row, already counted into the agent's memory. Pure but for that memory. */
export type Judge = (row: ViewRow, hour: number, agent: Agent) => Finding | typeof LEARNING | undefined

/**
 * Looks at an agent once an hour is over, whether or not a row of it came.
 * @param others - whether something holds of another agent of the tenant; asked at most once a tenant and hour.
 */
export type ClosedJudge = (
  hour: number,
  agent: Agent,
  others: (holds: (other: Agent) => boolean) => boolean,
) => Finding | undefined

/** What a kind measures of an agent hour by hour, and the limit that it sets by it. */
export interface Volume {
  readonly metric: Metric
  readonly totals: Recall<HourlyTotals>
  /** The hours that count as active, as a set of the shared hour sets; without a total, they count as 0. */
  readonly hours: Recall<number>
  readonly needed: HistoryNeeded
  /** The most that is usual, given the active hours of the window. */
  readonly limit: (usual: Usual) => number
}

/** What a kind remembers that a person may look at. */
export interface Shown {
  /** The hours that count as active, as a set of the shared hour sets. */
  readonly hours?: Recall<number>
  readonly volume?: Volume
  /** The values of columns that were seen, several columns as one text. */
  readonly values?: { readonly columns: readonly string[]; readonly of: Recall<SeenValues> }
}

/** Names a kind's parameters in YAML and says what they must be. */
export type ParameterShape = Readonly<Record<string, z.ZodType>>

/** The parameters of a kind as its code sees them. */
export type Parameters<Shape extends ParameterShape> = z.infer<z.ZodObject<Shape>>

/**
 * One sort of detection logic. Everything about it stands in one module: its parameters, what it remembers of
 * an agent, and its meaning in each engine.
 */
export interface Kind<Shape extends ParameterShape = ParameterShape> {
  /** As `kind:` in YAML. */
  readonly name: string
  /** When it alerts, in one sentence. */
  readonly summary: string
  readonly parameters: Shape
  /** The parameters that name columns of the view, with what the column must hold. */
  readonly columns: (parameters: Parameters<Shape>) => readonly ColumnUse[]
  /** The parameters that are conditions, read like `where`. */
  readonly conditions?: readonly string[]
  /** What is wrong between parameters that are each right by themselves. */
  readonly check?: (parameters: Parameters<Shape>) => readonly ParameterProblem[]
  /** Judges rows by themselves: needs no memory, so that no row is too late for it. */
  readonly stateless?: true
  /** Judges row by row, so that its rows can have companions (`after`, `unless`); some kinds are about nothing else. */
  readonly companions?: 'possible' | 'needed'
  /** Placeholders of `expected` that an alert's sentence may use. */
  readonly placeholders: readonly string[]
  /** Type of what was seen, in KQL. */
  readonly observes: KqlType
  /** The same meaning in KQL: see `KindQuery`. */
  readonly kql: (parameters: Parameters<Shape>, scope: QueryScope) => KindQuery
  /** Says what to remember, and gives back how to judge by it. */
  readonly prepare: (parameters: Parameters<Shape>, memory: Memory) => Judge
  /** For what is found when no row comes: judges every agent at each hour that is over. Asks for no more memory. */
  readonly closed?: (parameters: Parameters<Shape>, memory: Memory) => ClosedJudge
  /** What of that can be drawn. Asks for nothing to be remembered that `prepare` does not. */
  readonly shows?: (parameters: Parameters<Shape>, memory: Memory) => Shown
  /** The parameters that can be tuned, with values to try around the present ones. */
  readonly tunables?: (parameters: Parameters<Shape>) => readonly Tunable[]
  /**
   * The arithmetic of an alert from its rows alone, step by step, for a person who checks it; under the names of the
   * placeholders where a step yields one. Without it every row that satisfies the conditions alerts.
   */
  readonly explain?: (parameters: Parameters<Shape>, seen: SeenRows) => readonly Step[]
}

/** A column that a parameter names. */
export interface ColumnUse {
  readonly parameter: string
  readonly column: string
  readonly type?: 'string' | 'number'
}

/** Something wrong with a parameter, in words. */
export interface ParameterProblem {
  readonly parameter: string
  readonly message: string
}

/** Lets the compiler check a kind against its own parameters, and forgets them for the list of all kinds. */
export function defineKind<Shape extends ParameterShape>(kind: Kind<Shape>): Kind {
  return kind as unknown as Kind
}
