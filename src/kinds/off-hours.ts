import { z } from 'zod'
import { type DayClass, dayClassOf, dayOf, distinctDays, hourOfDay } from '../baselines/calendar.js'
import { enoughHistory } from '../baselines/history.js'
import type { HourSets } from '../baselines/hours.js'
import { WINDOW_HOURS, windowStart } from '../baselines/window.js'
import { increment } from '../collections.js'
import { countLines } from '../kql/measure.js'
import { historyText } from '../kql/query.js'
import { hourText } from '../records/time.js'
import { activeHours, historySteps } from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { history } from '../scoring/parameters.js'
import { historyTunables, near } from '../scoring/tunable.js'

const parameters = {
  /** Days on which the agent may have been active around this hour without its being usual. */
  tolerance: z.int().min(0).max(13).default(0),
  /** Active days of a class before that class is judged. */
  min_days: z
    .strictObject({ weekday: z.int().min(1).max(9).default(5), weekend: z.int().min(1).max(4).default(2) })
    .default({ weekday: 5, weekend: 2 }),
  /**
   * Odd hours that the agent may have had on such days: hours of the day at which it was active on one day only.
   * An agent with more keeps no hours. At 24, the default, everybody is judged.
   */
  max_odd_hours: z.int().min(0).max(24).default(24),
  /** Rows in the hour from which on the agent counts as active: a single one is hardly worth an alert. */
  min_count: z.int().min(1).max(1_000).default(1),
  ...history,
}

/** What is known of the agent's days of one class, in a window. */
interface Habits {
  readonly days: number
  /** Hours of the day at which it was active on one day only. */
  readonly oddHours: number
}

const DAY_NAMES: Readonly<Record<DayClass, string>> = { weekday: 'weekdays', weekend: 'weekend days' }

function otherClass(dayClass: DayClass): DayClass {
  return dayClass === 'weekday' ? 'weekend' : 'weekday'
}

function twoDigits(hour: number): string {
  return `${String((hour + 24) % 24).padStart(2, '0')}:00`
}

/**
 * On how many days of the window the agent was active at an hour of the same class of day whose hour of day is
 * within one of this hour's; counts no further than `enough`.
 */
function activeDaysNear(sets: HourSets, slot: number, hour: number, enough: number): number {
  const dayClass = dayClassOf(hour)
  let days = 0
  let found = 0
  for (let middle = hour; middle >= hour - WINDOW_HOURS - 1; middle -= 24) {
    for (let near = middle - 1; near <= middle + 1; near++) {
      if (near >= hour || near < windowStart(hour) || !sets.has(slot, near)) continue
      // A bit for each day back: around midnight a day's hours are near two of these middles.
      const day = 1 << (dayOf(hour) - dayOf(near))
      if (dayClassOf(near) !== dayClass || (found & day) !== 0) continue
      found |= day
      if (++days >= enough) return enough
    }
  }
  return days
}

function habitsOf(window: readonly number[], dayClass: DayClass): Habits {
  const hours = window.filter((one) => dayClassOf(one) === dayClass)
  const byClock = new Map<number, number>()
  for (const one of hours) increment(byClock, hourOfDay(one))
  return { days: distinctDays(hours), oddHours: [...byClock.values()].filter((count) => count === 1).length }
}

/** Whether enough days of the class are known, and the agent keeps hours on them. */
function isKnown({ days, oddHours }: Habits, least: number, most: number): boolean {
  return days >= least && oddHours <= most
}

/** From how much history the agent counts as not active at this hour. */
function basisOf(near: number, habits: Habits, other: Habits, hour: number): string {
  const dayClass = dayClassOf(hour)
  const clock = hourOfDay(hour)
  if (habits.days === 0) {
    return `active on ${other.days} ${DAY_NAMES[otherClass(dayClass)]} and on no ${dayClass} of the 13 days before`
  }
  const between = `between ${twoDigits(clock - 1)} and ${twoDigits(clock + 2)} UTC`
  return `active on ${near} of ${habits.days} active ${DAY_NAMES[dayClass]} ${between}`
}

/**
 * Activity at an hour at which the agent is not active on such days, give or take an hour.
 *
 * Stream: O(42) a row, O(312) at an unusual hour; remembers the active hours in one bit each.
 */
