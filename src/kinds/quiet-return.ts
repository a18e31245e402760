import { z } from 'zod'
import { windowStart } from '../baselines/window.js'
import { timespan } from '../kql/text.js'
import { hourText } from '../records/time.js'
import { activeHours } from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { duration } from '../scoring/parameters.js'
import { lengths, wholeAround } from '../scoring/tunable.js'

const parameters = {
  gap: duration(312).default(7 * 24),
  /** Active hours in the window before the silence, below which an agent counts as too little known. */
  min_hours: z.int().min(1).max(312).default(1),
}

/** Hours of silence in days, to a tenth. */
function silentDays(hours: number): number {
  return Math.round(hours / 2.4) / 10
}

/** An hour as alerts name it: `2026-11-20T03:00Z`. */
function minuteText(hour: number): string {
  return `${hourText(hour).slice(0, 16)}Z`
}

/**
 * The agent is active again after a silence within the baseline window.
 *
 * Stream: O(312) a row at worst; remembers the active hours in one bit each.
 */
export const kind = defineKind<typeof parameters>({
  name: 'quiet_return',
  summary: 'the agent is active after at least `gap` without any activity',
  parameters,
  columns: () => [],
  placeholders: ['gap_days', 'silent_days', 'last'],
  observes: 'real',
  kql: (p, scope) => ({
    entity: [],
    text: `let Judged = Rows(Start, End)
    | summarize ${scope.first([])} by TenantId, AgentId;
let Hours = Rows(WindowStart, Start)
    | join kind=leftsemi Judged on TenantId, AgentId
    | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h);
let Silent = Hours
    | summarize LastHour = max(Hour), ActiveHours = count() by TenantId, AgentId
    | where Start - LastHour >= ${timespan(p.gap)} and ActiveHours >= ${p.min_hours};
Judged
| join kind=inner Silent on TenantId, AgentId
| extend GapDays = ${p.gap / 24}, SilentDays = round((Start - LastHour) / 1d, 1), Last = format_datetime(LastHour, "yyyy-MM-dd HH:mm")
| extend Observed = SilentDays
| extend Basis = strcat("last active at ", Last, " UTC, in ", ActiveHours, " hours of the 13 days before")`,
  }),
  tunables: (p) => [lengths('gap', p.gap, [2, 3, 5, 7, 10]), wholeAround('min_hours', p.min_hours, 1, 312)],
  explain: (p, { hour, before }) => {
    const hours = activeHours(before)
    const last = hours.at(-1) ?? Number.NaN
    const silent = silentDays(hour - last)
    return [
      { name: 'observed', value: silent, how: 'silent_days' },
      {
        name: 'active_hours',
        value: hours.length,
        how: `hours with a row before; at least ${p.min_hours} are needed`,
      },
      { name: 'last', value: minuteText(last), how: 'the last of them' },
      { name: 'silent_days', value: silent, how: `${hour - last} hours until this one, in days` },
      { name: 'gap_days', value: p.gap / 24, how: `alerts from ${p.gap} hours on (gap)` },
    ]
  },
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    return (_row, hour, agent) => {
      const slot = hours(agent)
      const last = sets.last(slot, windowStart(hour), hour)
      if (last === undefined || hour - last < p.gap) return undefined
      const active = sets.count(slot, windowStart(hour), hour)
      if (active < p.min_hours) return LEARNING
      const silent = silentDays(hour - last)
      const at = minuteText(last)
      return {
        entity: {},
        observed: silent,
        expected: {
          gap_days: p.gap / 24,
          silent_days: silent,
          last: at,
          basis: `last active at ${at}, in ${active} hours of the 13 days before`,
        },
      }
    }
  },
})
