import type { Path } from '../../config/yaml.js'
import type { QueryFacts } from './query-facts.js'
import type { RuleSource } from './source.js'

/** An error keeps a rule from being deployed or from working; a warning says what may go wrong. */
export type Level = 'error' | 'warning'

/** Something that a check found, and where: at a key, or at a character of the text at that key. */
export interface Issue {
  readonly path: Path
  readonly offset?: number
  readonly message: string
}

/** One thing that can be wrong with a rule. */
export interface Check {
  /** Never changes, so that scripts can rely on it. */
  readonly code: string
  readonly level: Level
  /** What to do about it. */
  readonly advice: string
  /** @param query What is known of the rule's query, if it has one. */
  find(rule: RuleSource, query: QueryFacts | undefined): Iterable<Issue>
}

/** A problem with its code and place, ready to be shown. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly level: Level
  readonly code: string
  readonly message: string
  readonly advice: string
}

/** An issue at a key, if something is wrong there. */
export function at(rule: RuleSource, key: string, message: string | false | undefined): Issue[] {
  return message ? [{ path: rule.path(key), message }] : []
}
