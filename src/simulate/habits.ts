import type { Random } from './random.js'
import { DAY, HOUR, localInstant, MINUTE, SECOND, weekday, type Zone } from './time.js'

/** One piece of work: the agent needs its tokens and makes its calls. */
export interface Run {
  readonly time: number
  /** A fresh process: its token cache is empty. */
  readonly cold: boolean
  /** Multiple of the usual number of calls. */
  readonly load: number
}

/** A calendar day where the agent's people live. */
export interface Day {
  readonly midnight: number
  readonly weekday: number
  readonly weekend: boolean
  readonly holiday: boolean
  readonly monthEnd: boolean
  readonly dayOfYear: number
  at(hours: number): number
}

/** Draws the agent's own parameters once, and returns what it does on a day. */
export type Habit = (traits: Random) => (day: Day, random: Random) => Run[]

export function dayOf(midnight: number, zone: Zone, holidays: ReadonlySet<number>): Day {
  const date = new Date(midnight)
  const lastOfMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)
  const today = weekday(midnight)
  return {
    midnight,
    weekday: today,
    weekend: today === 0 || today === 6,
    holiday: holidays.has(midnight),
    monthEnd: lastOfMonth - midnight <= DAY,
    dayOfYear: Math.floor((midnight - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY),
    at: (hours) => localInstant(zone, midnight, hours),
  }
}

const run = (time: number, load = 1, cold = false): Run => ({ time, cold, load })

/** Runs every `gap` ms, give or take half, from `from` until `to`. */
function series(from: number, to: number, gap: number, load: number, random: Random): Run[] {
  const runs = [run(from, load, true)]
  for (let t = from + gap * random.between(0.5, 1.5); t < to; t += gap * random.between(0.5, 1.5))
    runs.push(run(t, load))
  return runs
}

/** Crash loop: a handful of cold starts within minutes. */
function restart(at: number, random: Random): Run[] {
  return Array.from({ length: random.integer(2, 5) }, (_, i) =>
    run(at + i * random.between(15, 70) * SECOND, 0.5, true),
  )
}

/** Around the clock, with outages of some hours and restarts now and then. */
const poller: Habit = (traits) => {
  const gap = traits.logNormal(40, 0.35) * MINUTE
  const outages = traits.between(0.01, 0.05)
  const restarts = traits.between(0.02, 0.15)
  return (day, random) => {
    const from = day.at(0)
    const quiet = random.chance(outages) ? from + random.between(0, 20) * HOUR : Number.POSITIVE_INFINITY
    const end = quiet + random.between(1.5, 8) * HOUR
    const runs = []
    for (let t = from + random.between(0, gap); t < from + DAY; t += gap * random.between(0.6, 1.4)) {
      if (t < quiet || t > end) runs.push(run(t, day.monthEnd ? 1.4 : 1))
    }
    return random.chance(restarts) ? [...runs, ...restart(from + random.between(0, DAY), random)] : runs
  }
}

/** Follows its people: starts and ends when they do, dips at lunch, and some come early, late or on Saturday. */
const office: Habit = (traits) => {
  const start = traits.between(7, 9.5)
  const length = traits.between(7.5, 9.5)
  const hourly = traits.logNormal(2.2, 0.5)
  const drift = traits.chance(0.3) ? traits.between(-1, 1) / 28 : 0
  const saturdays = traits.chance(0.2) ? traits.between(0.15, 0.5) : 0
  const late = traits.between(0.02, 0.1)
  const first = traits.integer(0, 364)
  return (day, random) => {
    if (day.weekday === 0 || day.holiday) return []
    if (day.weekday === 6) return random.chance(saturdays) ? few(day, random.between(9, 15), random) : []
    const begin = start + drift * ((day.dayOfYear - first) % 28) + random.normal(0, 0.4)
    const end = begin + length + random.normal(0, 0.5)
    const runs: Run[] = []
    for (let h = begin; h < end; h += random.exponential(1 / hourly)) {
      if (h < 12 || h > 13 || random.chance(0.4)) runs.push(run(day.at(h), random.logNormal(1, 0.3)))
    }
    if (random.chance(late)) runs.push(...few(day, random.between(end + 0.5, 22), random))
    return random.chance(0.03) ? [...runs, ...few(day, random.between(5.5, begin), random)] : runs
  }
}

function few(day: Day, hour: number, random: Random): Run[] {
  return Array.from({ length: random.integer(1, 4) }, () => run(day.at(hour + random.between(0, 0.8))))
}

/** A batch that starts with jitter, sometimes an hour late, sometimes fails and runs again. */
function batch(day: Day, start: number, hours: number, gap: number, load: number, random: Random): Run[] {
  const begin = day.at(start + (random.chance(0.05) ? 1 : 0)) + random.normal(0, 8 * MINUTE)
  const runs = series(begin, begin + hours * HOUR * random.logNormal(1, 0.25), gap, load, random)
  if (!random.chance(0.04)) return runs
  const again = begin + random.between(30, 75) * MINUTE + hours * HOUR
  return [...runs, ...series(again, again + hours * HOUR, gap, load, random)]
}

const nightly: Habit = (traits) => {
  const start = traits.between(0.2, 4.5)
  const hours = traits.between(0.3, 2.2)
  const gap = traits.between(5, 16) * MINUTE
  const weekdaysOnly = traits.chance(0.3)
  return (day, random) => {
    if ((weekdaysOnly && day.weekend) || random.chance(0.012)) return []
    return batch(day, start, hours, gap, day.monthEnd ? 2.5 : 1, random)
  }
}

const weekend: Habit = (traits) => {
  const start = traits.between(5, 20)
  const hours = traits.between(0.7, 3)
  return (day, random) => (day.weekend ? batch(day, start, hours, 15 * MINUTE, 1, random) : [])
}

const monday: Habit = (traits) => {
  const start = traits.between(5.5, 9)
  const hours = traits.between(0.5, 2)
  return (day, random) => {
    const due = day.weekday === 1 && !day.holiday
    return due ? batch(day, start, hours, 8 * MINUTE, 1, random) : []
  }
}

/** Driven by events: bursts at any hour, mostly small, now and then very long. */
const bursty: Habit = (traits) => {
  const daily = traits.between(1.2, 5)
  const alpha = traits.between(1.05, 1.6)
  const weekendShare = traits.between(0.1, 1)
  return (day, random) => {
    const bursts = random.poisson(daily * (day.weekend ? weekendShare : 1))
    return Array.from({ length: bursts }, () => burst(day.at(random.between(0, 24)), alpha, random)).flat()
  }
}

function burst(at: number, alpha: number, random: Random): Run[] {
  const length = Math.min(90, Math.floor(random.pareto(1, alpha)))
  let t = at
  return Array.from({ length }, () => {
    t += random.exponential(45 * SECOND)
    return run(t, 0.7)
  })
}

/** Works hard for three days of its quarter and sleeps for the rest. */
const quarterly: Habit = (traits) => {
  const phase = traits.integer(0, 90)
  const hours = traits.between(3, 9)
  return (day, random) =>
    (day.dayOfYear + phase) % 91 < 3 ? batch(day, 8.5, hours, 6 * MINUTE, 3, random) : []
}

export const habits = { poller, office, nightly, weekend, monday, bursty, quarterly } as const
export type HabitName = keyof typeof habits
