import type { Agent } from './agent.js'
import type { Stage } from './emit.js'
import { Random } from './random.js'
import {
  type Actor,
  type AuditFields,
  applicationCredentialAdded,
  applicationUpdated,
  appRoleGranted,
  type Credential,
  managedIdentityRotated,
  memberAddedToGroup,
  ownerAddedToServicePrincipal,
  servicePrincipalUpdated,
  userAdded,
  userUpdated,
  type WireRecord,
} from './records/index.js'
import { HOUR, isWeekend, MINUTE } from './time.js'
import type { Employee, World } from './world.js'

export function asActor(person: Employee): Actor {
  return { user: { id: person.id, upn: person.upn }, ip: person.address.ip }
}

/** Ids and the actor of one directory change. */
export function changeBy(world: World, actor: Actor, time: number, random: Random): AuditFields {
  const correlationId = random.guid()
  const id = `Directory_${correlationId}_${random.digits(5).toUpperCase()}_${random.integer(1e7, 9e8)}`
  return { time, tenantId: world.tenantId, actor, correlationId, id }
}

export function sendAudit(stage: Stage, time: number, random: Random, record: WireRecord): void {
  stage.delivery.send('AuditLogs', time, random, () => record)
}

/** One change, and the owner it gives an agent if that is what it does. */
interface Made {
  readonly record: WireRecord
  readonly owned?: { readonly agent: Agent; readonly owner: Employee }
}

type Change = (world: World, fields: AuditFields, random: Random) => Made

/** What administrators and provisioning do on a working day, with how often an hour. */
const changes: readonly (readonly [number, Change])[] = [
  [1.2, ({ people }, fields, random) => ({ record: userUpdated(random.pick(people), fields) })],
  [0.15, ({ people }, fields, random) => ({ record: userAdded(random.pick(people), fields) })],
  [
    0.6,
    ({ people }, fields, random) => {
      const group = { id: random.guid(), name: 'sg-finance-readers' }
      return { record: memberAddedToGroup(random.pick(people), group, fields) }
    },
  ],
  [0.25, ({ agents }, fields, random) => ({ record: applicationUpdated(random.pick(agents), fields) })],
  [0.35, ({ agents }, fields, random) => ({ record: servicePrincipalUpdated(random.pick(agents), fields) })],
  [
    0.012,
    ({ agents, people }, fields, random) => {
      const [agent, owner] = [random.pick(agents), random.pick(people)]
      return { record: ownerAddedToServicePrincipal(agent, owner, fields), owned: { agent, owner } }
    },
  ],
]

interface Timed extends Made {
  readonly time: number
  readonly random: Random
}

/** The ordinary changes of the hour that starts at `from`; each kind from its own stream of randomness. */
function* changesOfHour(world: World, from: number): Generator<Timed> {
  const clock = new Date(from).getUTCHours()
  const busy = isWeekend(from) ? 0.1 : clock >= 6 && clock < 17 ? 1 : 0.15
  for (const [index, [hourly, change]] of changes.entries()) {
    const random = new Random(world.seed, 'directory', index, from)
    for (let i = random.poisson(hourly * busy); i > 0; i--) {
      const time = Math.floor(from + random.next() * HOUR)
      const fields = changeBy(world, asActor(random.pick(world.admins)), time, random)
      yield { ...change(world, fields, random), time, random }
    }
  }
}

/** One hour of ordinary changes of the directory. */
export function directoryChanges(stage: Stage, from: number): void {
  for (const { record, time, random } of changesOfHour(stage.world, from))
    sendAudit(stage, time, random, record)
}

/** The owners that administrators give to agents, over all of the world's time. */
export function* ownersAdded(world: World): Generator<{ agent: Agent; owner: Employee; time: number }> {
  for (let from = world.start; from < world.end; from += HOUR) {
    for (const { owned, time } of changesOfHour(world, from)) if (owned) yield { ...owned, time }
  }
}

/** The agent's keys as the audit log describes them. */
export function credentials(agent: Agent): Credential[] {
  return agent.keys.map((key) => ({
    keyId: key.keyId,
    kind: key.thumbprint === '' ? 'Password' : 'AsymmetricX509Cert',
    name: key.thumbprint === '' ? 'rotated' : `CN=${agent.appId}`,
  }))
}

/** Rotation some minutes before the new key's first use: by Entra itself, or by an administrator. */
function rotation(stage: Stage, agent: Agent, time: number, random: Random): void {
  const [before, added] = credentials(agent)
  if (agent.type === 'managedIdentity') {
    const { actor: _, ...fields } = changeBy(stage.world, asActor(stage.world.admins[0]!), time, random)
    sendAudit(stage, time, random, managedIdentityRotated(agent, added!, [before!], fields))
    return
  }
  const fields = changeBy(stage.world, asActor(random.pick(stage.world.admins)), time, random)
  sendAudit(stage, time, random, applicationCredentialAdded(agent, added!, [before!], fields))
  const echo = { ...fields, time: time + 300, id: `${fields.id}1` }
  sendAudit(stage, time + 300, random, servicePrincipalUpdated(agent, echo))
}

/** A deployment that needs a further permission gets it, a low one, from an administrator. */
function permission(stage: Stage, agent: Agent, time: number, random: Random): void {
  const role = {
    id: random.guid(),
    value: agent.deployment?.operation?.role ?? '',
    description: 'Read data of its kind',
  }
  const fields = changeBy(stage.world, asActor(random.pick(stage.world.admins)), time, random)
  sendAudit(stage, time, random, appRoleGranted(stage.world.graph, role, agent, fields))
}

/** The changes of agents themselves that fall into the hour. */
export function agentChanges(stage: Stage, from: number): void {
  for (const agent of stage.world.agents) {
    const due = (time: number | undefined) => time !== undefined && time >= from && time < from + HOUR
    const random = () => new Random(stage.world.seed, 'agent', agent.index, 'changes', from)
    const rotated = agent.keys[1] && Math.floor(agent.keys[1].from - 12 * MINUTE)
    if (due(rotated)) rotation(stage, agent, rotated!, random())
    const granted = agent.deployment?.operation && Math.floor(agent.deployment.time - 25 * MINUTE)
    if (due(granted)) permission(stage, agent, granted!, random())
  }
}
