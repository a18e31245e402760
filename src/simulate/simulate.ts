import type { Agent } from './agent.js'
import { type Incident, type PlannedUpheaval, planIncidents, planUpheavals } from './attacks/index.js'
import { microsoftServices, people } from './background.js'
import { type Arrival, Delivery } from './delivery.js'
import { agentChanges, directoryChanges, ownersAdded } from './directory.js'
import type { Stage } from './emit.js'
import { type InventoryAgent, inventoryOf } from './inventory.js'
import { Random } from './random.js'
import { riskRecords } from './risks.js'
import { HOUR } from './time.js'
import { Traffic } from './traffic.js'
import { createWorld, type World } from './world.js'

export interface SimulationOptions {
  readonly agents: number
  readonly days: number
  readonly seed: number
  readonly attacks: 'all' | 'none' | readonly string[]
  /** Midnight UTC of the first day, epoch ms: a constant unless given, so that a seed always means the same bytes. */
  readonly start?: number
}

/** The truth about one attack; both ends belong to it (ISO 8601, UTC). */
export interface Label {
  /** AgentId: the object id. */
  readonly agent: string
  /** Its application id: what the audit log names of a change to its application. */
  readonly appId: string
  readonly tenant: string
  readonly attack: string
  /** The agent that did it to the other, where one did. */
  readonly by?: { readonly agent: string; readonly appId: string }
  readonly from: string
  readonly to: string
}

/** A change that the agent's owners meant to make: an alert that names it is right, and yet no attack. */
export interface PlannedChange {
  readonly agent: string
  readonly appId: string
  readonly tenant: string
  readonly change:
    | 'credential-rotated'
    | 'deployment'
    | 'owner-added'
    | 'region-migrated'
    | 'quarter-end-load'
  /** When it is made; the agent uses it from then on (ISO 8601, UTC). */
  readonly at: string
  /** Until when it lasts, where it is no moment: what the agent does meanwhile is meant (ISO 8601, UTC). */
  readonly to?: string
  /** What is new: a key's id or thumbprint, a resource's application id, a Graph operation with its permission, an owner's id, a region's country, network and address. */
  readonly adds: readonly string[]
}

export interface Simulation {
  readonly tenantId: string
  /** Midnight UTC of the first day, epoch ms. */
  readonly start: number
  readonly labels: Label[]
  readonly changes: PlannedChange[]
  readonly inventory: InventoryAgent[]
  /** All records in order of arrival over all categories; each call starts afresh. */
  records(): Iterable<Arrival>
}

const monday = Date.UTC(2026, 9, 5)

function check(options: SimulationOptions): void {
  for (const name of ['agents', 'days'] as const) {
    const value = options[name]
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1 on, got ${value}`)
  }
  if (options.start !== undefined && !Number.isFinite(options.start))
    throw new RangeError('start must be a time')
}

function labelOf(incident: Incident, tenant: string): Label {
  const { agent, attack, by, from, to } = incident
  return {
    agent: agent.id,
    appId: agent.appId,
    tenant,
    attack: attack.name,
    ...(by ? { by: { agent: by.id, appId: by.appId } } : {}),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  }
}

/** Managed identities rotate by themselves, and no alert tells of that. */
function rotationsOf({ type, keys }: Agent): [time: number, adds: string[]][] {
  const [, key] = keys
  return key && type !== 'managedIdentity' ? [[key.from, [key.keyId, key.thumbprint]]] : []
}

function deploymentsOf({ deployment }: Agent): [time: number, adds: string[]][] {
  if (!deployment) return []
  const { time, resource, operation } = deployment
  return [[time, operation ? [`${operation.method} ${operation.path}`, operation.role] : [resource!.appId]]]
}

function changesOf(world: World, upheavals: readonly PlannedUpheaval[]): PlannedChange[] {
  const planned = (change: PlannedChange['change'], agent: Agent, time: number, adds: string[]) => ({
    agent: agent.id,
    appId: agent.appId,
    tenant: world.tenantId,
    change,
    at: new Date(time).toISOString(),
    adds: adds.filter((one) => one !== ''),
  })
  return [
    ...world.agents.flatMap((agent) =>
      rotationsOf(agent).map((one) => planned('credential-rotated', agent, ...one)),
    ),
    ...world.agents.flatMap((agent) =>
      deploymentsOf(agent).map((one) => planned('deployment', agent, ...one)),
    ),
    ...Array.from(ownersAdded(world), ({ agent, owner, time }) =>
      planned('owner-added', agent, time, [owner.id]),
    ),
    ...upheavals.map(({ attack, agent, ...plan }) => ({
      ...planned(attack.change, agent, plan.from, [...attack.adds(plan)]),
      to: new Date(plan.to).toISOString(),
    })),
  ]
}

function isDue(incident: Incident, hour: number): boolean {
  return incident.from >= hour && incident.from < hour + HOUR
}

function act(incident: Incident, stage: Stage, traffic: readonly Traffic[]): void {
  const { attack, agent } = incident
  const random = new Random(stage.world.seed, 'act', attack.name, agent.index)
  attack.act({ ...incident, stage, usual: traffic[agent.index]!.usual, random })
}

/** Hour by hour: everything that happens in an hour is made before anything that arrives in it is handed out. */
function* play(world: World, incidents: readonly Incident[]): Generator<Arrival> {
  const delivery = new Delivery(world.start, world.end)
  const stage: Stage = { world, delivery }
  const silences = new Map(incidents.map(({ agent, silence }) => [agent, silence]))
  const traffic = world.agents.map((agent) => new Traffic(stage, agent, silences.get(agent)))
  for (let hour = world.start; hour < world.end; hour += HOUR) {
    for (const agent of traffic) agent.hour(hour)
    for (const incident of incidents) if (isDue(incident, hour)) act(incident, stage, traffic)
    for (const background of [people, microsoftServices, directoryChanges, agentChanges, riskRecords])
      background(stage, hour)
    yield* delivery.take(hour / HOUR)
  }
  for (const hour of delivery.hours()) yield* delivery.take(hour)
}

/** Labelled Entra logs of a made-up tenant; the same options give the same records. */
export function simulate(options: SimulationOptions): Simulation {
  check(options)
  const world = createWorld({ ...options, start: options.start ?? monday })
  const incidents = planIncidents(world, options.attacks)
  const upheavals = planUpheavals(world, incidents)
  return {
    tenantId: world.tenantId,
    start: world.start,
    labels: incidents.map((incident) => labelOf(incident, world.tenantId)),
    changes: changesOf(world, upheavals),
    inventory: inventoryOf(world),
    records: () => play(world, [...incidents, ...upheavals]),
  }
}
