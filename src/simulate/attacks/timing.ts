import type { Agent } from '../agent.js'
import type { Random } from '../random.js'
import { DAY, HOUR, isWeekend, localInstant, MINUTE } from '../time.js'
import { plannedRuns } from '../traffic.js'
import type { World } from '../world.js'
import type { Plan, Slot } from './attack.js'

/** The midnights (UTC) of the slot's days, from the day of `around` on, then backwards from there. */
function daysOf(slot: Slot): number[] {
  const midnight = (time: number) => time - (((time % DAY) + DAY) % DAY)
  const days = []
  for (let day = midnight(slot.earliest) - DAY; day <= slot.latest; day += DAY) days.push(day)
  const later = days.filter((day) => day >= midnight(slot.around))
  return [...later, ...days.filter((day) => day < midnight(slot.around)).reverse()]
}

/** From `at` for `length` ms, moved back if it would outlast the slot. */
export function lasting(at: number, length: number, slot: Slot): Plan {
  const from = Math.floor(
    Math.max(Math.min(at, slot.latest - length), Math.min(slot.earliest, slot.latest - length)),
  )
  return { from, to: Math.floor(from + length) }
}

/** When the agent works anyway: from one of its own runs on, or at `around` if it has none in the slot. */
export function duringWork(agent: Agent, world: World, slot: Slot, length: number, random: Random): Plan {
  for (const day of daysOf(slot)) {
    const runs = plannedRuns(world, agent, day).filter(
      ({ time }) => time >= slot.earliest && time + length <= slot.latest,
    )
    if (runs.length > 0) return lasting(random.pick(runs).time, length, slot)
  }
  return lasting(slot.around, length, slot)
}

/** At three in the morning of a weekday where the agent's people live. */
export function atNight(agent: Agent, slot: Slot, random: Random): Plan {
  const length = random.between(70, 115) * MINUTE
  const nights = daysOf(slot)
    .filter((day) => !isWeekend(day))
    .map((day) => localInstant(agent.zone, day, 3) + random.between(0, 10) * MINUTE)
  const night = nights.find((from) => from >= slot.earliest && from + length <= slot.latest)
  return lasting(night ?? slot.around, length, slot)
}

/** Silent for ten to eleven days, less in a short window, until one of its own runs. */
export function afterRest(agent: Agent, world: World, slot: Slot, random: Random): Plan {
  const { from, to } = duringWork(agent, world, slot, 3 * HOUR, random)
  const gap = Math.min(random.between(10.2, 11.2) * DAY, (from - world.start) * 0.6)
  return { from, to, silence: { from: from - gap, to: from } }
}
