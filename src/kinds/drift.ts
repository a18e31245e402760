import { median } from 'simple-statistics'
import { z } from 'zod'
import { dayOf } from '../baselines/calendar.js'
import type { HourlyTotals } from '../baselines/totals.js'
import { hourlyText, medianOf, real } from '../kql/measure.js'
import { ascending, metricText, totalsByHour } from '../scoring/explanation.js'
import { defineKind, type Finding, type Judge } from '../scoring/kind.js'
import type { Agent } from '../scoring/memory.js'
import { checkMetric, metric, metricColumns, metricOf } from '../scoring/parameters.js'
import { around, near } from '../scoring/tunable.js'

/** Days that are looked at, and the days before that they are compared with. */
const RECENT = 3
const BEFORE = 7

const parameters = {
  ...metric,
  floor: z.number().min(0),
  /** How many times the median of the week before the median of the last days must be. */
  ratio: z.number().min(0).default(3),
  /** Least active days among the last three, and among the seven before them. */
  min_days: z
    .strictObject({
      recent: z.int().min(1).max(RECENT).default(2),
      before: z.int().min(1).max(BEFORE).default(4),
    })
    .default({ recent: 2, before: 4 }),
}

interface Limits {
  readonly floor: number
  readonly ratio: number
  readonly min_days: { readonly recent: number; readonly before: number }
}

/** The middle of the last days and of the week before them, and the limit for the former. */
interface Drift {
  readonly observed: number
  readonly median: number
  readonly threshold: number
}

/** The totals of the active days of `[from, to)`. */
function totalsOf(days: ReadonlyMap<number, number>, from: number, to: number): number[] {
  return Array.from(days).flatMap(([day, total]) => (day >= from && day < to ? total : []))
}

/** What has drifted by the beginning of a day, if anything. */
function driftAt(days: ReadonlyMap<number, number>, day: number, p: Limits): Drift | undefined {
  const recent = totalsOf(days, day - RECENT, day)
  const before = totalsOf(days, day - RECENT - BEFORE, day - RECENT)
  if (recent.length < p.min_days.recent || before.length < p.min_days.before) return undefined
  const middle = median(before)
  const threshold = Math.max(p.floor, p.ratio * middle)
  const observed = median(recent)
  return observed > threshold ? { observed, median: middle, threshold } : undefined
}

/** What was measured on each active day; active hours without a total count 0. */
function daily(active: readonly number[], totals: HourlyTotals | undefined): Map<number, number> {
  const days = new Map(active.map((hour) => [dayOf(hour), 0]))
  const [first, last] = [active[0] ?? 0, (active.at(-1) ?? -1) + 1]
  for (const [hour, total] of totals?.entries(first, last) ?? [])
    days.set(dayOf(hour), (days.get(dayOf(hour)) ?? 0) + total)
  return days
}

const basisOf = (middle: number) => `median ${middle} a day of the ${BEFORE} days before the last ${RECENT}`

/** A judgement that the hour and what came before it decide is made once, and anew after a late row. */
function oncePerHour(judge: (hour: number, agent: Agent) => Finding | undefined): Judge {
  const kept = new WeakMap<Agent, { readonly hour: number; readonly finding: Finding | undefined }>()
  return (_row, hour, agent) => {
    if (hour < agent.newest) kept.delete(agent)
    const known = kept.get(agent)
    if (known?.hour === hour) return known.finding
    const finding = judge(hour, agent)
    kept.set(agent, { hour, finding })
    return finding
  }
}

/** Operators that leave the agents that have drifted by the beginning of the day `Till`. */
const driftText = (p: Limits) => `let Drift = (Till: datetime) {
    Daily
    | where Day >= Till - ${RECENT + BEFORE}d and Day < Till
    | summarize Recent = array_sort_asc(make_list_if(Total, Day >= Till - ${RECENT}d)),
        Before = array_sort_asc(make_list_if(Total, Day < Till - ${RECENT}d)) by TenantId, AgentId
    | where array_length(Recent) >= ${p.min_days.recent} and array_length(Before) >= ${p.min_days.before}
    | extend Observed = ${medianOf('Recent')}, Median = ${medianOf('Before')}
    | extend Threshold = max_of(${real(p.floor)}, ${real(p.ratio)} * Median)
    | where Observed > Threshold
};`

/**
 * The median of the last three days lies far above that of the week before them, in UTC and of days with a row. Judged at
 * the first active hour of a day, and told on the first such day only.
 *
 * Stream: O(24) a row, and O(312) in the first active hour of a day; remembers a number for each hour.
 */
export const kind = defineKind<typeof parameters>({
  name: 'drift',
  summary:
    'the median of the last three days exceeds max(floor, ratio * median of the week before), and did not the day before',
  parameters,
  conditions: ['of'],
  columns: metricColumns,
  check: checkMetric,
  placeholders: ['threshold', 'median'],
  observes: 'real',
  kql: (p, scope) => ({
    entity: [],
    text: `let Today = startofday(Start);
let Judged = Rows(Start, End)
    | summarize ${scope.first([])} by TenantId, AgentId;
let Hourly = ${hourlyText(p, undefined, scope)};
let Daily = Hourly
    | summarize Total = sum(Total) by TenantId, AgentId, Day = startofday(Hour);
${driftText(p)}
Judged
| join kind=leftanti (Daily | where Day == Today) on TenantId, AgentId
| join kind=leftanti (Drift(Today - 1d)) on TenantId, AgentId
| join kind=inner (Drift(Today)) on TenantId, AgentId
| extend Basis = strcat("median ", Median, " a day of the ${BEFORE} days before the last ${RECENT}")`,
  }),
  tunables: (p) => [
    around('floor', p.floor),
    around('ratio', p.ratio),
    near('min_days.recent', p.min_days.recent, 1, RECENT),
    near('min_days.before', p.min_days.before, 1, BEFORE),
  ],
  explain: (p, { hour, before }) => {
    const today = dayOf(hour)
    const days = new Map<number, number>()
    for (const [one, total] of totalsByHour(before, p))
      days.set(dayOf(one), (days.get(dayOf(one)) ?? 0) + total)
    const recent = totalsOf(days, today - RECENT, today)
    const week = totalsOf(days, today - RECENT - BEFORE, today - RECENT)
    const [observed, middle] = [median(recent), median(week)]
    const threshold = Math.max(p.floor, p.ratio * middle)
    return [
      {
        name: 'observed',
        value: observed,
        how: `${metricText(p)}, the middle one of the last ${RECENT} days: ${ascending(recent)}`,
      },
      { name: 'median', value: middle, how: `the same of the ${BEFORE} days before: ${ascending(week)}` },
      {
        name: 'threshold',
        value: threshold,
        how: `max(floor ${p.floor}, ratio ${p.ratio} * ${middle}); ${observed} is more, and was not the day before`,
      },
    ]
  },
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    const totals = memory.totals(metricOf(p))
    const judge = (hour: number, agent: Agent): Finding | undefined => {
      const today = dayOf(hour)
      const slot = hours(agent)
      if (sets.last(slot, today * 24, hour) !== undefined) return undefined
      const active = sets.list(slot, (today - 1 - RECENT - BEFORE) * 24, today * 24)
      const days = daily(active, totals.peek(agent))
      const drift = driftAt(days, today, p)
      if (drift === undefined || driftAt(days, today - 1, p) !== undefined) return undefined
      const { observed, median: middle, threshold } = drift
      return {
        entity: {},
        observed,
        expected: { max: threshold, threshold, median: middle, basis: basisOf(middle) },
      }
    }
    return oncePerHour(judge)
  },
})
