import { operations, takeoverOperations } from '../catalog/graph.js'
import { addressIn, foreignNetworks } from '../catalog/networks.js'
import { credentials } from '../directory.js'
import { callGraph, type Token } from '../emit.js'
import {
  appRoleGranted,
  auditRecord,
  credentialAdded,
  principalAddedToGroup,
  principalEnabled,
  settingChanged,
} from '../records/index.js'
import { DAY, HOUR, MINUTE, SECOND } from '../time.js'
import type { Attack, Scene } from './attack.js'
import { actorOf, auditFields, change, doneBy, write } from './directory.js'
import { callAgain, download, graphToken, partsOf } from './graphCalls.js'
import { instants, usualCalls } from './signIns.js'
import { duringWork, lasting } from './timing.js'
import { callsGraph, hasAddress, isServicePrincipal, isSettled, isWorkload } from './victims.js'

const MEGABYTE = 1e6

/** So many calls of operations that the agent has no business with. */
function takeOver(scene: Scene, from: number, count: number): void {
  const { random } = scene
  const parts = partsOf(scene)
  const strange = takeoverOperations.filter(({ part, method }) => method === 'POST' && !parts.has(part))
  const operation = random.pick(strange.length > 0 ? strange : takeoverOperations)
  const later = { ...scene, from }
  callAgain(later, graphToken(later), operation, count)
}

/** Goes through all of Graph: what the agent may read answers, the rest refuses or is not there. */
function enumerate(scene: Scene): void {
  const { stage, agent, random } = scene
  const parts = partsOf(scene)
  const token = graphToken(scene)
  const reads = operations.filter(({ method }) => method === 'GET')
  const asked = [...reads, ...reads, ...reads]
  const times = instants({ ...scene, from: scene.from + 5 * SECOND }, asked.length)
  random.sample(asked, asked.length).forEach((operation, at) => {
    const status = parts.has(operation.part) ? 200 : random.pick([403, 403, 404])
    const bytes = status === 200 ? operation.bytes : 300
    callGraph(stage, agent, token, { time: times[at]!, operation, status, bytes }, random)
  })
}

/** A token that the agent fetched is used by somebody else, who does what the agent does. */
function replay(scene: Scene): void {
  const stolen: Token = graphToken(scene)
  const address = addressIn(scene.random.pick(foreignNetworks), scene.random)
  usualCalls(
    { ...scene, from: scene.from + 5 * MINUTE },
    { ...stolen, issued: scene.from + 5 * MINUTE, address },
  )
}

/** A little more each hour than the agent ever reads, day and night, for three days. */
function trickle(scene: Scene): void {
  const { agent, usual } = scene
  const daily = Math.max(150 * MEGABYTE, (12 * usual.bytes) / Math.max(1, usual.graphHours / 8))
  const own = agent.operations.map(([operation]) => operation).filter(({ method }) => method === 'GET')
  for (let from = scene.from; from + 2 * HOUR < scene.to; from += 2 * HOUR) {
    const part = { ...scene, from, to: from + HOUR }
    download(part, own.length > 0 ? own : operations.slice(0, 1), daily / 12, MEGABYTE)
  }
}

const onlyReads: Attack['can'] = (agent) =>
  callsGraph(agent) && agent.operations.every(([{ method }]) => method === 'GET')

/**
 * What else happens to agents. These need a larger world, which leaves the smaller ones, and the samples made of one, as
 * they are: see `FURTHER_FROM`.
 */
export const furtherAttacks: readonly Attack[] = [
  {
    name: 'agent-stopped',
    can: (agent) => isServicePrincipal(agent) && agent.habit === 'poller',
    // Without a cache it signs in with every run, around the clock. Where no such agent is left another poller stops: one
    // that caches tokens, or one that is too new for anybody to miss it.
    suits: (agent, world) => isSettled(agent, world) && !agent.cachesTokens,
    plan: (_agent, slot) => {
      const plan = lasting(slot.around, 18 * HOUR, slot)
      return { ...plan, silence: plan }
    },
    act: () => {},
  },
  {
    name: 'volume-drift',
    can: callsGraph,
    suits: (agent, world) => isSettled(agent, world) && agent.habit === 'poller',
    plan: (_agent, slot) => lasting(slot.around, 4 * DAY, slot),
    act: trickle,
  },
  {
    name: 'first-write',
    can: onlyReads,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 20 * MINUTE, random),
    act: (scene) => takeOver(scene, scene.from, scene.random.integer(1, 4)),
  },
  {
    name: 'graph-enumeration',
    can: callsGraph,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 45 * MINUTE, random),
    act: enumerate,
  },
  {
    name: 'token-replay',
    can: (agent) => callsGraph(agent) && hasAddress(agent),
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 30 * MINUTE, random),
    act: replay,
  },
  {
    name: 'privilege-then-used',
    can: callsGraph,
    suits: isSettled,
    plan: (agent, slot, random, world) => duringWork(agent, world, slot, 3 * HOUR, random),
    act: (scene) => {
      const role = {
        id: '06b708a9-e830-4db3-a914-8e69da51d44f',
        value: 'AppRoleAssignment.ReadWrite.All',
        description: 'Manage app permission grants and app role assignments',
      }
      const fields = auditFields(scene, actorOf(scene), scene.from)
      write(scene, appRoleGranted(scene.stage.world.graph, role, scene.agent, fields))
      takeOver(scene, scene.from + HOUR, scene.random.integer(2, 5))
    },
  },
  {
    name: 'credential-by-agent',
    can: isServicePrincipal,
    suits: () => true,
    plan: (agent, slot, random, world) => ({
      ...lasting(slot.around, random.between(2, 6) * MINUTE, slot),
      ...doneBy(1, agent, world, random),
    }),
    act: (scene) => {
      const { agent, random } = scene
      const fields = auditFields(scene, actorOf(scene), scene.from)
      const added = { keyId: random.guid(), kind: 'Password', name: 'sync' } as const
      write(scene, credentialAdded(agent, added, credentials(agent).slice(0, 1), fields))
    },
  },
  change(
    'blueprint-changed',
    (agent) => agent.type === 'agentIdentity',
    ({ agent }, fields) => [
      auditRecord({
        activity: 'Update application',
        targets: [
          {
            id: agent.applicationId,
            type: 'Application',
            name: agent.name,
            agentType: 'agenticApp',
            changes: [{ name: 'Included Updated Properties', after: 'InheritablePermissions' }],
          },
        ],
        details: [{ key: 'AppId', value: agent.appId }],
        ...fields,
      }),
    ],
  ),
  change('agent-enabled', isServicePrincipal, ({ agent }, fields) => [principalEnabled(agent, fields)]),
  change('group-membership-given', isWorkload, ({ agent, random }, fields) => [
    principalAddedToGroup(agent, { id: random.guid(), name: 'sg-key-vault-admins' }, fields),
  ]),
  change('redirect-address-added', isServicePrincipal, ({ agent, random }, fields) => {
    const address = { AddressType: 0, Address: `https://login-${random.digits(5)}.example/callback` }
    return [settingChanged(agent, 'AppAddress', [], [address], fields)]
  }),
]
