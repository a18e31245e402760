import { z } from 'zod'
import { WINDOW_HOURS, windowStart } from '../baselines/window.js'
import { literal, timespan } from '../kql/text.js'
import { hourText } from '../records/time.js'
import { activeHours } from '../scoring/explanation.js'
import { type ClosedJudge, defineKind } from '../scoring/kind.js'
import type { Memory } from '../scoring/memory.js'
import { duration } from '../scoring/parameters.js'
import { lengths, shares } from '../scoring/tunable.js'

const parameters = {
  /** Hours without a row, the judged one included, after which the agent counts as gone. */
  for: duration(312).default(12),
  /** Least share of the window's hours in which the agent was active. */
  share: z.number().min(0).max(1).default(0.8),
}

interface Absence {
  readonly for: number
  readonly share: number
}

/** Active hours from which on an agent counts as one that always works. */
const leastHours = ({ share }: Absence) => share * WINDOW_HOURS

/** An hour as alerts name it: `2026-11-20T03:00Z`. */
const minuteText = (hour: number) => `${hourText(hour).slice(0, 16)}Z`

function basisOf(active: number, last: number): string {
  return `active in ${active} of the ${WINDOW_HOURS} hours before, last at ${minuteText(last)}`
}

/** Looks at the agents whose last active hour lies exactly `for` hours back: so a silence is told once. */
function judgeSilence(p: Absence, memory: Memory): ClosedJudge {
  const sets = memory.stores.hours
  const hours = memory.hours()
  const isActive = (slot: number | undefined, hour: number) => slot !== undefined && sets.has(slot, hour)
  return (hour, agent, others) => {
    const slot = hours.peek(agent)
    const last = hour - p.for
    if (slot === undefined || !sets.has(slot, last)) return undefined
    if (sets.last(slot, last + 1, hour + 1) !== undefined) return undefined
    const active = sets.count(slot, windowStart(hour), hour)
    if (active < leastHours(p) || !others((other) => isActive(hours.peek(other), hour))) return undefined
    const expected = { active_hours: active, last: minuteText(last), basis: basisOf(active, last) }
    return { entity: {}, observed: p.for, expected: { silent_hours: p.for, ...expected } }
  }
}

/**
 * An agent that is nearly always active has had no row for `for` hours, while others of its tenant had some in the last
 * of them: when all are silent, it is the logs that stopped. See `docs/decisions/0011-absent.md`.
 *
 * Stream: O(agents) an hour of event time; remembers the active hours in one bit each.
 */
export const kind = defineKind<typeof parameters>({
  name: 'absent',
  summary: 'an agent that is active in `share` of all hours has been silent for `for`, and others are not',
  parameters,
  columns: () => [],
  placeholders: ['silent_hours', 'active_hours', 'last'],
  observes: 'long',
  kql: (p, scope) => ({
    entity: [],
    whenOver: true,
    text: `let Hours = materialize(Rows(WindowStart, End)
    | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h));
let Working = Hours
    | where Hour == Start
    | summarize by TenantId;
let Silent = Hours
    | summarize LastHour = max(Hour), ActiveHours = count() by TenantId, AgentId
    | where LastHour == Start - ${timespan(p.for)} and ActiveHours >= ${literal(leastHours(p))}
    | join kind=leftsemi Working on TenantId;
Rows(Start - ${timespan(p.for)}, Start - ${timespan(p.for)} + 1h)
| join kind=inner Silent on TenantId, AgentId
| summarize ${scope.first([])} by TenantId, AgentId, LastHour, ActiveHours
| extend SilentHours = tolong(${p.for}), Last = format_datetime(LastHour, "yyyy-MM-dd HH:mm")
| extend Observed = SilentHours
| extend Basis = strcat("active in ", ActiveHours, " of the ${WINDOW_HOURS} hours before, last at ", Last, " UTC")`,
  }),
  tunables: (p) => [lengths('for', p.for, [0.25, 0.5, 1, 2, 4]), shares('share', p.share)],
  explain: (p, { hour, before }) => {
    const hours = activeHours(before)
    const last = hours.at(-1) ?? Number.NaN
    return [
      {
        name: 'active_hours',
        value: hours.length,
        how: `hours with a row, of the ${WINDOW_HOURS} before; at least ${leastHours(p)} are needed (share)`,
      },
      { name: 'last', value: minuteText(last), how: 'the last of them' },
      { name: 'observed', value: hour - last, how: `hours since without a row; alerts at ${p.for} (for)` },
    ]
  },
  prepare: (_p, memory) => {
    memory.hours()
    return () => undefined
  },
  closed: judgeSilence,
})