export const kind = defineKind<typeof parameters>({
  name: 'off_hours',
  summary: 'the agent is active at an hour of the day at which it was not on such days of the 13 days before',
  parameters,
  columns: () => [],
  placeholders: ['max', 'active_days', 'days', 'hour_of_day', 'day_class'],
  observes: 'string',
  kql: (p, scope) => ({
    entity: ['HourOfDay', 'DayClass'],
    text: `let IsWeekend = dayofweek(Start) in (0d, 6d);
let Clock = hourofday(Start);
let MinDays = iff(IsWeekend, ${p.min_days.weekend}, ${p.min_days.weekday});
let MinOtherDays = iff(IsWeekend, ${p.min_days.weekday}, ${p.min_days.weekend});
let Judged = Rows(Start, End)
    ${countLines('Events', ['TenantId', 'AgentId'], scope.first([])).join('\n    ')}
    | where Events >= ${p.min_count};
let Hours = materialize(Rows(WindowStart, Start)
    | join kind=leftsemi Judged on TenantId, AgentId
    | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h)
    | extend SameClass = (dayofweek(Hour) in (0d, 6d)) == IsWeekend, Day = startofday(Hour));
${historyText('Hours', p)}
let Near = Hours
    | where SameClass and (hourofday(Hour) - Clock + 25) % 24 <= 2
    | distinct TenantId, AgentId, Day
    | summarize ActiveDays = count() by TenantId, AgentId;
let Days = Hours
    | distinct TenantId, AgentId, SameClass, Day
    | summarize Days = countif(SameClass), OtherDays = countif(not(SameClass)) by TenantId, AgentId;
let Odd = Hours
    | summarize HoursAtClock = count() by TenantId, AgentId, SameClass, HourOfDay = hourofday(Hour)
    | summarize OddHours = countif(SameClass and HoursAtClock == 1), OtherOddHours = countif(not(SameClass) and HoursAtClock == 1) by TenantId, AgentId;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Days on TenantId, AgentId
| join kind=inner Odd on TenantId, AgentId
| join kind=leftouter Near on TenantId, AgentId
| extend ActiveDays = coalesce(ActiveDays, 0)
| where ActiveDays <= ${p.tolerance}
| where (Days > 0 and Days >= MinDays and OddHours <= ${p.max_odd_hours})
    or (Days == 0 and OtherDays >= MinOtherDays and OtherOddHours <= ${p.max_odd_hours})
| extend Max = ${p.tolerance}, HourOfDay = Clock, DayClass = iff(IsWeekend, "weekend", "weekday")
| extend Observed = format_datetime(Start, "HH:mm")
| extend Basis = strcat("active around this hour on ", ActiveDays, " of ", Days, " such days among the 13 before, and on ", OtherDays, " others")`,
  }),
  tunables: (p) => [
    near('tolerance', p.tolerance, 0, 13),
    near('min_days.weekday', p.min_days.weekday, 1, 9),
    near('min_days.weekend', p.min_days.weekend, 1, 4),
    near('max_odd_hours', p.max_odd_hours, 0, 24),
    near('min_count', p.min_count, 1, 1_000),
    ...historyTunables(p),
  ],
  explain: (p, { hour, before, within }) => {
    const [clock, dayClass] = [hourOfDay(hour), dayClassOf(hour)]
    const hours = activeHours(before)
    const near = hours.filter(
      (one) => dayClassOf(one) === dayClass && (hourOfDay(one) - clock + 25) % 24 <= 2,
    )
    const [habits, other] = [habitsOf(hours, dayClass), habitsOf(hours, otherClass(dayClass))]
    const judgedBy = habits.days > 0 ? dayClass : otherClass(dayClass)
    return [
      { name: 'observed', value: twoDigits(clock), how: `hour of the day in UTC, on a ${dayClass}` },
      {
        name: 'rows',
        value: within.length,
        how: `rows within the hour; at least ${p.min_count} (min_count)`,
      },
      ...historySteps(before, hour, p),
      { name: 'days', value: habits.days, how: `active ${DAY_NAMES[dayClass]} of the 13 days before` },
      {
        name: 'other_days',
        value: other.days,
        how: `active ${DAY_NAMES[otherClass(dayClass)]}; judged by ${judgedBy}, of which ${p.min_days[judgedBy]} are needed (min_days)`,
      },
      {
        name: 'odd_hours',
        value: (habits.days > 0 ? habits : other).oddHours,
        how: `hours of the day at which it was active on one such day only; at most ${p.max_odd_hours} (max_odd_hours)`,
      },
      {
        name: 'active_days',
        value: distinctDays(near),
        how: `${DAY_NAMES[dayClass]} on which it was active within an hour of ${twoDigits(clock)}: ${near.map(hourText).join(' ') || 'none'}`,
      },
      { name: 'max', value: p.tolerance, how: 'alerts on at most so many (tolerance)' },
    ]
  },
  prepare: (p, memory) => {
    const sets = memory.stores.hours
    const hours = memory.hours()
    const counts =
      p.min_count > 1 ? memory.totals({ metric: 'count', column: undefined, of: undefined }) : undefined
    return (_row, hour, agent) => {
      if (counts && counts(agent).at(hour) < p.min_count) return undefined
      const slot = hours(agent)
      const near = activeDaysNear(sets, slot, hour, p.tolerance + 1)
      if (near > p.tolerance) return undefined
      if (!enoughHistory(sets, slot, hour, p)) return LEARNING
      const dayClass = dayClassOf(hour)
      const window = sets.list(slot, windowStart(hour), hour)
      const habits = habitsOf(window, dayClass)
      const other = habitsOf(window, otherClass(dayClass))
      const known =
        habits.days > 0
          ? isKnown(habits, p.min_days[dayClass], p.max_odd_hours)
          : isKnown(other, p.min_days[otherClass(dayClass)], p.max_odd_hours)
      if (!known) return LEARNING
      const clock = hourOfDay(hour)
      return {
        entity: { hourOfDay: clock, dayClass },
        observed: twoDigits(clock),
        expected: {
          max: p.tolerance,
          active_days: near,
          days: habits.days,
          hour_of_day: twoDigits(clock),
          day_class: dayClass,
          basis: basisOf(near, habits, other, hour),
        },
      }
    }
  },
})
