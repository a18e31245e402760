import { namesIn, type TemplatePart } from '../alerts/template.js'
import type { YamlFile } from '../config/yaml.js'
import { COMPANION_FACTS, COMPANION_PREFIX, type ColumnPair, type Companion } from '../scoring/companion.js'
import type { Kind } from '../scoring/kind.js'
import type { View } from '../views/view.js'
import { columnTypes, readCondition } from './conditions.js'
import type { Common, SaidCompanion } from './schema.js'

/** The rows that a detection's own rows must have before them, or must not have. */
export interface Companions {
  readonly after?: Companion | undefined
  readonly unless?: Companion | undefined
}

const WORDS = ['after', 'unless'] as const

/** Reads `after` and `unless`; their problems are noted in the file. */
export function readCompanions(
  yaml: YamlFile,
  said: Common,
  view: View,
  kind: Kind | undefined,
  views: ReadonlyMap<string, View>,
): Companions {
  const named = WORDS.filter((word) => said[word] !== undefined)
  if (kind?.companions === 'needed' && named.length === 0) {
    yaml.report(['kind'], `${kind.name} needs after or unless: the row that comes before, or that does not`)
  }
  if (kind && kind.companions === undefined) {
    for (const word of named)
      yaml.report([word], `${kind.name} measures hours, not rows: it takes no ${word}`)
  }
  return Object.fromEntries(named.map((word) => [word, readCompanion(yaml, word, said[word]!, view, views)]))
}

function readCompanion(
  yaml: YamlFile,
  word: string,
  said: SaidCompanion,
  own: View,
  views: ReadonlyMap<string, View>,
): Companion | undefined {
  const view = views.get(said.view)
  if (!view) {
    yaml.report([word, 'view'], `unknown view ${said.view}; known are ${[...views.keys()].join(', ')}`)
    return undefined
  }
  const where =
    said.where === undefined ? undefined : readCondition(yaml, [word, 'where'], said.where, columnTypes(view))
  const pairs = (key: 'on' | 'differs') => readPairs(yaml, [word, key], said[key], view, own)
  return { view, where, within: said.within, on: pairs('on'), differs: pairs('differs'), shown: [] }
}

function readPairs(
  yaml: YamlFile,
  path: readonly string[],
  said: Readonly<Record<string, string>>,
  view: View,
  own: View,
): ColumnPair[] {
  for (const [theirs, ours] of Object.entries(said)) {
    if (!view.columns.has(theirs)) yaml.report([...path, theirs], `${view.name} has no column ${theirs}`)
    if (!own.columns.has(ours)) yaml.report([...path, theirs], `${own.name} has no column ${ours}`)
  }
  return Object.entries(said).map(([theirs, ours]) => ({ theirs, own: ours }))
}

/** Whether a placeholder stands for something of the companion. */
export function isOfCompanion(name: string, view: View): boolean {
  if (!name.startsWith(COMPANION_PREFIX)) return false
  const column = name.slice(COMPANION_PREFIX.length)
  return view.columns.has(column) || COMPANION_FACTS.some((fact) => fact === column)
}

/** The companion's columns that a sentence names. */
export function shownOf(alert: readonly TemplatePart[]): string[] {
  const columns = namesIn(alert)
    .filter((name) => name.startsWith(COMPANION_PREFIX))
    .map((name) => name.slice(COMPANION_PREFIX.length))
  return [...new Set(columns)].filter((column) => !COMPANION_FACTS.some((fact) => fact === column))
}
