import type { DetectionCurves } from '../tuning/curve.js'

/** A row of the page's list of alerts: numbers of agent and detection, seconds since 1970. */
export type AlertRow = readonly [time: number, detection: number, agent: number, severity: number]

/** How near an agent came to a limit: the hour in which it came nearest, since 1970. */
export type NearRow = readonly [agent: number, observed: number, limit: number, hour: number]

/** What the page knows from its start. `src/report/page/data.js` reads it. */
export interface ReportIndex {
  readonly version: string
  /** When the report was made, in milliseconds since 1970. */
  readonly made: number
  /** First and last hour of what was read, since 1970. */
  readonly span: readonly [first: number, last: number]
  readonly alertsPerBlock: number
  readonly agentsPerBlock: number
  readonly detections: readonly DetectionEntry[]
  readonly sets: readonly { readonly view: string; readonly columns: readonly string[] }[]
  readonly agents: readonly (readonly [tenant: string, id: string, name: string, activeHours: number])[]
  readonly alerts: readonly AlertRow[]
  readonly tuning?: Tuning
  /** Sentences on what is not in the report. */
  readonly missing: readonly string[]
}

/** What other thresholds would have raised. */
export interface Tuning {
  /** The span over which alerts are counted, in seconds since 1970. */
  readonly from: number
  readonly to: number
  /** Whether there are labels, and so recall and precision. */
  readonly labelled: boolean
  readonly detections: readonly DetectionCurves[]
}

/** A detection, with what it measures and how near each agent came to its limit. */
export interface DetectionEntry {
  readonly id: string
  readonly title: string
  readonly severity: string
  readonly kind: string
  readonly why: string
  readonly unit?: string
  readonly near?: readonly NearRow[]
}

/** An agent's measures: by detection the hours, totals and limits; by set the values with first and last hour. */
export interface AgentDetails {
  readonly series: readonly SeriesDetails[]
  readonly values: readonly (readonly [set: number, values: readonly ValueRow[]])[]
}

/** A value, first and last hour in which it was seen, and whether an alert of the agent is about it. */
export type ValueRow = readonly [text: string, first: number, last: number, alerted: 0 | 1]

/** A series: hours as differences, limits as pairs of a value and how often it repeats (-1 where there is none). */
export interface SeriesDetails {
  readonly detection: number
  readonly hours: readonly number[]
  readonly totals: readonly number[]
  readonly limits: readonly number[]
}
