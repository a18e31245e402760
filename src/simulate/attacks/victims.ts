import { type Agent, showsAddress, signsInWithUser } from '../agent.js'
import { graph } from '../catalog/resources.js'
import { DAY, HOUR } from '../time.js'
import { plannedRuns } from '../traffic.js'
import type { World } from '../world.js'

const dailyHabits = ['poller', 'office', 'nightly', 'bursty']

/** Signs in on its own, with an address on record. */
export function hasAddress(agent: Agent): boolean {
  return showsAddress(agent) && !signsInWithUser(agent)
}

export function isWorkload(agent: Agent): boolean {
  return !signsInWithUser(agent)
}

export function isServicePrincipal(agent: Agent): boolean {
  return agent.type === 'servicePrincipal'
}

export function callsGraph(agent: Agent): boolean {
  return (
    isWorkload(agent) &&
    agent.operations.length > 0 &&
    agent.resources.some(([resource]) => resource === graph)
  )
}

/** Works on most days, as far as its habit goes. */
export function isDaily(agent: Agent): boolean {
  return dailyHabits.includes(agent.habit)
}

/** Days and hours of the first fortnight in which the agent works. */
function fortnight(agent: Agent, world: World): { days: number; hours: number } {
  const midnights = Array.from({ length: 14 }, (_, i) => world.start + i * DAY)
  const runs = midnights.map((midnight) => plannedRuns(world, agent, midnight))
  const hours = new Set(runs.flat().map(({ time }) => Math.floor(time / HOUR)))
  return { days: runs.filter(({ length }) => length > 0).length, hours: hours.size }
}

const regular = new WeakMap<Agent, boolean>()

/** Works on nine days of its first fortnight at least, a few hours more than that. */
function isRegular(agent: Agent, world: World): boolean {
  const known = regular.get(agent)
  if (known !== undefined) return known
  const { days, hours } = isDaily(agent) ? fortnight(agent, world) : { days: 0, hours: 0 }
  regular.set(agent, days >= 9 && hours >= 14)
  return days >= 9 && hours >= 14
}

/** Works all through the window, most days, and nothing else about it changes meanwhile. */
export function isSettled(agent: Agent, world: World): boolean {
  const stays = agent.from <= world.start && agent.to >= world.end
  const same = agent.keys.length === 1 && !agent.deployment && !agent.expired
  return stays && same && isRegular(agent, world)
}

/** Bytes that a run usually reads. */
function usualBytes(agent: Agent): number {
  const weights = agent.operations.reduce((sum, [, weight]) => sum + weight, 0)
  const bytes = agent.operations.reduce((sum, [operation, weight]) => sum + weight * operation.bytes, 0)
  return (agent.calls * agent.appetite * bytes) / weights
}

/** Reads enough from Graph for an amount to be usual. */
export function readsGraph(agent: Agent, world: World): boolean {
  return isSettled(agent, world) && usualBytes(agent) > 40_000
}
