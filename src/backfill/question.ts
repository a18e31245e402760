import type { Remembered, Scope } from '../scoring/memory.js'
import type { QueryOf } from './text.js'

/** Something that is asked of a workspace about each slice of time, and what its answers are for. */
export interface Question {
  /** What it is about, in one line. */
  readonly title: string
  readonly query: QueryOf
  readonly view: string
  /** Hours before the end of the backfill from which on it is asked; from its beginning without. */
  readonly hours?: number
  readonly use: Use
}

/**
 * - `sightings`: who was there, under which name, in which hours
 * - `summary`: what a feature remembers
 * - `rows`: rows themselves: those that may be companions of others, and alerts
 */
export type Use =
  | { readonly type: 'sightings' }
  | { readonly type: 'summary'; readonly remembered: Remembered }
  | { readonly type: 'rows'; readonly scope: Scope; readonly remembered: readonly Remembered[] }
