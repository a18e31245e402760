import { z } from 'zod'
import { enoughHistory } from '../baselines/history.js'
import { MAD_SCALE, spikeThreshold, type Usual, usual } from '../baselines/statistics.js'
import type { HourlyTotals } from '../baselines/totals.js'
import { windowStart } from '../baselines/window.js'
import { activeHoursText, hourlyText, judgedText, medianOf, real } from '../kql/measure.js'
import { historyText } from '../kql/query.js'
import {
  ascending,
  historySteps,
  metricText,
  ofEntity,
  totalOf,
  totalsByHour,
} from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import type { Agent, Memory } from '../scoring/memory.js'
import { checkMetric, history, type Measure, metric, metricColumns, metricOf } from '../scoring/parameters.js'
import { around, historyTunables } from '../scoring/tunable.js'
import { valueIn } from '../scoring/values.js'
import type { ViewRow } from '../views/view.js'

const parameters = {
  ...metric,
  /** Measures each value of this column by itself. */
  by: z.string().optional(),
  floor: z.number().min(0),
  k: z.number().min(0),
  rel: z.number().min(0).default(0.1),
  ...history,
}

type TotalsOfRow = (row: ViewRow, agent: Agent) => HourlyTotals | undefined

/** The hourly totals that a row belongs to: those of its entity where there is one. */
function recallTotals(memory: Memory, measure: Measure, by: string | undefined): TotalsOfRow {
  if (by === undefined) {
    const totals = memory.totals(metricOf(measure))
    return (_row, agent) => totals.peek(agent)
  }
  const entities = memory.totalsBy(metricOf(measure), by)
  const idOf = memory.stores.idOf([by])
  return (row, agent) => {
    const id = idOf(row)
    return id === undefined ? undefined : entities.peek(agent)?.of(id)
  }
}

/** The totals of the window's active hours; an active hour in which nothing was measured counts as 0. */
function usualTotals(totals: HourlyTotals, hour: number, active: number): Usual | undefined {
  const values = totals.entries(windowStart(hour), hour).map(([, total]) => total)
  while (values.length < active) values.push(0)
  return values.length === 0 ? undefined : usual(values)
}

/**
 * Keeps what is usual of a series for the hour that is being judged: it is fixed when the hour starts but for late
 * rows, and an agent far above its floor would otherwise have it computed for every row.
 */
class KeptUsual {
  readonly #kept = new WeakMap<HourlyTotals, { hour: number; usual: Usual | undefined }>()

  /** What is usual of a series at an hour; `active` is asked only where it is not kept. */
  of(totals: HourlyTotals, hour: number, active: () => number): Usual | undefined {
    const known = this.#kept.get(totals)
    if (known?.hour === hour) return known.usual
    const made = { hour, usual: usualTotals(totals, hour, active()) }
    this.#kept.set(totals, made)
    return made.usual
  }

  /** To be called for a late row: it changed the window of an hour that may be kept. */
  forget(totals: HourlyTotals): void {
    this.#kept.delete(totals)
  }
}

/**
 * Far more of something in an hour than in the agent's other active hours. Of an entity (`by`), those hours
 * count in which that entity was active.
 *
 * Stream: O(1) a row, and O(312) once an hour for an agent above the floor; remembers a number for each hour.
 */
export const kind = defineKind<typeof parameters>({
  name: 'spike',
  summary: 'a metric of the hour exceeds max(floor, median + k * max(1.4826 * MAD, rel * median))',
  parameters,
  conditions: ['of'],
  columns: ({ by, ...measure }) => [
    ...metricColumns(measure),
    ...(by === undefined ? [] : [{ parameter: 'by', column: by }]),
  ],
  check: ({ by, ...measure }) => [
    ...checkMetric(measure),
    ...(by !== undefined && measure.metric === 'distinct'
      ? [{ parameter: 'by', message: 'distinct values are not counted by another column' }]
      : []),
  ],
  placeholders: ['threshold', 'median', 'mad', 'hours'],
  observes: 'long',
  kql: (p, scope) => {
    const entity = p.by === undefined ? [] : [p.by]
    const group = ['TenantId', 'AgentId', ...entity].join(', ')
    return {
      entity,
      text: `${judgedText(p, p.by, p.floor, scope)}
let Hourly = ${hourlyText(p, p.by, scope)};
${historyText(p.by === undefined ? 'Hourly' : activeHoursText(), p)}
let Usual = Hourly
    | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by ${group}
    | extend Median = ${medianOf('Totals')}
    | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
    | extend Mad = ${medianOf('Deviations')};
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on ${group}
| extend Threshold = max_of(${real(p.floor)}, Median + ${real(p.k)} * max_of(1.4826 * Mad, ${real(p.rel)} * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")`,
    }
  },
  shows: (p, memory) => {
    if (p.by !== undefined) return {}
    const totals = memory.totals(metricOf(p))
    const limit = (before: Usual) => spikeThreshold(before, p)
    return { volume: { metric: metricOf(p), totals, hours: memory.hours(), needed: p, limit } }
  },
  tunables: (p) => [around('floor', p.floor), around('k', p.k), around('rel', p.rel), ...historyTunables(p)],
  explain: (p, { hour, before, within, entity }) => {
    const observed = totalOf(ofEntity(within, p.by, entity), p)
    const totals = [...totalsByHour(ofEntity(before, p.by, entity), p).values()]
    const { median, mad, of } = usual(totals)
    const spread = Math.max(MAD_SCALE * mad, p.rel * median)
    const deviations = totals.map((total) => Math.abs(total - median))
    return [
      { name: 'observed', value: observed, how: `${metricText(p)} within the hour` },
      ...historySteps(before, hour, p),
      { name: 'hours', value: of, how: `totals of the active hours before, ascending: ${ascending(totals)}` },
      { name: 'median', value: median, how: 'the middle one of these totals, or the mean of the middle two' },
      { name: 'mad', value: mad, how: `the middle one of their distances from it: ${ascending(deviations)}` },
      { name: 'spread', value: spread, how: `max(${MAD_SCALE} * ${mad}, rel ${p.rel} * ${median})` },
      {
        name: 'threshold',
        value: spikeThreshold({ median, mad, of }, p),
        how: `max(floor ${p.floor}, ${median} + k ${p.k} * ${spread}); ${observed} is more`,
      },
    ]
  },
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    const measured = p.of && memory.stores.holds(p.of)
    const totalsOf = recallTotals(memory, p, p.by)
    const kept = new KeptUsual()
    return (row, hour, agent) => {
      const late = hour < agent.newest
      const counts = !measured || measured(row)
      if (!counts && !late) return undefined
      const totals = totalsOf(row, agent)
      if (late && totals) kept.forget(totals)
      if (!counts) return undefined
      const observed = totals?.at(hour) ?? 0
      if (!totals || observed <= p.floor) return undefined
      if (!enoughHistory(sets, hours(agent), hour, p)) return LEARNING
      const active = () => (p.by === undefined ? sets.count(hours(agent), windowStart(hour), hour) : 0)
      const before = kept.of(totals, hour, active)
      if (!before) return undefined
      const threshold = spikeThreshold(before, p)
      if (observed <= threshold) return undefined
      const basis = `median ${before.median}, MAD ${before.mad} over ${before.of} active hours of the 13 days before`
      return {
        entity: p.by === undefined ? {} : { [p.by]: valueIn(row, p.by) ?? '' },
        observed,
        expected: {
          max: threshold,
          threshold,
          median: before.median,
          mad: before.mad,
          hours: before.of,
          basis,
        },
      }
    }
  },
})
