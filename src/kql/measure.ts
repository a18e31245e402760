import type { Condition } from '../where/condition.js'
import { conditionText } from './condition.js'
import type { QueryScope } from './query.js'

/** What is measured, as a kind's parameters say it. */
export interface Measured {
  readonly metric: 'count' | 'sum' | 'distinct'
  readonly column?: string | undefined
  readonly of?: Condition | undefined
}

/** A median as both engines compute it: the mean of the middle two, which are the same for an odd number. */
export function medianOf(sorted: string): string {
  const last = `array_length(${sorted})`
  return `(toreal(${sorted}[(${last} - 1) / 2]) + toreal(${sorted}[${last} / 2])) / 2`
}

/** A number as KQL's `real`, so that no arithmetic with it is that of whole numbers. */
export function real(value: number): string {
  return `real(${value})`
}

const AGENT = ['TenantId', 'AgentId']
const EVENT = ['Type', 'Id']

/** The operators that give rows the entity they belong to, and drop those that belong to none. */
export function entityLines(by: string | undefined, scope: Pick<QueryScope, 'text'>): string[] {
  if (by === undefined) return []
  return [`| extend ${by} = ${scope.text(by)}`, `| where isnotempty(${by})`]
}

/** A statement that binds `Judged` to what the hour shows above the floor, an agent or entity a row, as `Observed`. */
export function judgedText(
  measured: Measured,
  by: string | undefined,
  floor: number,
  scope: QueryScope,
): string {
  const group = [...AGENT, ...(by === undefined ? [] : [by])]
  const lines = [
    'Rows(Start, End)',
    ...(measured.of ? [`| where ${conditionText(measured.of)}`] : []),
    ...entityLines(by, scope),
    ...observedLines(measured, group, scope),
    `| where Observed > ${real(floor)}`,
  ]
  return `let Judged = ${lines.join('\n    ')};`
}

/** What a first step leaves of a group's events to be summed up; see `once`. */
const COPIES = 'sum(iff(isempty(Id), All, Once))'

/**
 * Two aggregates by event: an event that was delivered twice counts once, but those without an id can't be told from
 * each other's second deliveries and count all.
 */
function once(amount: string): string {
  return `Once = take_any(${amount}), All = sum(${amount})`
}

/** The number of rows of a group, second deliveries left out, as `as`: two operators. */
export function countLines(as: string, group: readonly string[], first: string): string[] {
  return [
    `| summarize ${once('tolong(1)')}, ${first} by ${[...group, ...EVENT].join(', ')}`,
    `| summarize ${as} = ${COPIES}, ${first} by ${group.join(', ')}`,
  ]
}

function observedLines(measured: Measured, group: readonly string[], scope: QueryScope): string[] {
  const first = scope.first(group)
  if (measured.metric === 'distinct') {
    const value = scope.text(measured.column ?? '')
    return [
      `| extend Value = ${value}`,
      `| summarize Observed = array_length(make_set_if(Value, isnotempty(Value))), ${first} by ${group.join(', ')}`,
    ]
  }
  return [
    `| summarize ${once(amountText(measured))}, ${first} by ${[...group, ...EVENT].join(', ')}`,
    `| summarize Observed = ${COPIES}, ${first} by ${group.join(', ')}`,
  ]
}

/** An expression with the metric of each active hour of the window, as `Total`; of each entity apart, where there is one. */
export function hourlyText(measured: Measured, by: string | undefined, scope: QueryScope): string {
  const group = [...AGENT, ...(by === undefined ? [] : [by])]
  const lines = [...windowLines(), ...entityLines(by, scope), ...totalLines(measured, group, scope)]
  return `materialize(${lines.join('\n    ')})`
}

/** An expression with the active hours of the judged agents, whatever was measured in them. */
export function activeHoursText(): string {
  return [...windowLines(), '| summarize by TenantId, AgentId, Hour = bin(EventTime, 1h)'].join('\n    ')
}

function windowLines(): string[] {
  return ['Rows(WindowStart, Start)', '| join kind=leftsemi Judged on TenantId, AgentId']
}

/** Operators that leave the metric of each hour of each group as `Total`, in which an event counts once. */
export function totalLines(
  measured: Measured,
  group: readonly string[],
  scope: Pick<QueryScope, 'text'>,
): string[] {
  const holds = measured.of ? conditionText(measured.of) : undefined
  const ifMeasured = (value: string, other: string) =>
    holds === undefined ? value : `iff(${holds}, ${value}, ${other})`
  const hour = 'Hour = bin(EventTime, 1h)'
  if (measured.metric === 'distinct') {
    return [
      `| extend Value = ${ifMeasured(scope.text(measured.column ?? ''), '""')}`,
      `| summarize Total = array_length(make_set_if(Value, isnotempty(Value))) by ${[...group, hour].join(', ')}`,
    ]
  }
  return [
    `| extend Amount = ${ifMeasured(amountText(measured), 'tolong(0)')}`,
    `| summarize ${once('Amount')} by ${[...group, hour, ...EVENT].join(', ')}`,
    `| summarize Total = ${COPIES} by ${[...group, 'Hour'].join(', ')}`,
  ]
}

function amountText({ metric, column }: Measured): string {
  return metric === 'count' ? 'tolong(1)' : `coalesce(${column}, tolong(0))`
}
