import { z } from 'zod'
import { type DayClass, dayClassOf, dayOf, distinctDays, hourOfDay } from '../baselines/calendar.js'
import { enoughHistory } from '../baselines/history.js'
import type { HourSets } from '../baselines/hours.js'
import { WINDOW_HOURS, windowStart } from '../baselines/window.js'
import { countLines, real } from '../kql/measure.js'
import { historyText } from '../kql/query.js'
import { timespan } from '../kql/text.js'
import { hourText } from '../records/time.js'
import { activeHours, historySteps, type Step } from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { duration, history } from '../scoring/parameters.js'
import { historyTunables, near, shares, spans } from '../scoring/tunable.js'

const parameters = {
  /** Days on which the agent may have been active around an hour of the day without that hour being usual. */
  tolerance: z.int().min(0).max(13).default(0),
  /** Active days of a class before that class is judged. */
  min_days: z
    .strictObject({ weekday: z.int().min(1).max(9).default(5), weekend: z.int().min(1).max(4).default(2) })
    .default({ weekday: 5, weekend: 2 }),
  /**
   * Share of its active hours that may lie at hours of the day which are not usual. An agent with more keeps no
   * hours. At 1, the default, everybody is judged; with a tolerance of 0 every hour is usual at which it ever was.
   */
  max_unusual: z.number().min(0).max(1).default(1),
  /** How long the agent must not have been active at a usual hour: what follows its work sooner is overtime. */
  rest: duration(24).optional(),
  /** Rows in the hour from which on the agent counts as active: a single one is hardly worth an alert. */
  min_count: z.int().min(1).max(1_000).default(1),
  ...history,
}

