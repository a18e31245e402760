import { z } from 'zod'
import { windowStart } from '../baselines/window.js'
import { timespan } from '../kql/text.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { duration } from '../scoring/parameters.js'

const parameters = {
  gap: duration(312).default(7 * 24),
  /** Active hours in the window before the silence, below which an agent counts as too little known. */
  min_hours: z.int().min(1).max(312).default(1),
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
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    return (_row, hour, agent) => {
      const slot = hours(agent)
      const last = sets.last(slot, windowStart(hour), hour)
      if (last === undefined || hour - last < p.gap) return undefined
      const active = sets.count(slot, windowStart(hour), hour)
      if (active < p.min_hours) return LEARNING
      const silent = Math.round((hour - last) / 2.4) / 10
      const at = `${new Date(last * 3_600_000).toISOString().slice(0, 13)}:00Z`
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
