import { median } from 'simple-statistics'
import { z } from 'zod'
import { distinctDays } from '../baselines/calendar.js'
import type { EntityTotals } from '../baselines/entity-totals.js'
import { enoughHistory } from '../baselines/history.js'
import { windowStart } from '../baselines/window.js'
import { activeHoursText, hourlyText, judgedText, medianOf, real } from '../kql/measure.js'
import { historyText } from '../kql/query.js'
import {
  activeHours,
  ascending,
  historySteps,
  metricText,
  ofEntity,
  totalOf,
  totalsByHour,
} from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { checkMetric, history, metric, metricColumns, metricOf } from '../scoring/parameters.js'
import { around, historyTunables, near } from '../scoring/tunable.js'
import { valueIn } from '../scoring/values.js'

const parameters = {
  ...metric,
  /** The column that names the resource. */
  by: z.string(),
  floor: z.number().min(0),
  ratio: z.number().min(0),
  /** A resource is rarely used if the agent was active on it on at most this many days of the window. */
  max_days: z.int().min(0).max(13).default(2),
  ...history,
}

/** The totals of every active (resource, hour) of the window. */
function totalsBefore(entities: EntityTotals, hour: number): number[] {
  const totals: number[] = []
  for (const [, series] of entities.all()) {
    for (const [, total] of series.entries(windowStart(hour), hour)) totals.push(total)
  }
  return totals
}

/**
 * A large volume through a resource that the agent hardly uses.
 *
 * Stream: O(1) a row below the floor, O(312 * resources) above it; remembers a number for each resource and hour.
 */
export const kind = defineKind<typeof parameters>({
  name: 'rare_volume',
  summary:
    'a metric of the hour on a rarely used resource exceeds max(floor, ratio * median of all its resources)',
  parameters,
  conditions: ['of'],
  columns: ({ by, ...measure }) => [...metricColumns(measure), { parameter: 'by', column: by }],
  check: (measure) => [
    ...checkMetric(measure),
    ...(measure.metric === 'distinct'
      ? [{ parameter: 'metric', message: 'a volume is a count or a sum, not distinct' }]
      : []),
  ],
  placeholders: ['threshold', 'median', 'days', 'cells'],
  observes: 'long',
  kql: (p, scope) => ({
    entity: [p.by],
    text: `${judgedText(p, p.by, p.floor, scope)}
let Hourly = ${hourlyText(p, p.by, scope)};
${historyText(activeHoursText(), p)}
let Used = Hourly
    | summarize by TenantId, AgentId, ${p.by}, Day = startofday(Hour)
    | summarize Days = count() by TenantId, AgentId, ${p.by};
let Usual = Hourly
    | summarize Totals = array_sort_asc(make_list(Total)), Cells = count() by TenantId, AgentId
    | extend Median = ${medianOf('Totals')};
Judged
| join kind=inner History on TenantId, AgentId
| join kind=leftouter Used on TenantId, AgentId, ${p.by}
| join kind=leftouter Usual on TenantId, AgentId
| extend Days = coalesce(Days, 0), Cells = coalesce(Cells, 0), Median = coalesce(Median, real(0))
| where Days <= ${p.max_days}
| extend Threshold = max_of(${real(p.floor)}, ${real(p.ratio)} * Median)
| where Observed > Threshold
| extend Basis = strcat("used on ", Days, " of the 13 days before; median ", Median, " over ", Cells, " active resource hours")`,
  }),
  tunables: (p) => [
    around('floor', p.floor),
    around('ratio', p.ratio),
    near('max_days', p.max_days, 0, 13),
    ...historyTunables(p),
  ],
  explain: (p, { hour, before, within, entity }) => {
    const observed = totalOf(ofEntity(within, p.by, entity), p)
    const days = distinctDays(activeHours(ofEntity(before, p.by, entity)))
    const resources = new Set(before.map((row) => valueIn(row, p.by)).filter((value) => value !== undefined))
    const totals = [...resources].flatMap((value) => [
      ...totalsByHour(ofEntity(before, p.by, { [p.by]: value }), p).values(),
    ])
    const middle = totals.length === 0 ? 0 : median(totals)
    return [
      { name: 'observed', value: observed, how: `${metricText(p)} of this ${p.by} within the hour` },
      ...historySteps(before, hour, p),
      {
        name: 'days',
        value: days,
        how: `days before on which it was used; at most ${p.max_days} (max_days)`,
      },
      {
        name: 'cells',
        value: totals.length,
        how: `totals of each ${p.by} and active hour: ${ascending(totals)}`,
      },
      { name: 'median', value: middle, how: 'the middle one of these totals, or the mean of the middle two' },
      {
        name: 'threshold',
        value: Math.max(p.floor, p.ratio * middle),
        how: `max(floor ${p.floor}, ratio ${p.ratio} * ${middle}); ${observed} is more`,
      },
    ]
  },
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    const idOf = memory.stores.idOf([p.by])
    const measured = p.of && memory.stores.holds(p.of)
    const totalsBy = memory.totalsBy(metricOf(p), p.by)
    return (row, hour, agent) => {
      if (measured && !measured(row)) return undefined
      const id = idOf(row)
      const series = id === undefined ? undefined : totalsBy(agent).of(id)
      const observed = series?.at(hour) ?? 0
      if (!series || observed <= p.floor) return undefined
      const days = distinctDays(series.entries(windowStart(hour), hour).map(([one]) => one))
      if (days > p.max_days) return undefined
      if (!enoughHistory(sets, hours(agent), hour, p)) return LEARNING
      const before = totalsBefore(totalsBy(agent), hour)
      const middle = before.length === 0 ? 0 : median(before)
      const threshold = Math.max(p.floor, p.ratio * middle)
      if (observed <= threshold) return undefined
      const basis = `used on ${days} of the 13 days before; median ${middle} over ${before.length} active resource hours`
      return {
        entity: { [p.by]: valueIn(row, p.by)! },
        observed,
        expected: { max: threshold, threshold, median: middle, days, cells: before.length, basis },
      }
    }
  },
})
