import type { Path } from '../../config/yaml.js'
import { at, type Check, type Issue } from './check.js'
import { mappingsOf } from './entities.js'
import type { QueryFacts } from './query-facts.js'
import { asRecord, type RuleSource } from './source.js'

const MOST_DETAILS = 20
const MOST_PLACEHOLDERS = 3
/** Formats of the alert's texts, and how long they may be. */
const FORMATS = { alertDisplayNameFormat: 256, alertDescriptionFormat: 5000 } as const

interface Named {
  readonly path: Path
  readonly offset?: number
  readonly column: string
}

function formatsOf(rule: RuleSource) {
  const override = asRecord(rule.get('alertDetailsOverride'))
  return Object.entries(FORMATS).flatMap(([key, most]) => {
    const text = override[key]
    if (typeof text !== 'string') return []
    const placeholders = Array.from(text.matchAll(/\{\{\s*(.*?)\s*\}\}/g))
    return [{ key, most, text, placeholders, path: [...rule.path('alertDetailsOverride'), key] }]
  })
}

/** All columns that the rule names beside its query. */
function columnsNamed(rule: RuleSource): Named[] {
  const override = Object.entries(asRecord(rule.get('alertDetailsOverride')))
  const details = Object.entries(asRecord(rule.get('customDetails')))
  const found: { path: Path; offset?: number; column: unknown }[] = [
    ...mappingsOf(rule).flatMap(({ fields }) =>
      fields.map(({ path, columnName }) => ({ path: [...path, 'columnName'], column: columnName })),
    ),
    ...details.map(([key, column]) => ({ path: [...rule.path('customDetails'), key], column })),
    ...override
      .filter(([key]) => key.endsWith('ColumnName'))
      .map(([key, column]) => ({ path: [...rule.path('alertDetailsOverride'), key], column })),
    ...formatsOf(rule).flatMap(({ path, placeholders }) =>
      placeholders.map((match) => ({ path, offset: match.index, column: match[1] })),
    ),
  ]
  return found.filter((one): one is Named => typeof one.column === 'string')
}

function* missingColumns(rule: RuleSource, query: QueryFacts | undefined): Iterable<Issue> {
  const known = query?.resultColumns
  // After a mistake the binder's idea of the result is a guess.
  if (!known || query.diagnostics.some(({ severity }) => severity === 'error')) return
  for (const { column, ...place } of columnsNamed(rule)) {
    if (known.has(column)) continue
    const twin = [...known].find((one) => one.toLowerCase() === column.toLowerCase())
    const hint = twin === undefined ? '' : `; it has ${twin}`
    yield { ...place, message: `the query's result has no column ${column}${hint}` }
  }
}

function* detailNames(rule: RuleSource): Iterable<Issue> {
  for (const [key, column] of Object.entries(asRecord(rule.get('customDetails')))) {
    const path = [...rule.path('customDetails'), key]
    if (!/^[a-zA-Z]\w{0,19}$/.test(key))
      yield { path, message: `${key} can't be the name of a custom detail` }
    if (typeof column === 'string' && !/^[a-zA-Z_]\w{0,499}$/.test(column)) {
      yield { path, message: `${column} can't be the name of a column` }
    }
  }
}

/** What an alert shows. */
export const details: readonly Check[] = [
  {
    code: 'detail-count',
    level: 'error',
    advice: `leave ${MOST_DETAILS} custom details at most`,
    find: (rule) => {
      const { length } = Object.keys(asRecord(rule.get('customDetails')))
      return at(rule, 'customDetails', length > MOST_DETAILS && `there are ${length} custom details`)
    },
  },
  {
    code: 'detail-name',
    level: 'error',
    advice: 'use a letter and at most 19 more letters, digits or underscores',
    find: detailNames,
  },
  {
    code: 'override-length',
    level: 'error',
    advice: 'shorten the format',
    find: (rule) =>
      formatsOf(rule)
        .filter(({ text, most }) => text.length < 1 || text.length > most)
        .map(({ path, key, text, most }) => ({
          path,
          message: `${key} must have 1 to ${most} characters, it has ${text.length}`,
        })),
  },
  {
    code: 'placeholder-count',
    level: 'error',
    advice: 'put the sentence together in the query and show that column',
    find: (rule) =>
      formatsOf(rule)
        .filter(({ placeholders }) => placeholders.length > MOST_PLACEHOLDERS)
        .map(({ path, key, placeholders }) => ({
          path,
          message: `${key} has ${placeholders.length} placeholders, ${MOST_PLACEHOLDERS} are allowed`,
        })),
  },
  {
    code: 'missing-column',
    level: 'error',
    advice: "name a column of the query's result, or add the column to the query",
    find: missingColumns,
  },
]
