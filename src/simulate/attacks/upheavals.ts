import type { Agent } from '../agent.js'
import { type Address, addressIn, clouds } from '../catalog/networks.js'
import { callGraph, signIn } from '../emit.js'
import { DAY, HOUR, MINUTE, SECOND } from '../time.js'
import { plannedRuns, responseSize, successOf } from '../traffic.js'
import type { Attack, Plan, Scene } from './attack.js'
import { graphToken } from './graphCalls.js'
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

/** Each run of the agent's own is followed by twice its usual calls. */
function loadMore(scene: Scene): void {
  const { stage, agent, random } = scene
  const days = [-1, 0, 1, 2, 3].map((day) => scene.from - (scene.from % DAY) + day * DAY)
  const runs = days.flatMap((midnight) => plannedRuns(stage.world, agent, midnight))
  for (const { time } of runs.filter((run) => run.time >= scene.from && run.time + HOUR < scene.to)) {
    const part = { ...scene, from: time, to: time + 20 * MINUTE }
    const token = graphToken(part)
    for (const at of instants(
      { ...part, from: time + 5 * SECOND },
      Math.min(60, Math.ceil(2 * agent.calls)),
    )) {
      const operation = random.weighted(agent.operations)
      const bytes = responseSize(operation, agent.appetite, random)
      callGraph(stage, agent, token, { time: at, operation, status: successOf(operation), bytes }, random)
    }
  }
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
