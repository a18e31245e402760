import type { Agent, Key } from '../agent.js'
import { type Address, addressIn, foreignNetworks, hostingNetwork } from '../catalog/networks.js'
import { allResources, graph, type Resource, rareResources } from '../catalog/resources.js'
import { credentials } from '../directory.js'
import { callGraph, signIn, type Token } from '../emit.js'
import { credentialAdded } from '../records/index.js'
import { HOUR, MINUTE, SECOND } from '../time.js'
import { responseSize, successOf } from '../traffic.js'
import type { Attack, Scene } from './attack.js'
import { actorOf, auditFields, doneBy, write } from './directory.js'
import { afterRest, atNight, duringWork, lasting } from './timing.js'
import { hasAddress, isServicePrincipal, isSettled, isWorkload } from './victims.js'

/** `count` instants between the scene's ends, in order. */
export function instants(scene: Scene, count: number): number[] {
  const [from, to] = [scene.from + SECOND, scene.to - SECOND]
  return Array.from({ length: count }, () => Math.floor(scene.random.between(from, to))).sort((a, b) => a - b)
}

const ownAddress = ({ agent, random }: Scene): Address => random.weighted(agent.addresses)
const ownResource = (agent: Agent): Resource => agent.resources[0]![0]

/** A few calls of the agent's own repertoire, as far as the scene lasts. */
export function usualCalls(scene: Scene, token: Token): void {
  const { stage, agent, random } = scene
  for (
    let time = token.issued + SECOND, i = 0;
    i < 4 && time < scene.to;
    i++, time += random.between(1, 9) * SECOND
  ) {
    const operation = random.weighted(agent.operations)
    const bytes = responseSize(operation, agent.appetite, random)
    callGraph(stage, agent, token, { time, operation, status: successOf(operation), bytes }, random)
  }
}

/** Signs in as the agent does, but for what `with` says, and then works a little as the agent does. */
function signInAs(
  scene: Scene,
  time: number,
  differs: { address?: Address; key?: Key; resource?: Resource } = {},
): void {
  const { stage, agent, random } = scene
  const attempt = { time, resource: ownResource(agent), address: ownAddress(scene), ...differs }
  const token = signIn(stage, agent, attempt, random)
  if (attempt.resource === graph && agent.operations.length > 0) usualCalls(scene, token)
}

function fromElsewhere(scene: Scene, address: Address): void {
  for (const time of instants(scene, scene.random.integer(2, 6))) signInAs(scene, time, { address })
}

function unusedResources(agent: Agent, among: readonly Resource[]): Resource[] {
  const used = new Set(agent.resources.map(([resource]) => resource.appId))
  return among.filter((resource) => !used.has(resource.appId))
}

/** Sign-ins a usual active hour, at least one. */
const hourlyRate = ({ usual }: Scene) => Math.max(1, usual.signIns / Math.max(1, usual.hours))

function flood(scene: Scene): void {
  const hours = (scene.to - scene.from) / HOUR
  const hourly = Math.max(30, hourlyRate(scene) * scene.random.between(12, 40))
  const count = Math.round(hourly * hours)
  const [resource, address] = [ownResource(scene.agent), ownAddress(scene)]
  for (const time of instants(scene, count))
    signIn(scene.stage, scene.agent, { time, resource, address }, scene.random)
}

function sweep(scene: Scene): void {
  const { stage, agent, random } = scene
  const resources = random.sample(allResources, random.integer(9, 20))
  const address = ownAddress(scene)
  const times = instants(scene, resources.length)
  resources.forEach((resource, i) => {
    signIn(stage, agent, { time: times[i]!, resource, address }, random)
  })
}

/** Guesses at a secret: wrong ones, and tenants and applications that do not match. */
function guess(scene: Scene): void {
  const { stage, agent, random } = scene
  const address = addressIn(random.pick(foreignNetworks), random)
  const key = { keyId: '', thumbprint: '', from: scene.from }
  for (const time of instants(scene, random.integer(60, 300))) {
    const errorCode = random.weighted([
      [7000215, 8],
      [700016, 1],
      [90072, 1],
    ])
    signIn(stage, agent, { time, resource: ownResource(agent), address, key, errorCode }, random)
  }
}

/** In half of the cases the audit log shows how the key came to be, some minutes before. */
function useNewKey(scene: Scene): void {
  const { agent, random } = scene
  const key: Key = { keyId: random.guid(), thumbprint: '', from: scene.from }
  if (scene.by || random.chance(0.375)) {
    const fields = auditFields(scene, actorOf(scene), scene.from)
    const before = credentials(agent).slice(0, 1)
    write(scene, credentialAdded(agent, { keyId: key.keyId, kind: 'Password', name: 'temp' }, before, fields))
  }
  const late = { ...scene, from: scene.from + 12 * MINUTE }
  for (const time of instants(late, random.integer(2, 6))) signInAs(scene, time, { key })
}

export const signInAttacks: readonly Attack[] = [
  {
    name: 'off-hours',
    can: (agent) => agent.habit === 'office' && isWorkload(agent),
    suits: isSettled,
    plan: (agent, slot, random) => atNight(agent, slot, random),
    act: (scene) => {
      for (const time of instants(scene, scene.random.integer(3, 8))) signInAs(scene, time)
    },
  },
  {
    name: 'new-credential',
    can: isServicePrincipal,
    suits: isSettled,
    plan: (agent, slot, random, world) => ({
      ...duringWork(agent, world, slot, 50 * MINUTE, random),
      ...doneBy(0.2, agent, world, random),
    }),
    act: useNewKey,
  },
  {
    name: 'new-country',
    can: hasAddress,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 40 * MINUTE, random),
    act: (scene) => fromElsewhere(scene, addressIn(scene.random.pick(foreignNetworks), scene.random)),
  },
  {
    name: 'new-network',
    can: hasAddress,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 40 * MINUTE, random),
    act: (scene) => {
      const home = ownAddress(scene).network.place
      fromElsewhere(scene, addressIn(hostingNetwork(home, scene.random), scene.random))
    },
  },
  {
    name: 'failed-access-burst',
    can: hasAddress,
    suits: (agent, world) => isSettled(agent, world) && agent.credentialType === 'clientSecret',
    plan: (_agent, slot, random) => lasting(slot.around, random.between(30, 58) * MINUTE, slot),
    act: guess,
  },
  {
    name: 'sign-in-flood',
    can: isWorkload,
    suits: (agent, world) => isSettled(agent, world) && agent.cachesTokens,
    plan: (agent, slot, random, world) =>
      duringWork(agent, world, slot, random.between(60, 110) * MINUTE, random),
    act: flood,
  },
  {
    name: 'resource-sweep',
    can: isWorkload,
    suits: isSettled,
    plan: (agent, slot, random, world) =>
      duringWork(agent, world, slot, random.between(20, 50) * MINUTE, random),
    act: sweep,
  },
  {
    name: 'new-resource',
    can: isWorkload,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 30 * MINUTE, random),
    act: (scene) => {
      const resource = scene.random.pick(unusedResources(scene.agent, rareResources))
      for (const time of instants(scene, scene.random.integer(1, 3))) signInAs(scene, time, { resource })
    },
  },
  {
    name: 'dormant-return',
    // Only who works around the clock leaves hours enough before the silence to be known by.
    can: (agent) => isWorkload(agent) && agent.habit === 'poller',
    suits: isSettled,
    plan: (agent, slot, random, world) => afterRest(agent, world, slot, random),
    // The return itself is the agent's own work: one sign-in makes sure that it is seen at once.
    act: (scene) => signInAs(scene, scene.from + SECOND),
  },
]
