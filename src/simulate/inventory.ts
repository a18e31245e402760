import type { Agent } from './agent.js'
import { Random } from './random.js'
import type { World } from './world.js'

/** What the owners wrote down about an agent. */
export interface InventoryAgent {
  readonly id: string
  readonly app_id: string
  readonly name: string
  readonly owner: string
  readonly sponsor: string
  readonly tier: 'low' | 'medium' | 'high'
  readonly status: 'active' | 'retired'
}

/** Nine of ten agents: inventories are never complete. */
export function inventoryOf(world: World): InventoryAgent[] {
  return world.agents
    .map((agent) => ({ agent, random: new Random(world.seed, 'inventory', agent.index) }))
    .filter(({ random }) => random.chance(0.9))
    .map(({ agent, random }) => entry(agent, world, random))
}

function entry(agent: Agent, world: World, random: Random): InventoryAgent {
  return {
    id: agent.id,
    app_id: agent.appId,
    name: agent.name,
    owner: random.pick(world.subjects).upn,
    sponsor: random.pick(world.subjects).upn,
    tier: random.weighted([
      ['low', 5],
      ['medium', 3],
      ['high', 2],
    ]),
    status: agent.to < world.end ? 'retired' : 'active',
  }
}
