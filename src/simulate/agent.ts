import type { Operation } from './catalog/graph.js'
import type { Address } from './catalog/networks.js'
import type { Resource } from './catalog/resources.js'
import type { Day, HabitName, Run } from './habits.js'
import type { Random } from './random.js'
import type { AgentMark, Person, Principal } from './records/index.js'
import type { Zone } from './time.js'

export type AgentType = 'servicePrincipal' | 'managedIdentity' | 'agentIdentity' | 'agentUser' | 'onBehalfOf'

/** A secret or certificate and when its use begins, epoch ms. */
export interface Key {
  readonly keyId: string
  readonly thumbprint: string
  readonly from: number
}

/** From `time` on the agent also uses one more resource or Graph operation. */
export interface Deployment {
  readonly time: number
  readonly resource?: Resource
  readonly operation?: Operation
}

/** Everything that makes an agent what it is: fixed when the world is made. */
export interface Agent extends Principal {
  readonly index: number
  readonly applicationId: string
  readonly type: AgentType
  readonly habit: HabitName
  readonly zone: Zone
  /** Its work on a calendar day of its zone. */
  readonly work: (day: Day, random: Random) => Run[]
  /** Each with the share of runs that need it; the first is needed by every run. */
  readonly resources: readonly (readonly [Resource, number])[]
  /** Its repertoire on Graph with weights; empty when it makes no calls. */
  readonly operations: readonly (readonly [Operation, number])[]
  /** Median calls a run. */
  readonly calls: number
  /** Its personal multiple of an operation's usual response size. */
  readonly appetite: number
  readonly addresses: readonly (readonly [Address, number])[]
  readonly keys: readonly Key[]
  /** Its secret has run out: sign-ins fail until somebody notices. */
  readonly expired?: { readonly from: number; readonly to: number }
  readonly deployment?: Deployment
  /** When it is first and last seen, epoch ms. */
  readonly from: number
  readonly to: number
  readonly cachesTokens: boolean
  readonly userAgent: string
  readonly library: string
  readonly credentialType: string
  readonly mark: AgentMark
  /** Whom it acts as (agent user) or for (on behalf of), and whose data it reads. */
  readonly users: readonly Person[]
  readonly subjects: readonly Person[]
  readonly slash: string
  readonly region: string
}

export function signsInWithUser(agent: Agent): boolean {
  return agent.type === 'agentUser' || agent.type === 'onBehalfOf'
}

/** Managed identities leave no address in their sign-ins. */
export function showsAddress(agent: Agent): boolean {
  return agent.type !== 'managedIdentity'
}

export function keyAt(agent: Agent, time: number): Key {
  return agent.keys.findLast((key) => key.from <= time) ?? agent.keys[0]!
}
