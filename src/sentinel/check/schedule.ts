import { kindOf, type SyntaxNode, typeOf, walk } from '../../kql/syntax.js'
import { parseIso, parseShort, shortDuration } from '../duration.js'
import { at, type Check, type Issue } from './check.js'
import type { QueryFacts } from './query-facts.js'
import { asRecord, type RuleSource, textOf } from './source.js'

const HOUR = 60
const DAY = 24 * HOUR
/** Bounds of frequency and period, in minutes. */
const LEAST = 5
const MOST = 14 * DAY
/** A rule that runs more often than hourly may look back this far. */
const MOST_OFTEN = 48 * HOUR

function minutesOf(rule: RuleSource, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return rule.dialect === 'arm' ? parseIso(text) : parseShort(text)
}

const minutes = (rule: RuleSource, key: string) => minutesOf(rule, textOf(rule, key))

function* formatProblems(rule: RuleSource): Iterable<Issue> {
  for (const key of ['queryFrequency', 'queryPeriod', 'suppressionDuration']) {
    const text = textOf(rule, key)
    if (text === undefined || minutesOf(rule, text) !== undefined) continue
    yield { path: rule.path(key), message: `${key} ${text} is no length of time` }
  }
  const { lookbackDuration } = asRecord(asRecord(rule.get('incidentConfiguration')).groupingConfiguration)
  // The rule repository takes either form here.
  if (typeof lookbackDuration !== 'string' || (parseIso(lookbackDuration) ?? parseShort(lookbackDuration)))
    return
  const path = [...rule.path('incidentConfiguration'), 'groupingConfiguration', 'lookbackDuration']
  yield { path, message: `lookbackDuration ${lookbackDuration} is no length of time` }
}

function rangeProblems(rule: RuleSource): Issue[] {
  return ['queryFrequency', 'queryPeriod'].flatMap((key) => {
    const value = minutes(rule, key)
    const odd = value !== undefined && (value < LEAST || value > MOST)
    return at(rule, key, odd && `${key} must be 5m to 14d, it is ${shortDuration(value)}`)
  })
}

function groupingRange(rule: RuleSource): Issue[] {
  const { lookbackDuration } = asRecord(asRecord(rule.get('incidentConfiguration')).groupingConfiguration)
  if (typeof lookbackDuration !== 'string') return []
  const value = parseIso(lookbackDuration) ?? parseShort(lookbackDuration)
  if (value === undefined || (value >= LEAST && value <= 7 * DAY)) return []
  const path = [...rule.path('incidentConfiguration'), 'groupingConfiguration', 'lookbackDuration']
  return [{ path, message: `alerts are grouped within 5m to 7d, not ${shortDuration(value)}` }]
}

/** Both, where both can be read. */
function times(rule: RuleSource): { frequency: number; period: number } | undefined {
  const [frequency, period] = [minutes(rule, 'queryFrequency'), minutes(rule, 'queryPeriod')]
  return frequency === undefined || period === undefined ? undefined : { frequency, period }
}

/** Whether some condition is about a time: a column of it, or when a row came in. */
function limitsTime({ root, strangers }: QueryFacts): boolean {
  let found = strangers.length > 0
  const isTime = (node: SyntaxNode) =>
    ['NameReference', 'FunctionCallExpression'].includes(kindOf(node)) && typeOf(node) === 'datetime'
  walk(root, (node) => {
    if (found || kindOf(node) !== 'FilterOperator') return
    walk(node, (part) => {
      found ||= isTime(part)
    })
  })
  return found
}

/** When a rule runs and how far it looks back. */
export const schedule: readonly Check[] = [
  {
    code: 'bad-duration',
    level: 'error',
    advice: 'write lengths of time like 1h or 14d in YAML, like PT1H or P14D in a template',
    find: formatProblems,
  },
  {
    code: 'duration-range',
    level: 'error',
    advice: 'choose a length of time that the service takes',
    find: (rule) => [...rangeProblems(rule), ...groupingRange(rule)],
  },
  {
    code: 'period-below-frequency',
    level: 'error',
    advice: 'look back at least as far as the last run lies, or events between runs are never seen',
    find: (rule) => {
      const time = times(rule)
      const odd = time && time.period < time.frequency
      const message =
        odd && `looks back ${shortDuration(time.period)}, runs every ${shortDuration(time.frequency)}`
      return at(rule, 'queryPeriod', message)
    },
  },
  {
    code: 'long-period-too-often',
    level: 'error',
    advice: 'run hourly or less often, or look back 48 hours at most',
    find: (rule) => {
      const time = times(rule)
      const odd = time && time.frequency < HOUR && time.period > MOST_OFTEN
      const message = odd && `looks back ${shortDuration(time.period)} every ${shortDuration(time.frequency)}`
      return at(rule, 'queryPeriod', message)
    },
  },
  {
    code: 'no-time-filter',
    level: 'warning',
    advice: 'let the query keep to what is new, or look back no further than the last run',
    find: (rule, query) => {
      const time = times(rule)
      const odd = time && query && time.period > time.frequency && !limitsTime(query)
      const message =
        odd &&
        `no condition is about time, so each event is found again every ${shortDuration(time.frequency)} for ${shortDuration(time.period)}`
      return at(rule, 'query', message)
    },
  },
]
