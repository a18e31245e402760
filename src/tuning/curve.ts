/** What a detection raises with one parameter at one value. */
export interface CurvePoint {
  /** As YAML has it: `7d` for a length of time. */
  readonly value: string | number
  readonly alerts: number
  readonly perDay: number
  /** With labels only: see `Quality`. */
  readonly recall?: number | undefined
  readonly precision?: number | undefined
  readonly isNow: boolean
  readonly isProposed: boolean
}

/** One parameter of a detection at all values that were tried and at the present one, ascending. */
export interface Curve {
  readonly parameter: string
  readonly points: readonly CurvePoint[]
  /** Area under the precision-recall curve; with labels only. */
  readonly area?: number | undefined
}

/** What a sweep found of one detection. */
export interface DetectionCurves {
  readonly detection: string
  readonly perDay: number
  readonly curves: readonly Curve[]
}
