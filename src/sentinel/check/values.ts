import { RULE_SEVERITIES } from '../rule.js'
import { at, type Check, type Issue } from './check.js'
import { asList, asRecord, type RuleSource, textOf } from './source.js'

const OPERATORS = {
  yaml: ['gt', 'lt', 'eq', 'ne', 'GreaterThan', 'LessThan', 'Equal', 'NotEqual'],
  arm: ['GreaterThan', 'LessThan', 'Equal', 'NotEqual'],
  kql: [],
}
const AGGREGATIONS = ['SingleAlert', 'AlertPerResult']
const MATCHING = ['AllEntities', 'AnyAlert', 'Selected']
const DETAILS = ['DisplayName', 'Severity']

function oneOf(rule: RuleSource, key: string, allowed: readonly string[]): Issue[] {
  const value = textOf(rule, key)
  const odd = value !== undefined && !allowed.includes(value)
  return at(rule, key, odd && `${key} ${value} is none of ${allowed.join(', ')}`)
}

function groupingOf(rule: RuleSource) {
  const base = [...rule.path('incidentConfiguration'), 'groupingConfiguration']
  const grouping = asRecord(asRecord(rule.get('incidentConfiguration')).groupingConfiguration)
  return { base, grouping }
}

function* groupingProblems(rule: RuleSource): Iterable<Issue> {
  const { base, grouping } = groupingOf(rule)
  const { matchingMethod: method } = grouping
  if (typeof method !== 'string') return
  const path = [...base, 'matchingMethod']
  if (!MATCHING.includes(method)) yield { path, message: `${method} is none of ${MATCHING.join(', ')}` }
  const lists = ['groupByEntities', 'groupByAlertDetails', 'groupByCustomDetails'] as const
  if (method === 'Selected' && lists.every((key) => asList(grouping[key]).length === 0)) {
    yield { path, message: 'groups by what is selected, but nothing is selected' }
  }
}

function* groupingNames(rule: RuleSource): Iterable<Issue> {
  const { base, grouping } = groupingOf(rule)
  const mapped = asList(rule.get('entityMappings')).map((one) => asRecord(one).entityType)
  const known: Readonly<Record<string, readonly unknown[]>> = {
    groupByEntities: mapped,
    groupByAlertDetails: DETAILS,
    groupByCustomDetails: Object.keys(asRecord(rule.get('customDetails'))),
  }
  for (const [key, names] of Object.entries(known)) {
    for (const [index, name] of asList(grouping[key]).entries()) {
      if (names.includes(name)) continue
      yield { path: [...base, key, index], message: `${key}: the rule has no ${String(name)} to group by` }
    }
  }
}

/** Values of which there are only a few. */
export const values: readonly Check[] = [
  {
    code: 'bad-severity',
    level: 'error',
    advice: `write one of ${RULE_SEVERITIES.join(', ')}`,
    find: (rule) => oneOf(rule, 'severity', RULE_SEVERITIES),
  },
  {
    code: 'bad-kind',
    level: 'error',
    advice: 'write Scheduled or NRT',
    find: (rule) => oneOf(rule, 'kind', ['Scheduled', 'NRT']),
  },
  {
    code: 'bad-trigger-operator',
    level: 'error',
    advice: 'write gt, lt, eq or ne in YAML; GreaterThan, LessThan, Equal or NotEqual in a template',
    find: (rule) => oneOf(rule, 'triggerOperator', OPERATORS[rule.dialect]),
  },
  {
    code: 'bad-trigger-threshold',
    level: 'error',
    advice: 'write a whole number from 0 to 10000',
    find: (rule) => {
      const value = rule.get('triggerThreshold')
      const odd = typeof value === 'number' && !(Number.isInteger(value) && value >= 0 && value <= 10_000)
      return at(rule, 'triggerThreshold', odd && `the threshold ${value} is out of range`)
    },
  },
  {
    code: 'bad-aggregation',
    level: 'error',
    advice: `write one of ${AGGREGATIONS.join(', ')}`,
    find: (rule) => {
      const { aggregationKind: kind } = asRecord(rule.get('eventGroupingSettings'))
      const odd = typeof kind === 'string' && !AGGREGATIONS.includes(kind)
      const path = [...rule.path('eventGroupingSettings'), 'aggregationKind']
      return odd ? [{ path, message: `aggregationKind ${kind} is none of ${AGGREGATIONS.join(', ')}` }] : []
    },
  },
  {
    code: 'bad-grouping',
    level: 'error',
    advice: 'say how alerts become incidents: AllEntities, AnyAlert, or Selected with what to group by',
    find: groupingProblems,
  },
  {
    code: 'unknown-grouping',
    level: 'error',
    advice: 'group by entities that are mapped, by custom details that are there, by DisplayName or Severity',
    find: groupingNames,
  },
]
