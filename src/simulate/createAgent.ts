import type { Agent, AgentType, Deployment, Key } from './agent.js'
import { type Operation, operations } from './catalog/graph.js'
import { agentName, mailName } from './catalog/names.js'
import { type Address, accessNetworks, addressIn, clouds } from './catalog/networks.js'
import { commonResources, graph, type Resource } from './catalog/resources.js'
import { type HabitName, habits } from './habits.js'
import { Random } from './random.js'
import { type AgentMark, notAgentic, type Person } from './records/index.js'
import { HOUR, type Zone } from './time.js'
import type { World } from './world.js'

type Cast = readonly [HabitName, AgentType, boolean]

/** The first twenty cover every habit and type (habit, type, uses Graph), so that a small world has them all. */
const cast: readonly Cast[] = [
  ['poller', 'servicePrincipal', true],
  ['office', 'servicePrincipal', true],
  ['nightly', 'servicePrincipal', false],
  ['bursty', 'servicePrincipal', true],
  ['poller', 'managedIdentity', false],
  ['office', 'agentIdentity', true],
  ['weekend', 'servicePrincipal', false],
  ['poller', 'servicePrincipal', true],
  ['office', 'servicePrincipal', true],
  ['nightly', 'managedIdentity', false],
  ['monday', 'servicePrincipal', true],
  ['office', 'agentUser', true],
  ['poller', 'agentIdentity', true],
  ['bursty', 'managedIdentity', false],
  ['quarterly', 'servicePrincipal', true],
  ['office', 'onBehalfOf', true],
  ['nightly', 'servicePrincipal', true],
  ['poller', 'servicePrincipal', false],
  ['office', 'servicePrincipal', true],
  ['poller', 'managedIdentity', false],
]

const habitWeights: readonly (readonly [HabitName, number])[] = [
  ['poller', 27],
  ['office', 26],
  ['nightly', 18],
  ['bursty', 13],
  ['weekend', 6],
  ['monday', 6],
  ['quarterly', 4],
]

const typeWeights: readonly (readonly [AgentType, number])[] = [
  ['servicePrincipal', 58],
  ['managedIdentity', 26],
  ['agentIdentity', 11],
  ['agentUser', 3],
  ['onBehalfOf', 2],
]

const zones: readonly (readonly [Zone, number])[] = [
  [{ offset: 1, summer: 'eu' }, 60],
  [{ offset: 0, summer: 'eu' }, 12],
  [{ offset: -6, summer: 'us' }, 14],
  [{ offset: 5.5, summer: 'none' }, 10],
  [{ offset: 8, summer: 'none' }, 4],
]

function castOf(index: number, random: Random): Cast {
  const drawn: Cast = [random.weighted(habitWeights), random.weighted(typeWeights), random.chance(0.6)]
  return cast[index] ?? drawn
}

/** Agents with users sign in to Graph; of the others those that call it, among their other resources. */
function resourcesOf(usesGraph: boolean, random: Random): [Resource, number][] {
  const others = random.sample(
    commonResources,
    random.weighted([
      [1, 5],
      [2, 3],
      [3, 1.5],
      [4, 0.5],
    ]),
  )
  const shares = others.map((resource): [Resource, number] => [resource, random.between(0.1, 0.9)])
  if (usesGraph) return [[graph, 1], ...(random.chance(0.6) ? shares : shares.slice(0, 1))]
  shares[0]![1] = 1
  return shares
}

/** A repertoire whose second operation is half as frequent as the first, and so on: some become rare. */
function repertoire(random: Random): [Operation, number][] {
  const chosen = random.sample(operations, random.integer(2, 12))
  const steepness = random.between(0.6, 1.8)
  return chosen.map((operation, rank): [Operation, number] => [operation, (rank + 1) ** -steepness])
}

/** One fixed egress for most; a cloud's many addresses, ASNs and regions for others. */
function addressesOf(random: Random): [Address, number][] {
  const cloud = random.pick(clouds)
  const own = random.chance(0.12) ? random.pick(accessNetworks) : cloud[0]!
  if (random.chance(0.6)) return [[addressIn(own, random), 1]]
  if (random.chance(0.6)) {
    return Array.from({ length: random.integer(2, 6) }, () => [
      addressIn(own, random),
      random.between(0.2, 1),
    ])
  }
  return cloud.flatMap((network, rank) =>
    Array.from({ length: random.integer(1, 4) }, (): [Address, number] => [
      addressIn(network, random),
      3 ** -rank,
    ]),
  )
}

const certificate = (random: Random) => random.digits(40).toUpperCase()

/** The key of the first day, and those that later rotations bring. */
function keysOf(
  type: AgentType,
  kind: string,
  expiredTo: number | undefined,
  world: World,
  random: Random,
): Key[] {
  const key = (from: number): Key => ({
    keyId: random.guid(),
    thumbprint: kind === 'clientSecret' ? '' : certificate(random),
    from,
  })
  const keys = [key(Number.NEGATIVE_INFINITY)]
  const rotates = random.chance(type === 'managedIdentity' ? 0.4 : 0.2)
  const rotation = world.start + random.between(0.1, 0.95) * (world.end - world.start)
  if (expiredTo !== undefined) keys.push(key(expiredTo))
  else if (rotates && type !== 'agentIdentity') keys.push(key(rotation))
  return keys
}

