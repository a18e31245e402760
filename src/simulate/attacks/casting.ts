import type { Agent } from '../agent.js'
import { Random } from '../random.js'
import type { World } from '../world.js'
import type { Attack } from './attack.js'
import { isDaily } from './victims.js'

/** Agents in an order of the attack's own, which an added agent does not upset. */
function candidates(attack: Attack, world: World, accepts: (agent: Agent) => boolean): Agent[] {
  const rank = (agent: Agent) => new Random(world.seed, 'attack', attack.name, agent.index).next()
  return world.agents
    .filter(accepts)
    .map((agent) => ({ agent, rank: rank(agent) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ agent }) => agent)
}

/** Finds the attack a victim, moving earlier attacks to other victims if need be (augmenting path, Kuhn 1955). */
function assign(
  attack: Attack,
  victims: Map<Agent, Attack>,
  options: ReadonlyMap<Attack, readonly Agent[]>,
  tried: Set<Agent>,
): boolean {
  for (const agent of options.get(attack) ?? []) {
    if (tried.has(agent)) continue
    tried.add(agent)
    const holder = victims.get(agent)
    if (holder && !assign(holder, victims, options, tried)) continue
    victims.set(agent, attack)
    return true
  }
  return false
}

/** The agents with which every attack finds a victim. */
export const enoughAgents = 20

/** Good victims, then those that at least work daily, then all that are possible: a small world has few. */
const tiers: readonly ((attack: Attack, agent: Agent, world: World) => boolean)[] = [
  (attack, agent, world) => attack.suits(agent, world),
  (attack, agent, world) => attack.suits(agent, world) || isDaily(agent),
  () => true,
]

/** One victim for each attack, none twice. */
export function castVictims<Kind extends Attack>(attacks: readonly Kind[], world: World): Map<Kind, Agent> {
  const victims = new Map<Agent, Attack>()
  let left: readonly Attack[] = attacks
  for (const accepts of tiers) {
    const fits = (attack: Attack) => (agent: Agent) => attack.can(agent) && accepts(attack, agent, world)
    const options = new Map<Attack, readonly Agent[]>(
      attacks.map((attack) => [attack, candidates(attack, world, fits(attack))]),
    )
    left = left.filter((attack) => !assign(attack, victims, options, new Set()))
    if (left.length === 0) return new Map([...victims].map(([agent, attack]) => [attack as Kind, agent]))
  }
  const names = left.map(({ name }) => name).join(', ')
  throw new Error(
    `no agent is left for ${names}: use at least ${enoughAgents} agents, got ${world.agents.length}`,
  )
}
