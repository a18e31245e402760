import type { Risk } from './risk.js'

/** How urgent an alert is, in Microsoft Sentinel's words. */
export const SEVERITIES = ['informational', 'low', 'medium', 'high'] as const

export type Severity = (typeof SEVERITIES)[number]

/** A log entry that an alert rests on. */
export interface Evidence {
  readonly table: string
  readonly id?: string
  readonly time: string
}

/** One finding: what a detection saw of an agent in an hour. */
export interface Alert {
  /** Hash of detection, tenant, agent, entity and hour: the same finding has the same id in every run. */
  readonly id: string
  readonly detection: string
  readonly title: string
  readonly severity: Severity
  readonly tenantId: string
  readonly agentId: string
  readonly agentName?: string
  readonly appId?: string
  /** Event time of the first row that raised it. */
  readonly time: string
  /** Start of the hour that it is about. */
  readonly hour: string
  readonly entity: Readonly<Record<string, string | number>>
  readonly observed: string | number
  readonly expected: Readonly<Record<string, string | number>>
  /** What happened, in one sentence. */
  readonly reason: string
  /** Rows of the hour that the finding rests on. */
  readonly count: number
  /** The first of those rows, at most ten. */
  readonly evidence: readonly Evidence[]
  /** What the agent's alerts say together, up to this hour; none where it is about no agent that is remembered. */
  readonly risk?: Risk
  readonly mitre: { readonly tactics: readonly string[]; readonly techniques: readonly string[] }
}

/** Order of alerts in every output: by time, then by id. */
export function compareAlerts(a: Alert, b: Alert): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** Whether one severity is at least as high as another. */
export function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least)
}
