import type { Agent } from '../agent.js'
import { Random } from '../random.js'
import { DAY, HOUR } from '../time.js'
import type { World } from '../world.js'
import type { Attack, Plan, Slot } from './attack.js'
import { castVictims } from './casting.js'
import { directoryAttacks } from './directory.js'
import { graphAttacks } from './graphCalls.js'
import { riskAttacks } from './risk.js'
import { signInAttacks } from './signIns.js'

/** All attacks; those with the fewest possible victims come first in their tables. */
export const attacks: readonly Attack[] = [
  ...signInAttacks,
  ...graphAttacks,
  ...directoryAttacks,
  ...riskAttacks,
]

export const attackNames: readonly string[] = attacks.map(({ name }) => name)

/** An attack with its victim and time. */
export interface Incident extends Plan {
  readonly attack: Attack
  readonly agent: Agent
}

function chosen(names: 'all' | 'none' | readonly string[]): readonly Attack[] {
  if (names === 'all') return attacks
  const wanted = names === 'none' ? [] : names
  const unknown = wanted.filter((name) => !attackNames.includes(name))
  if (unknown.length > 0)
    throw new Error(`unknown attack ${unknown.join(', ')}: known are ${attackNames.join(', ')}`)
  return attacks.filter(({ name }) => wanted.includes(name))
}

/** From day 14 where there is history enough, else in the last 15 % of the window; never in its last three hours. */
function bounds(world: World): { earliest: number; latest: number } {
  const length = world.end - world.start
  const latest = world.end - 3 * HOUR
  const earliest = world.start + (length >= 16 * DAY ? 14 * DAY : 0.85 * length)
  return { earliest: Math.min(earliest, latest - Math.min(3 * HOUR, 0.1 * length)), latest }
}

/** Places for the attacks, evenly over the bounds with some jitter; who wakes a sleeper comes late. */
function slots(all: readonly Attack[], world: World, random: Random): Map<Attack, Slot> {
  const { earliest, latest } = bounds(world)
  const order = random.sample(all, all.length).sort((a, b) => Number(isLate(a)) - Number(isLate(b)))
  const step = (latest - earliest) / Math.max(1, order.length)
  return new Map(
    order.map((attack, i) => [
      attack,
      { earliest, latest, around: earliest + (i + random.between(0.1, 0.9)) * step },
    ]),
  )
}

const isLate = (attack: Attack) => attack.name === 'dormant-return'

/** The attacks of a simulation, in order of time. */
export function planIncidents(world: World, names: 'all' | 'none' | readonly string[]): Incident[] {
  const wanted = chosen(names)
  const places = slots(wanted, world, new Random(world.seed, 'slots'))
  const incidents = [...castVictims(wanted, world)].map(([attack, agent]) => {
    const random = new Random(world.seed, 'plan', attack.name, agent.index)
    return { attack, agent, ...attack.plan(agent, places.get(attack)!, random, world) }
  })
  return incidents.sort((a, b) => a.from - b.from)
}