/** What is known of the agent's days of one class, in a window. */
interface Habits {
  readonly days: number
  /** Active hours, and those of them at an hour of the day that is not usual. */
  readonly hours: number
  readonly unusual: number
  /** The hours of the day at which, give or take an hour, it was active on more days than the tolerance. */
  readonly usual: ReadonlySet<number>
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

/** The hours of the day around which some hours lie on more days than the tolerance. */
function usualHours(hours: readonly number[], tolerance: number): Set<number> {
  const days = Array.from({ length: 24 }, () => new Set<number>())
  for (const hour of hours) {
    for (const shift of [23, 0, 1]) days[(hourOfDay(hour) + shift) % 24]!.add(dayOf(hour))
  }
  return new Set([...days.keys()].filter((clock) => days[clock]!.size > tolerance))
}

function habitsOf(window: readonly number[], dayClass: DayClass, tolerance: number): Habits {
  const hours = window.filter((one) => dayClassOf(one) === dayClass)
  const usual = usualHours(hours, tolerance)
  const unusual = hours.filter((one) => !usual.has(hourOfDay(one))).length
  return { days: distinctDays(hours), hours: hours.length, unusual, usual }
}

/** Whether enough days of the class are known, and the agent keeps hours on them. */
function isKnown({ days, hours, unusual }: Habits, least: number, share: number): boolean {
  return days >= least && unusual <= share * hours
}

/** Whether the agent worked at a usual hour from `since` on. */
function worked(
  window: readonly number[],
  since: number,
  habits: Readonly<Record<DayClass, Habits>>,
): boolean {
  return window.some((one) => one >= since && habits[dayClassOf(one)].usual.has(hourOfDay(one)))
}

/** A statement that binds `Working` to the agents whose work at a usual hour ended less than `rest` hours ago. */
function workingText(rest: number): string {
  return `let Working = Hours
    | where Hour >= Start - ${timespan(rest)}
    | join kind=leftsemi Usual on TenantId, AgentId, SameClass, HourOfDay
    | distinct TenantId, AgentId;
`
}

/** The step of an explanation that says when the agent last worked. */
function restSteps(
  rest: number | undefined,
  hours: readonly number[],
  ofClass: Readonly<Record<DayClass, Habits>>,
): Step[] {
  if (rest === undefined) return []
  const last = hours.findLast((one) => ofClass[dayClassOf(one)].usual.has(hourOfDay(one)))
  const value = last === undefined ? 'none' : hourText(last)
  return [
    { name: 'last_usual_hour', value, how: `more than ${rest} hours ago; sooner it is overtime (rest)` },
  ]
}

/** From how much history the agent counts as not active at this hour. */
function basisOf(near: number, ofClass: Readonly<Record<DayClass, Habits>>, hour: number): string {
  const dayClass = dayClassOf(hour)
  const clock = hourOfDay(hour)
  const { days } = ofClass[dayClass]
  if (days === 0) {
    const other = otherClass(dayClass)
    return `active on ${ofClass[other].days} ${DAY_NAMES[other]} and on no ${dayClass} of the 13 days before`
  }
  const between = `between ${twoDigits(clock - 1)} and ${twoDigits(clock + 2)} UTC`
  return `active on ${near} of ${days} active ${DAY_NAMES[dayClass]} ${between}`
}

/**
 * Activity at an hour of the day that is not usual: at which, give or take an hour, the agent is not active on such
 * days; and, where `rest` is set, that does not follow its work at a usual hour.
 *
 * Stream: O(42) a row, O(936) at an unusual hour; remembers the active hours in one bit each.
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
    | extend SameClass = (dayofweek(Hour) in (0d, 6d)) == IsWeekend, Day = startofday(Hour), HourOfDay = tolong(hourofday(Hour)));
${historyText('Hours', p)}
let Near = materialize(Hours
    | mv-expand Around = pack_array((HourOfDay + 23) % 24, HourOfDay, (HourOfDay + 1) % 24) to typeof(long)
    | distinct TenantId, AgentId, SameClass, Day, Around
    | summarize ActiveDays = count() by TenantId, AgentId, SameClass, HourOfDay = Around);
let Here = Near
    | where SameClass and HourOfDay == Clock
    | project TenantId, AgentId, ActiveDays;
let Usual = Near
    | where ActiveDays > ${p.tolerance};
let Days = Hours
    | summarize OfDay = count() by TenantId, AgentId, SameClass, Day
    | summarize Days = countif(SameClass), OtherDays = countif(not(SameClass)), ClassHours = sumif(OfDay, SameClass), OtherHours = sumif(OfDay, not(SameClass)) by TenantId, AgentId;
let Unusual = Hours
    | join kind=leftanti Usual on TenantId, AgentId, SameClass, HourOfDay
    | summarize Unusual = countif(SameClass), OtherUnusual = countif(not(SameClass)) by TenantId, AgentId;
${p.rest === undefined ? '' : workingText(p.rest)}Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Days on TenantId, AgentId
| join kind=leftouter Here on TenantId, AgentId
| join kind=leftouter Unusual on TenantId, AgentId
${p.rest === undefined ? '' : '| join kind=leftanti Working on TenantId, AgentId\n'}| extend ActiveDays = coalesce(ActiveDays, 0), Unusual = coalesce(Unusual, 0), OtherUnusual = coalesce(OtherUnusual, 0)
| where ActiveDays <= ${p.tolerance}
| where (Days > 0 and Days >= MinDays and Unusual <= ${real(p.max_unusual)} * ClassHours)
    or (Days == 0 and OtherDays >= MinOtherDays and OtherUnusual <= ${real(p.max_unusual)} * OtherHours)
| extend Max = ${p.tolerance}, HourOfDay = Clock, DayClass = iff(IsWeekend, "weekend", "weekday")
| extend Observed = format_datetime(Start, "HH:mm")
| extend Basis = strcat("active around this hour on ", ActiveDays, " of ", Days, " such days among the 13 before, and on ", OtherDays, " others")`,
  }),
  tunables: (p) => [
    near('tolerance', p.tolerance, 0, 13),
    near('min_days.weekday', p.min_days.weekday, 1, 9),
    near('min_days.weekend', p.min_days.weekend, 1, 4),
    shares('max_unusual', p.max_unusual),
    near('min_count', p.min_count, 1, 1_000),
    ...spans('rest', p.rest, 24),
    ...historyTunables(p),
  ],
  explain: (p, { hour, before, within }) => {
    const [clock, dayClass] = [hourOfDay(hour), dayClassOf(hour)]
    const hours = activeHours(before)
    const near = hours.filter(
      (one) => dayClassOf(one) === dayClass && (hourOfDay(one) - clock + 25) % 24 <= 2,
    )
    const ofClass = {
      weekday: habitsOf(hours, 'weekday', p.tolerance),
      weekend: habitsOf(hours, 'weekend', p.tolerance),
    }
    const [habits, other] = [ofClass[dayClass], ofClass[otherClass(dayClass)]]
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
        name: 'unusual',
        value: ofClass[judgedBy].unusual,
        how: `of its ${ofClass[judgedBy].hours} active hours on ${DAY_NAMES[judgedBy]}, those at an unusual hour of the day; at most ${p.max_unusual} of them (max_unusual)`,
      },
      {
        name: 'active_days',
        value: distinctDays(near),
        how: `${DAY_NAMES[dayClass]} on which it was active within an hour of ${twoDigits(clock)}: ${near.map(hourText).join(' ') || 'none'}`,
      },
      { name: 'max', value: p.tolerance, how: 'alerts on at most so many (tolerance)' },
      ...restSteps(p.rest, hours, ofClass),
    ]
  },
  shows: (_p, memory) => ({ hours: memory.hours() }),
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
      const ofClass = {
        weekday: habitsOf(window, 'weekday', p.tolerance),
        weekend: habitsOf(window, 'weekend', p.tolerance),
      }
      if (p.rest !== undefined && worked(window, hour - p.rest, ofClass)) return undefined
      const judged = ofClass[dayClass].days > 0 ? dayClass : otherClass(dayClass)
      const known = isKnown(ofClass[judged], p.min_days[judged], p.max_unusual)
      if (!known) return LEARNING
      const clock = hourOfDay(hour)
      return {
        entity: { hourOfDay: clock, dayClass },
        observed: twoDigits(clock),
        expected: {
          max: p.tolerance,
          active_days: near,
          days: ofClass[dayClass].days,
          hour_of_day: twoDigits(clock),
          day_class: dayClass,
          basis: basisOf(near, ofClass, hour),
        },
      }
    }
  },
})
