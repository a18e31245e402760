import type { Agent } from '../agent.js'
import { type Address, addressIn, clouds } from '../catalog/networks.js'
import { signIn } from '../emit.js'
import { DAY, HOUR } from '../time.js'
import type { Attack, Plan, Scene } from './attack.js'
import { download } from './graphCalls.js'
import { instants } from './signIns.js'
import { lasting } from './timing.js'
import { callsGraph, hasAddress, isSettled } from './victims.js'

/** What owners do to their agents that looks like an attack: planned, and told as a change. */
export interface Upheaval extends Attack {
  readonly change: 'region-migrated' | 'quarter-end-load'
  /** What is new by it, as alerts would name it. */
  adds(plan: Plan): readonly string[]
}

/** A region in which the agent has no address, of some cloud. */
function elsewhere(
  agent: Agent,
  pick: (some: readonly (typeof clouds)[number][number][]) => Address,
): Address {
  const countries = new Set(agent.addresses.map(([{ network }]) => network.place.country))
  const others = clouds.flat().filter(({ place }) => !countries.has(place.country))
  return pick(others)
}

/** For two days the agent runs in its old and in its new region. */
function runInBoth(scene: Scene): void {
  const { stage, agent, random, address } = scene
  if (!address) return
  const [resource] = agent.resources[0]!
  for (const time of instants(scene, 24)) signIn(stage, agent, { time, resource, address }, random)
}

/** Three times as much as usual, in the hours in which it works anyway. */
function loadMore(scene: Scene): void {
  const { agent, usual } = scene
  const hourly = Math.max(200_000, usual.bytes / Math.max(1, usual.graphHours))
  const own = agent.operations.map(([operation]) => operation).filter(({ method }) => method === 'GET')
  if (own.length === 0) return
  for (let from = scene.from; from + HOUR <= scene.to; from += 3 * HOUR)
    download({ ...scene, from, to: from + HOUR }, own, 2 * hourly, 40_000)
}

export const upheavals: readonly Upheaval[] = [
  {
    name: 'region-migrated',
    change: 'region-migrated',
    can: hasAddress,
    suits: isSettled,
    plan: (agent, slot, random) => ({
      ...lasting(slot.around, 2 * DAY, slot),
      address: elsewhere(agent, (some) => addressIn(random.pick(some), random)),
    }),
    act: runInBoth,
    adds: ({ address }) =>
      address ? [address.network.place.country, String(address.network.asn), address.ip] : [],
  },
  {
    name: 'quarter-end-load',
    change: 'quarter-end-load',
    can: callsGraph,
    suits: isSettled,
    plan: (_agent, slot) => lasting(slot.around, 2 * DAY, slot),
    act: loadMore,
    adds: () => [],
  },
]
