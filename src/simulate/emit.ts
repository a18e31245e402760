import { type Agent, type Key, keyAt, signsInWithUser } from './agent.js'
import { type Operation, requestUri } from './catalog/graph.js'
import type { Address } from './catalog/networks.js'
import type { Resource } from './catalog/resources.js'
import type { Delivery } from './delivery.js'
import { Random } from './random.js'
import {
  graphCall,
  managedIdentitySignIn,
  nonInteractiveUserSignIn,
  type Person,
  type SignInFields,
  servicePrincipalSignIn,
  tokenIdentifier,
  type WireRecord,
  type WorkloadSignInFields,
} from './records/index.js'
import { processingDetails } from './records/signIn.js'
import { MINUTE } from './time.js'
import type { World } from './world.js'

/** Where records are made: the world they are about and the hub that carries them. */
export interface Stage {
  readonly world: World
  readonly delivery: Delivery
}

/** What a successful sign-in leaves in the agent's cache. */
export interface Token {
  readonly identifier: string
  readonly issued: number
  readonly expires: number
  readonly address: Address
  readonly user: Person
}

export interface Attempt {
  readonly time: number
  readonly resource: Resource
  readonly address: Address
  readonly user?: Person
  readonly key?: Key
  /** AADSTS code; absent for success. */
  readonly errorCode?: number
}

/** A sign-in's id ends in a zero byte, as Entra's do. */
export function signInId(random: Random): string {
  return `${random.guid().slice(0, 34)}00`
}

/** The object id of an API's service principal: one per tenant. */
export function resourcePrincipal(world: World, resource: Resource): string {
  return resource.appId === world.graph.appId
    ? world.graph.id
    : new Random(world.tenantId, 'resource', resource.appId).guid()
}

function commonFields(stage: Stage, agent: Agent, attempt: Attempt, random: Random): SignInFields {
  return {
    id: signInId(random),
    correlationId: random.guid(),
    time: attempt.time,
    tenantId: stage.world.tenantId,
    appId: agent.appId,
    appName: agent.name,
    resourceAppId: attempt.resource.appId,
    resourceName: attempt.resource.name,
    resourceServicePrincipalId: resourcePrincipal(stage.world, attempt.resource),
    address: attempt.address,
    agent: agent.mark,
    errorCode: attempt.errorCode ?? 0,
    processingMs: random.integer(18, 420),
  }
}

/** Managed identities and federated agents have no key of their own to name but the platform's. */
function workloadFields(agent: Agent, attempt: Attempt, fields: SignInFields): WorkloadSignInFields {
  const key = attempt.key ?? keyAt(agent, attempt.time)
  const federated = agent.type === 'agentIdentity'
  return {
    ...fields,
    servicePrincipalId: agent.id,
    servicePrincipalName: agent.name,
    keyId: federated ? '' : key.keyId,
    thumbprint: federated ? '' : key.thumbprint,
    federatedCredentialId: federated ? key.keyId : '',
    // A key that is not the agent's own is a secret: those are what attackers add.
    credentialType: attempt.key ? 'clientSecret' : agent.credentialType,
  }
}

function userFields(agent: Agent, user: Person, fields: SignInFields) {
  const actor = agent.type === 'onBehalfOf' ? agent.id : ''
  return { ...fields, userId: user.id, userName: user.name, upn: user.upn, servicePrincipalId: actor }
}

function writeSignIn(
  agent: Agent,
  attempt: Attempt,
  fields: SignInFields,
  user: Person,
  written: number,
): WireRecord {
  const record = signsInWithUser(agent)
    ? nonInteractiveUserSignIn({ ...userFields(agent, user, fields), written })
    : agent.type === 'managedIdentity'
      ? managedIdentitySignIn({ ...workloadFields(agent, attempt, fields), written })
      : servicePrincipalSignIn({ ...workloadFields(agent, attempt, fields), written })
  record.properties.authenticationProcessingDetails = processingDetails(agent.library)
  return record
}

const categories = {
  servicePrincipal: 'ServicePrincipalSignInLogs',
  managedIdentity: 'ManagedIdentitySignInLogs',
  agentIdentity: 'ServicePrincipalSignInLogs',
  agentUser: 'NonInteractiveUserSignInLogs',
  onBehalfOf: 'NonInteractiveUserSignInLogs',
} as const

/** One sign-in of an agent, and the token it would bring: good for 60 to 90 minutes. */
export function signIn(stage: Stage, agent: Agent, attempt: Attempt, random: Random): Token {
  const user = attempt.user ?? agent.users[0]!
  const fields = commonFields(stage, agent, attempt, random)
  stage.delivery.send(categories[agent.type], attempt.time, random, (written) =>
    writeSignIn(agent, attempt, fields, user, written),
  )
  return {
    identifier: tokenIdentifier(fields.id!),
    issued: attempt.time,
    expires: attempt.time + random.between(60, 90) * MINUTE,
    address: attempt.address,
    user,
  }
}

export interface Call {
  readonly time: number
  readonly operation: Operation
  readonly status: number
  readonly bytes: number
}

const clientAuthMethods: Readonly<Record<string, string>> = {
  clientSecret: '1',
  certificate: '2',
  clientAssertion: '2',
  managedIdentity: '2',
  federatedIdentityCredential: '2',
}

/** One call of Microsoft Graph with a token: the two share the token's identifier. */
export function callGraph(stage: Stage, agent: Agent, token: Token, call: Call, random: Random): void {
  const { operation, time } = call
  const subject = random.pick(agent.subjects)
  const day = new Date(time).toISOString().slice(0, 10)
  const slash = random.chance(0.004) ? '//' : agent.slash
  const uri = requestUri(operation, subject, day, slash, random)
  const requestId = random.guid()
  const duration = Math.floor(random.logNormal(400_000, 1))
  const withUser = signsInWithUser(agent)
  stage.delivery.send('MicrosoftGraphActivityLogs', time, random, () =>
    graphCall({
      servicePrincipalId: withUser ? undefined : agent.id,
      userId: withUser ? token.user.id : undefined,
      time,
      tenantId: stage.world.tenantId,
      requestId,
      appId: agent.appId,
      method: operation.method,
      version: operation.version,
      uri,
      status: call.status,
      bytes: call.bytes,
      ip: token.address.ip,
      userAgent: agent.userAgent,
      region: agent.region,
      signInActivityId: token.identifier,
      tokenIssued: token.issued,
      permissions: permissionsOf(agent, operation),
      clientAuthMethod: clientAuthMethods[agent.credentialType] ?? '1',
      duration,
    }),
  )
}

const granted = new WeakMap<Agent, string>()

/** What the token allows: all the agent's permissions, in the order in which Entra sorts them. */
function permissionsOf(agent: Agent, operation: Operation): string {
  const own = granted.get(agent) ?? [...new Set(agent.operations.map(([{ role }]) => role))].sort().join(' ')
  granted.set(agent, own)
  return own.includes(operation.role) ? own : `${own} ${operation.role}`.trim()
}
