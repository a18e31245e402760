import { bulkOperations, type Operation, takeoverOperations } from '../catalog/graph.js'
import { graph } from '../catalog/resources.js'
import { callGraph, signIn, type Token } from '../emit.js'
import { MINUTE, SECOND } from '../time.js'
import { successOf } from '../traffic.js'
import type { Attack, Scene } from './attack.js'
import { instants } from './signIns.js'
import { duringWork } from './timing.js'
import { callsGraph, isSettled, readsGraph } from './victims.js'

const MEGABYTE = 1e6
const mostCalls = 1500

export function graphToken(scene: Scene): Token {
  const { stage, agent, random } = scene
  const address = random.weighted(agent.addresses)
  return signIn(stage, agent, { time: scene.from + SECOND, resource: graph, address }, random)
}

/** Calls in order of time whose responses add up to about `total` bytes. */
export function download(scene: Scene, operations: readonly Operation[], total: number, page: number): void {
  const { stage, agent, random } = scene
  const token = graphToken(scene)
  const count = Math.min(mostCalls, Math.max(1, Math.round(total / page)))
  const late = { ...scene, from: scene.from + 5 * SECOND }
  for (const time of instants(late, count)) {
    const bytes = Math.floor((total / count) * random.between(0.7, 1.3))
    callGraph(stage, agent, token, { time, operation: random.pick(operations), status: 200, bytes }, random)
  }
}

/** The agent's own reads, with pages several times their usual size. */
function exfiltrate(scene: Scene): void {
  const { agent, usual, random } = scene
  const hourly = Math.max(100_000, usual.bytes / Math.max(1, usual.graphHours))
  const reads = agent.operations.map(([operation]) => operation).filter(({ method }) => method === 'GET')
  const largest = Math.max(20_000, ...reads.map(({ bytes }) => bytes * agent.appetite))
  const own = reads.length > 0 ? reads : agent.operations.map(([operation]) => operation)
  download(scene, own, hourly * random.between(25, 90), largest * random.between(3, 8))
}

export const partsOf = (scene: Scene) => new Set(scene.agent.operations.map(([{ part }]) => part))

function exfiltrateElsewhere(scene: Scene): void {
  const parts = partsOf(scene)
  const strange = bulkOperations.filter(({ part }) => !parts.has(part))
  const operation = scene.random.pick(strange.length > 0 ? strange : bulkOperations)
  download(
    scene,
    [operation],
    scene.random.between(50, 500) * MEGABYTE,
    operation.bytes * scene.random.between(1, 4),
  )
}

/** So many successful calls of one operation, from five seconds after the scene begins. */
export function callAgain(scene: Scene, token: Token, operation: Operation, count: number): void {
  const { stage, agent, random } = scene
  for (const time of instants({ ...scene, from: scene.from + 5 * SECOND }, count)) {
    const call = { time, operation, status: successOf(operation), bytes: operation.bytes }
    callGraph(stage, agent, token, call, random)
  }
}

function callSomethingNew(scene: Scene): void {
  const { random } = scene
  const parts = partsOf(scene)
  const strange = takeoverOperations.filter(({ part }) => !parts.has(part))
  const operation = random.pick(strange.length > 0 ? strange : takeoverOperations)
  callAgain(scene, graphToken(scene), operation, random.integer(1, 5))
}

export const graphAttacks: readonly Attack[] = [
  {
    name: 'data-exfiltration',
    can: callsGraph,
    suits: readsGraph,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 45 * MINUTE, random),
    act: exfiltrate,
  },
  {
    name: 'rare-resource-exfiltration',
    can: callsGraph,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 45 * MINUTE, random),
    act: exfiltrateElsewhere,
  },
  {
    name: 'new-graph-operation',
    can: callsGraph,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 20 * MINUTE, random),
    act: callSomethingNew,
  },
]
