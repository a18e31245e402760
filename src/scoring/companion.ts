import type { View, ViewRow } from '../views/view.js'
import type { Condition } from '../where/condition.js'
import { valueIn } from './values.js'

/** A column of the companion's row, and the one of the detection's own row that it is compared with. */
export interface ColumnPair {
  readonly theirs: string
  readonly own: string
}

/**
 * Another row that a detection's row must have, or must not have, before it: see
 * `docs/decisions/0008-pair.md` for the exact meaning.
 */
export interface Companion {
  readonly view: View
  readonly where: Condition | undefined
  /** Hours that it may lie before the row, from 1 to 312. */
  readonly within: number
  /** Columns that must hold the same value, case ignored. */
  readonly on: readonly ColumnPair[]
  /** Columns that must hold different values, case ignored. */
  readonly differs: readonly ColumnPair[]
  /** Its columns that the alert's sentence names. */
  readonly shown: readonly string[]
}

/** A detection's own rows, and the companions that they must have or lack. */
export interface Accompaniment {
  readonly view: View
  readonly after: Companion | undefined
  readonly unless: Companion | undefined
}

/** Placeholders of an alert's sentence that stand for the companion begin like this. */
export const COMPANION_PREFIX = 'after.'

/** What a sentence may name of a companion beside its columns: how long before the row it came. */
export const COMPANION_FACTS = ['minutes'] as const

/** A column's value as companions are compared: a text that ignores case, or nothing. */
export function comparable(row: ViewRow, column: string): string | undefined {
  const value = valueIn(row, column)
  return value === undefined ? undefined : String(value).toLowerCase()
}

/**
 * Whether rows of the two views are of one agent also by their application. The audit log names the object id of
 * an application where sign-ins have that of its service principal.
 */
export function joinsByApplication(one: View, other: View): boolean {
  return [one, other].some(({ sources }) => sources.some(({ table }) => table.name === 'AuditLogs'))
}

/** The ids by which a row finds its agent's companions: the agent's, and its application's where that counts. */
export function meetingIds(row: ViewRow, byApplication: boolean): readonly string[] {
  const { AgentId, AppId } = row
  return byApplication && AppId !== undefined && AppId !== AgentId ? [AgentId, AppId] : [AgentId]
}