function expiryOf(
  index: number,
  kind: string,
  world: World,
  random: Random,
): { from: number; to: number } | undefined {
  const from = world.start + random.between(0.15, 0.9) * (world.end - world.start)
  const to = Math.min(world.end, from + random.between(1, 7) * HOUR)
  return kind === 'clientSecret' && index >= cast.length && random.chance(0.08) ? { from, to } : undefined
}

function deploymentOf(
  used: readonly Resource[],
  usesGraph: boolean,
  world: World,
  random: Random,
): Deployment | undefined {
  const time = world.start + random.between(0.3, 0.95) * (world.end - world.start)
  const resource = random.pick(commonResources.filter((candidate) => !used.includes(candidate)))
  const operation = random.pick(operations)
  if (!random.chance(0.12)) return undefined
  return usesGraph && random.chance(0.5) ? { time, operation } : { time, resource }
}

/** Some agents arrive in mid-window and some leave; those of the cast stay throughout. */
function lifetime(index: number, world: World, random: Random): { from: number; to: number } {
  const at = world.start + random.between(0.2, 0.8) * (world.end - world.start)
  const fate = random.next()
  if (index < cast.length || fate > 0.1) return { from: world.start, to: world.end }
  return fate < 0.06 ? { from: at, to: world.end } : { from: world.start, to: at }
}

function markOf(type: AgentType, id: string, blueprint: string, parent: string): AgentMark {
  if (type === 'agentUser') {
    return {
      agentType: 'agenticAppInstance',
      parentAppId: blueprint,
      agentSubjectType: 'agentIDuser',
      agentSubjectParentId: parent,
    }
  }
  if (type === 'onBehalfOf') {
    return { agentType: 'agenticAppInstance', parentAppId: blueprint, agentSubjectType: 'notAgentic' }
  }
  if (type !== 'agentIdentity') return notAgentic
  return {
    agentType: 'agenticAppInstance',
    parentAppId: blueprint,
    agentSubjectType: 'agenticAppInstance',
    agentSubjectParentId: id,
  }
}

function credentialTypeOf(type: AgentType, random: Random): string {
  const drawn = random.weighted([
    ['clientSecret', 6],
    ['certificate', 3],
    ['clientAssertion', 1],
  ])
  if (type === 'servicePrincipal') return drawn
  return type === 'managedIdentity' ? 'managedIdentity' : 'federatedIdentityCredential'
}

const libraries = [
  'Family: MSAL Library: MSAL.Python 1.31.0 Platform: Linux',
  'Family: MSAL Library: MSAL.NetCore 4.66.2.0 Platform: .NET 8.0.10',
  'Family: MSAL Library: MSAL.JS 2.16.1 Platform: Node',
  '',
]
const userAgents = [
  'python-requests/2.32.3',
  'msgraph-sdk-dotnet/5.61.0',
  'GraphServiceClient/node 20',
  '',
  'azsdk-net-Identity/1.13.1',
  'Go-http-client/2.0',
]
const regions = [
  'West Europe',
  'North Europe',
  'Sweden Central',
  'Germany West Central',
  'UK South',
  'East US 2',
]

/** An agent of the world, from its own stream of randomness: the others do not change when one is added. */
export function createAgent(index: number, world: World): Agent {
  const random = new Random(world.seed, 'agent', index, 'traits')
  const [habit, type, drawnGraph] = castOf(index, random)
  const withUser = type === 'agentUser' || type === 'onBehalfOf'
  const usesGraph = drawnGraph || withUser
  const [id, parent] = [random.guid(), random.guid()]
  // A blueprint is made once and instantiated many times.
  const blueprint = new Random(world.seed, 'blueprint', random.integer(0, 4)).guid()
  const name = agentName(random)
  const credentialType = credentialTypeOf(type, random)
  const resources = resourcesOf(usesGraph, random)
  const expired = expiryOf(index, credentialType, world, random)
  const deployment = deploymentOf(
    resources.map(([resource]) => resource),
    usesGraph,
    world,
    random,
  )
  const self: Person = { id, name, upn: `${mailName(name)}@${world.domain}` }
  return {
    index,
    id,
    appId: type === 'agentIdentity' || type === 'onBehalfOf' ? id : withUser ? parent : random.guid(),
    applicationId: random.guid(),
    name,
    type,
    habit,
    zone: random.weighted(zones),
    work: habits[habit](random),
    resources,
    operations: usesGraph ? repertoire(random) : [],
    calls: Math.min(30, random.logNormal(2.2, 0.8)),
    appetite: random.logNormal(1, 0.5),
    addresses: addressesOf(random),
    keys: keysOf(type, credentialType, expired?.to, world, random),
    ...(expired ? { expired } : {}),
    ...(deployment ? { deployment } : {}),
    ...lifetime(index, world, random),
    cachesTokens: random.chance(0.92),
    userAgent: random.pick(userAgents),
    library: random.pick(libraries),
    credentialType,
    mark: markOf(type, id, blueprint, parent),
    users: type === 'agentUser' ? [self] : random.sample(world.subjects, 3),
    subjects: random.sample(world.subjects, random.integer(4, 30)),
    slash: random.chance(0.08) ? '//' : '/',
    region: random.pick(regions),
  }
}
