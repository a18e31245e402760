import type { Severity } from '../alerts/alert.js'
import type { TemplatePart } from '../alerts/template.js'
import type { Companion } from '../scoring/companion.js'
import type { Kind } from '../scoring/kind.js'
import type { View } from '../views/view.js'
import type { Condition } from '../where/condition.js'

/** One detection, checked and ready for either engine. Plain data, but for its kind. */
export interface Detection {
  readonly id: string
  readonly title: string
  readonly version: string
  readonly severity: Severity
  readonly status: 'draft' | 'stable' | 'retired'
  readonly why: string
  readonly view: View
  readonly kind: Kind
  /** The kind's own parameters; lengths of time in hours, conditions read. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly where: Condition | undefined
  /** A row counts only if there is this one before it. */
  readonly after: Companion | undefined
  /** A row counts only if there is not this one before it. */
  readonly unless: Companion | undefined
  /** The sentence of its alerts. */
  readonly alert: readonly TemplatePart[]
  readonly falsePositives: readonly string[]
  readonly blindSpots: readonly string[]
  /** MITRE ATT&CK: techniques by tactic. */
  readonly attack: ReadonlyMap<string, readonly string[]>
  readonly references: readonly string[]
  /** Why KQL can't express it, if it can't. */
  readonly streamOnly: string | undefined
  /** The YAML file that it comes from. */
  readonly file: string
}
