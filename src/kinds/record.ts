import { z } from 'zod'
import { enoughHistory } from '../baselines/history.js'
import type { HourlyTotals } from '../baselines/totals.js'
import { windowStart } from '../baselines/window.js'
import { hourlyText, judgedText, real } from '../kql/measure.js'
import { historyText } from '../kql/query.js'
import { literal } from '../kql/text.js'
import { ascending, historySteps, metricText, totalOf, totalsByHour } from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { checkMetric, history, metric, metricColumns, metricOf } from '../scoring/parameters.js'
import { around, historyTunables } from '../scoring/tunable.js'

const parameters = {
  ...metric,
  floor: z.number().min(0),
  /** Agents that had more than this in some hour of the window are not judged. */
  at_most: z.number().min(0).optional(),
  ...history,
}

/** The largest total of the window's hours; 0 without any. */
function mostOf(totals: HourlyTotals, hour: number): number {
  let most = 0
  for (const [, total] of totals.entries(windowStart(hour), hour)) if (total > most) most = total
  return most
}

const basisOf = (most: number) => `at most ${most} in an hour of the 13 days before`

/**
 * More of something in an hour than in any hour of the window: for what an agent either does or never does, where a
 * median says nothing.
 *
 * Stream: O(1) a row, and O(312) above the floor; remembers a number for each hour.
 */
export const kind = defineKind<typeof parameters>({
  name: 'record',
  summary: 'a metric of the hour exceeds max(floor, the most of any hour of the window)',
  parameters,
  conditions: ['of'],
  columns: metricColumns,
  check: checkMetric,
  placeholders: ['threshold', 'most'],
  observes: 'long',
  kql: (p, scope) => ({
    entity: [],
    text: `${judgedText(p, undefined, p.floor, scope)}
let Hourly = ${hourlyText(p, undefined, scope)};
${historyText('Hourly', p)}
let Before = Hourly
    | summarize Most = max(Total) by TenantId, AgentId;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Before on TenantId, AgentId
| extend Threshold = max_of(${real(p.floor)}, toreal(Most))
| where Observed > Threshold${p.at_most === undefined ? '' : ` and Most <= ${literal(p.at_most)}`}
| extend Basis = strcat("at most ", Most, " in an hour of the 13 days before")`,
  }),
  tunables: (p) => [around('floor', p.floor), ...historyTunables(p)],
  explain: (p, { hour, before, within }) => {
    const observed = totalOf(within, p)
    const totals = [...totalsByHour(before, p).values()]
    const most = Math.max(0, ...totals)
    return [
      { name: 'observed', value: observed, how: `${metricText(p)} within the hour` },
      ...historySteps(before, hour, p),
      { name: 'most', value: most, how: `the largest of the active hours before: ${ascending(totals)}` },
      {
        name: 'threshold',
        value: Math.max(p.floor, most),
        how: `max(floor ${p.floor}, ${most}); ${observed} is more`,
      },
    ]
  },
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    const { of } = metricOf(p)
    const measured = of && memory.stores.holds(of)
    const totalsOf = memory.totals(metricOf(p))
    return (row, hour, agent) => {
      if (measured && !measured(row)) return undefined
      const totals = totalsOf.peek(agent)
      const observed = totals?.at(hour) ?? 0
      if (!totals || observed <= p.floor) return undefined
      if (!enoughHistory(sets, hours(agent), hour, p)) return LEARNING
      const most = mostOf(totals, hour)
      const threshold = Math.max(p.floor, most)
      if (observed <= threshold || most > (p.at_most ?? most)) return undefined
      return { entity: {}, observed, expected: { max: threshold, threshold, most, basis: basisOf(most) } }
    }
  },
})
