import type { Agent } from './agent.js'
import { addressIn, foreignNetworks } from './catalog/networks.js'
import type { Stage } from './emit.js'
import { Random } from './random.js'
import {
  agentRiskEvent,
  type RiskFields,
  riskyAgent,
  riskyServicePrincipal,
  riskyUser,
  servicePrincipalRiskEvent,
  userRiskEvent,
  type WireRecord,
} from './records/index.js'
import { HOUR, MINUTE } from './time.js'
import type { World } from './world.js'

/** A pair of risk records: what was found, and how its subject stands since. */
export interface Finding {
  readonly event: (fields: RiskFields) => WireRecord
  readonly standing: (fields: RiskFields) => WireRecord
  readonly categories: readonly [string, string]
}

export const servicePrincipalAtRisk: Finding = {
  event: servicePrincipalRiskEvent,
  standing: riskyServicePrincipal,
  categories: ['ServicePrincipalRiskEvents', 'RiskyServicePrincipals'],
}

/** What Entra finds where nothing happened: how often a day in a tenant, and about whom. */
interface Risk extends Finding {
  readonly daily: number
  readonly types: readonly string[]
  subject(world: World, random: Random): RiskFields
}

const risks: readonly Risk[] = [
  {
    event: userRiskEvent,
    standing: riskyUser,
    categories: ['UserRiskEvents', 'RiskyUsers'],
    daily: 0.4,
    types: ['unfamiliarFeatures', 'anonymizedIPAddress', 'passwordSpray', 'unlikelyTravel'],
    subject: (world, random) => {
      const { id, name, upn } = random.pick(world.people)
      return { subjectId: id, name, upn }
    },
  },
  {
    ...servicePrincipalAtRisk,
    daily: 0.06,
    types: ['suspiciousSignins', 'anomalousServicePrincipalActivity'],
    subject: (world, random) => agentOf(world, ['servicePrincipal'], random),
  },
  {
    event: agentRiskEvent,
    standing: riskyAgent,
    categories: ['AgentRiskEvents', 'RiskyAgents'],
    daily: 0.08,
    types: ['unfamiliarResourceAccess', 'signInSpike', 'failedAccessAttempt'],
    subject: (world, random) => agentOf(world, ['agentIdentity', 'agentUser'], random),
  },
]

function agentOf(world: World, types: readonly string[], random: Random): RiskFields {
  const fitting = world.agents.filter((agent) => types.includes(agent.type))
  return subjectOf(random.pick(fitting.length > 0 ? fitting : world.agents))
}

/** The agent as a finding names it. */
export function subjectOf(agent: Agent): RiskFields {
  const identityType = agent.type === 'agentUser' ? 'AgentUser' : 'AgentIdentity'
  return { subjectId: agent.id, name: agent.name, appId: agent.appId, identityType }
}

/** One detection of each kind is certain, whatever the length of the window: some time after its first quarter. */
function certain(world: World, index: number): number {
  const share = new Random(world.seed, 'risk', index).between(0.25, 0.9)
  return Math.floor(world.start + share * (world.end - world.start))
}

/** When detections of one kind are written in the hour that starts at `from`. */
function times(world: World, index: number, from: number): number[] {
  const random = new Random(world.seed, 'risk', index, from)
  const count = from - world.start < 6 * HOUR ? 0 : random.poisson(risks[index]!.daily / 24)
  const others = Array.from({ length: count }, () => Math.floor(from + random.next() * HOUR))
  const sure = certain(world, index)
  return sure >= from && sure < from + HOUR ? [...others, sure] : others
}

/** Detection first, the standing of who is at risk some minutes later. */
export function writeFinding(
  stage: Stage,
  { event, standing, categories }: Finding,
  fields: RiskFields & { readonly updated: number },
  random: Random,
): void {
  const later = fields.updated + random.integer(1, 6) * MINUTE
  stage.delivery.send(categories[0], fields.updated, random, () => event(fields))
  stage.delivery.send(categories[1], later, random, () => standing({ ...fields, updated: later }))
}

/** A finding that is written at `time`; the activity was minutes to hours before. */
function detect(stage: Stage, risk: Risk, time: number, random: Random): void {
  const { world } = stage
  const activity = Math.floor(Math.max(world.start + MINUTE, time - random.logNormal(2 * HOUR, 1)))
  const fields = {
    ...risk.subject(world, random),
    id: random.digits(64),
    tenantId: world.tenantId,
    time: activity,
    detected: time - Math.floor(0.3 * (time - activity)),
    updated: time,
    riskEventType: random.pick(risk.types),
    riskLevel: random.weighted([
      ['low', 5],
      ['medium', 4],
      ['high', 2],
    ]),
    address: addressIn(random.pick(foreignNetworks), random),
  }
  writeFinding(stage, risk, fields, random)
}

/** The risk records of the hour that starts at `from`. */
export function riskRecords(stage: Stage, from: number): void {
  risks.forEach((risk, index) => {
    for (const time of times(stage.world, index, from)) {
      detect(stage, risk, time, new Random(stage.world.seed, risk.categories[0], time))
    }
  })
}
