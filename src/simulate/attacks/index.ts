import type { Agent } from '../agent.js'
import { Random } from '../random.js'
import { DAY, HOUR } from '../time.js'
import type { World } from '../world.js'
import type { Attack, Plan, Slot } from './attack.js'
import { castVictims } from './casting.js'
import { directoryAttacks } from './directory.js'
import { furtherAttacks } from './further.js'
import { graphAttacks } from './graphCalls.js'
import { riskAttacks } from './risk.js'
import { signInAttacks } from './signIns.js'
import { type Upheaval, upheavals } from './upheavals.js'

/** The attacks of every world; those with the fewest possible victims come first in their tables. */
const firstAttacks: readonly Attack[] = [
  ...signInAttacks,
  ...graphAttacks,
  ...directoryAttacks,
  ...riskAttacks,
]

/** All attacks. */
export const attacks: readonly Attack[] = [...firstAttacks, ...furtherAttacks]

export const attackNames: readonly string[] = attacks.map(({ name }) => name)

/** The attacks of worlds that are too small for the further ones. */
export const firstAttackNames: readonly string[] = firstAttacks.map(({ name }) => name)

/** From so many agents on a world has the further attacks too, and upheavals that are none. */
export const FURTHER_FROM = 50

const isLarge = ({ agents }: World) => agents.length >= FURTHER_FROM

/** An attack with its victim and time. */
export interface Incident extends Plan {
  readonly attack: Attack
  readonly agent: Agent
}

function chosen(names: 'all' | 'none' | readonly string[], world: World): readonly Attack[] {
  if (names === 'all') return isLarge(world) ? attacks : firstAttacks
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

/** Victims and times of some attacks among some agents; each group by a stream of its own. */
function planned<Kind extends Attack>(
  wanted: readonly Kind[],
  world: World,
  agents: readonly Agent[],
  group: string,
) {
  const places = slots(wanted, world, new Random(world.seed, group))
  return Array.from(castVictims(wanted, { ...world, agents }), ([attack, agent]) => {
    const random = new Random(world.seed, 'plan', attack.name, agent.index)
    return { attack, agent, ...attack.plan(agent, places.get(attack)!, random, world) }
  })
}

function without(agents: readonly Agent[], incidents: readonly Incident[]): readonly Agent[] {
  const used = new Set(incidents.map(({ agent }) => agent))
  return agents.filter((agent) => !used.has(agent))
}

const inOrder = <Kind extends Plan>(plans: readonly Kind[]) => plans.toSorted((a, b) => a.from - b.from)

/** The attacks of a simulation, in order of time. The further ones leave the victims of the first as they are. */
export function planIncidents(world: World, names: 'all' | 'none' | readonly string[]): Incident[] {
  const wanted = chosen(names, world)
  const isFirst = (attack: Attack) => firstAttacks.includes(attack)
  const first = planned(wanted.filter(isFirst), world, world.agents, 'slots')
  const rest = wanted.filter((attack) => !isFirst(attack))
  return inOrder([...first, ...planned(rest, world, without(world.agents, first), 'further slots')])
}

/** An upheaval with its agent and time. */
export interface PlannedUpheaval extends Incident {
  readonly attack: Upheaval
}

/** What owners do, in worlds that are large enough, to agents that no attack is done to. */
export function planUpheavals(world: World, incidents: readonly Incident[]): readonly PlannedUpheaval[] {
  if (!isLarge(world)) return []
  const left = without(world.agents, incidents)
  return inOrder(planned(upheavals, world, left, 'upheavals'))
}
