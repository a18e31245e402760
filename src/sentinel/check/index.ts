import { byPlace } from '../../config/yaml.js'
import { attack } from './attack.js'
import type { Check, Finding, Issue } from './check.js'
import { connectors } from './connectors.js'
import { details } from './details.js'
import { entities } from './entities.js'
import { lint } from './lint.js'
import { names } from './names.js'
import { query } from './query.js'
import { queryFacts } from './query-facts.js'
import { schedule } from './schedule.js'
import { shape } from './shape.js'
import { type RuleSource, textOf } from './source.js'
import { values } from './values.js'
import { valuesInQuery } from './values-in-query.js'

/** Everything that can be wrong with a rule. */
export const CHECKS: readonly Check[] = [
  ...shape,
  ...names,
  ...values,
  ...schedule,
  ...connectors,
  ...attack,
  ...entities,
  ...details,
  ...query,
  ...lint,
  ...valuesInQuery,
]

/** Longer queries than the service takes are not parsed beyond this. */
const MOST_PARSED = 200_000

/** Checks a rule. Returns what was found, in the order of the file. */
export function checkRule(rule: RuleSource): Finding[] {
  const text = textOf(rule, 'query')
  const facts = text !== undefined && text.length <= MOST_PARSED ? queryFacts(text) : undefined
  return CHECKS.flatMap((check) =>
    Array.from(check.find(rule, facts), (issue) => finding(rule, check, issue)),
  ).sort(byPlace)
}

function finding(
  rule: RuleSource,
  { code, level, advice }: Check,
  { path, offset, message }: Issue,
): Finding {
  return { file: rule.file, ...rule.place(path, offset), level, code, message, advice }
}
