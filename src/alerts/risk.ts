import type { Severity } from './alert.js'

/** How much an agent's alerts of the last days say against it together. */
export const RISK_LEVELS = ['none', 'low', 'medium', 'high'] as const

export type RiskLevel = (typeof RISK_LEVELS)[number]

/** Points of an alert by its severity, while it is new. */
export const RISK_POINTS: Readonly<Record<Severity, number>> = {
  informational: 1,
  low: 10,
  medium: 25,
  high: 50,
}

/** The score from which on a level holds. */
export const LEVEL_FROM: Readonly<Record<RiskLevel, number>> = { none: 0, low: 5, medium: 30, high: 70 }

/** Hours after which an alert counts half. */
export const HALF_LIFE = 72

/** Hours after which it counts nothing: the baseline window, as a rule looks back no further. */
export const RISK_WINDOW = 312

/** Of one detection the weightiest alert hour counts in full, and so many after it count an eighth each. */
export const REPETITIONS = 8

/** Half-lives that begin within the window, but for the first. */
const HALVINGS = Math.ceil(RISK_WINDOW / HALF_LIFE) - 1

/** One point in the units in which is counted: all weights are whole numbers of them. */
export const UNITS_PER_POINT = 2 * HALF_LIFE * 2 ** HALVINGS * REPETITIONS

/** Most reasons that a risk names. */
const MOST_REASONS = 5

/** What one detection contributes. */
export interface RiskReason {
  readonly detection: string
  /** Its part of the score, to a tenth. */
  readonly points: number
}

/** An agent's risk at an hour, as it stands in an alert. */
export interface Risk {
  /** Whole points, from 0 on. */
  readonly score: number
  readonly level: RiskLevel
  /** The detections that contribute most, at most five, most first. */
  readonly reasons: readonly RiskReason[]
}

/** The risk of an agent, to be shown or sent by itself. */
export interface AgentRisk extends Risk {
  readonly tenantId: string
  readonly agentId: string
  readonly agentName?: string
  /** Start of the hour that it holds for. */
  readonly time: string
}

/** What one detection contributes, in units. */
export interface Contribution {
  readonly detection: string
  readonly units: number
}

/**
 * How much an alert counts that is so many hours old, in whole numbers: halves with each half-life and falls in a
 * straight line in between, so that both engines compute it exactly. From 2304 down to 0, never rising.
 */
export function weightOf(age: number): number {
  if (age < 0 || age >= RISK_WINDOW) return 0
  return (2 * HALF_LIFE - (age % HALF_LIFE)) * 2 ** (HALVINGS - Math.floor(age / HALF_LIFE))
}

/** An hour with an alert, seen from a later one. */
export interface AgedAlert {
  readonly severity: Severity
  /** Hours since. */
  readonly age: number
}

/**
 * What the alert hours of one detection contribute, in units: the weightiest in full, the eight after it an eighth
 * each. So the first for a long while adds its full points, one soon after it only an eighth and what the first has
 * lost by then; and none adds more than twice its points. Never less with a further alert.
 */
export function unitsOf(alerts: readonly AgedAlert[]): number {
  const values = alerts
    .map(({ severity, age }) => RISK_POINTS[severity] * weightOf(age))
    .sort((a, b) => b - a)
  const [most = 0, ...others] = values.slice(0, REPETITIONS + 1)
  return others.reduce((sum, value) => sum + value, REPETITIONS * most)
}

/** The sum of contributions, in units. */
export function sumOf(contributions: readonly Contribution[]): number {
  return contributions.reduce((sum, { units }) => sum + units, 0)
}

/** The highest level whose score is reached by so many units. */
export function levelOf(units: number): RiskLevel {
  return RISK_LEVELS.findLast((level) => units >= LEVEL_FROM[level] * UNITS_PER_POINT) ?? 'none'
}

/** `unusual-resource 50, new-network 12.5`. */
export function reasonsText(reasons: readonly RiskReason[]): string {
  return reasons.map(({ detection, points }) => `${detection} ${points}`).join(', ')
}

/** `medium 35`, or nothing where there is no risk to speak of. */
export function riskText(risk: Risk | undefined): string {
  return risk === undefined || risk.level === 'none' ? '' : `${risk.level} ${risk.score}`
}

/** Whole points of so many units. */
export function pointsOf(units: number): number {
  return Math.floor(units / UNITS_PER_POINT)
}

/** The contributions that matter, at most five, most first. */
export function mostOf(contributions: readonly Contribution[]): readonly Contribution[] {
  return [...contributions]
    .sort((a, b) => b.units - a.units || (a.detection < b.detection ? -1 : 1))
    .slice(0, MOST_REASONS)
}

/** A risk from what each detection contributes. */
export function riskOf(contributions: readonly Contribution[]): Risk {
  const units = sumOf(contributions)
  const reasons = mostOf(contributions).map((one) => ({
    detection: one.detection,
    points: Math.round((10 * one.units) / UNITS_PER_POINT) / 10,
  }))
  return { score: pointsOf(units), level: levelOf(units), reasons }
}
