import type { EntraCredential, EntraFacts } from '../agents/inventory.js'
import { getOrAdd } from '../collections.js'
import { GraphError } from '../graph/client.js'
import type { GraphReader } from '../graph/pages.js'
import { MICROSOFT_TENANTS } from '../views/sign-ins.js'
import {
  applicationSchema,
  federatedSchema,
  type Key,
  PRINCIPAL_FIELDS,
  type Principal,
  personSchema,
  principalSchema,
} from './answers.js'
import { Permissions } from './permissions.js'

/** An agent as Entra has it. */
export interface DirectoryAgent {
  readonly id: string
  readonly appId: string | undefined
  readonly name: string | undefined
  readonly facts: EntraFacts
}

/** Which agents are read: those of Entra Agent ID, or also all workload identities but Microsoft's own. */
export type Included = 'agents' | 'workloads'

/** A service principal whose details are still to be read. */
export interface Candidate {
  readonly kind: EntraFacts['kind']
  readonly principal: Principal
}

/** The part of the type's name after which a service principal of Entra Agent ID is asked for its sponsors. */
const CASTS: Readonly<Partial<Record<EntraFacts['kind'], string>>> = {
  'agent-identity': 'microsoft.graph.agentIdentity',
  blueprint: 'microsoft.graph.agentIdentityBlueprintPrincipal',
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const PERSON = '$select=id,displayName,userPrincipalName'

/** Reads agents and all that belongs to them from Microsoft Graph. */
export class Directory {
  readonly #reader: GraphReader
  readonly #permissions: Permissions

  constructor(reader: GraphReader) {
    this.#reader = reader
    this.#permissions = new Permissions(reader)
  }

  /**
   * All agents, without their details.
   * @param listed object ids that are wanted whatever they are; those that are no service principals are left out
   */
  async candidates(included: Included, listed: readonly string[]): Promise<Candidate[]> {
    const found = new Map<string, Candidate>()
    for (const kind of ['agent-identity', 'blueprint'] as const) {
      for (const one of await this.#agents(kind)) found.set(one.id.toLowerCase(), { kind, principal: one })
    }
    if (included === 'workloads') {
      for (const one of await this.#workloads()) getOrAdd(found, one.principal.id.toLowerCase(), () => one)
    }
    const asked = listed.map((id) => id.toLowerCase()).filter((id) => GUID.test(id) && !found.has(id))
    for (const id of asked) {
      const one = await this.#byId(id)
      if (one) found.set(id, one)
    }
    return [...found.values()]
  }

  /**
   * One agent with its details; `undefined` if it was removed meanwhile. Cost: up to seven calls, and one for each
   * resource that was not met before.
   */
  async details(candidate: Candidate): Promise<DirectoryAgent | undefined> {
    try {
      return await this.#details(candidate)
    } catch (error) {
      const missing = error instanceof GraphError && error.status === 404
      if (!missing || (await this.#byId(candidate.principal.id)) !== undefined) throw error
      return undefined
    }
  }

  async #details({ kind, principal }: Candidate): Promise<DirectoryAgent> {
    const { id, appId, displayName } = principal
    // One after the other: how many calls there are at a time is for the caller to say.
    const owners = await this.#people(`/v1.0/servicePrincipals/${id}/owners`)
    const sponsors = await this.#sponsors(kind, id)
    const credentials = await this.#credentials(kind, principal)
    const permissions = await this.#permissions.of(id)
    const facts = { ...plainFacts(kind, principal), owners, sponsors, credentials, permissions }
    return { id, appId, name: displayName, facts: inOrder(facts) }
  }

  async #agents(kind: 'agent-identity' | 'blueprint'): Promise<Principal[]> {
    return this.#reader.all(`/v1.0/servicePrincipals/${CASTS[kind]}?$top=100`, principalSchema)
  }

  async #workloads(): Promise<Candidate[]> {
    const path = `/v1.0/servicePrincipals?$top=999&$select=${PRINCIPAL_FIELDS}`
    const all = await this.#reader.all(path, principalSchema)
    return all.filter(isWorkload).map((principal) => ({ kind: kindOf(principal), principal }))
  }

  async #byId(id: string): Promise<Candidate | undefined> {
    const path = `/v1.0/servicePrincipals/${id}?$select=${PRINCIPAL_FIELDS}`
    const principal = await this.#reader.one(path, principalSchema)
    return principal && { kind: kindOf(principal), principal }
  }

  async #people(path: string): Promise<string[]> {
    const people = await this.#reader.all(`${path}?${PERSON}`, personSchema)
    const names = people.map(
      ({ id, displayName, userPrincipalName }) => userPrincipalName || displayName || id,
    )
    return [...new Set(names)].sort()
  }

  async #sponsors(kind: EntraFacts['kind'], id: string): Promise<string[]> {
    const cast = CASTS[kind]
    return cast === undefined ? [] : this.#people(`/v1.0/servicePrincipals/${id}/${cast}/sponsors`)
  }

  /** Agent identities have none of their own: their blueprints do. Azure keeps those of managed identities. */
  async #credentials(kind: EntraFacts['kind'], principal: Principal): Promise<EntraCredential[]> {
    if (kind === 'agent-identity' || kind === 'managed-identity') return []
    const application = await this.#application(principal.appId)
    const keys = [principal, application].flatMap((one) => [
      ...(one?.passwordCredentials ?? []).map((key) => credentialOf('secret', key)),
      ...(one?.keyCredentials ?? []).map((key) => credentialOf('certificate', key)),
    ])
    const all = [...keys, ...(application ? await this.#federated(application.id) : [])]
    const each = new Map(all.map((one) => [one.id, one]))
    return [...each.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** None for an application of another tenant. */
  async #application(appId: string | undefined) {
    if (appId === undefined) return undefined
    const path = `/v1.0/applications(appId='${encodeURIComponent(appId)}')`
    return this.#reader.one(`${path}?$select=id,keyCredentials,passwordCredentials`, applicationSchema)
  }

  async #federated(application: string): Promise<EntraCredential[]> {
    const path = `/v1.0/applications/${application}/federatedIdentityCredentials`
    const all = await this.#reader.all(path, federatedSchema)
    return all.map(({ id, name, issuer, subject }) => ({
      kind: 'federated',
      id,
      name: [name, issuer, subject].filter(Boolean).join(' '),
    }))
  }
}

/** What the service principal itself says. */
function plainFacts(kind: EntraFacts['kind'], principal: Principal) {
  const { accountEnabled, createdDateTime, agentIdentityBlueprintId, tags } = principal
  return {
    kind,
    enabled: accountEnabled ?? true,
    created: createdDateTime || undefined,
    blueprint: agentIdentityBlueprintId || undefined,
    tags: tags.filter((tag) => tag.trim() !== '').sort(),
  }
}

/** As they are written: always in the same order, and without what there is not. */
function inOrder(facts: EntraFacts): EntraFacts {
  const { kind, enabled, created, blueprint, owners, sponsors, tags, credentials, permissions } = facts
  return {
    kind,
    enabled,
    ...(created !== undefined && { created }),
    ...(blueprint !== undefined && { blueprint }),
    owners,
    sponsors,
    tags,
    credentials,
    permissions,
  }
}

function isWorkload({ servicePrincipalType, appOwnerOrganizationId }: Principal): boolean {
  if (servicePrincipalType === 'ManagedIdentity') return true
  const owner = appOwnerOrganizationId?.toLowerCase()
  return servicePrincipalType === 'Application' && !(owner && MICROSOFT_TENANTS.has(owner))
}

function kindOf({ servicePrincipalType }: Principal): EntraFacts['kind'] {
  if (servicePrincipalType === 'ManagedIdentity') return 'managed-identity'
  return servicePrincipalType === 'ServiceIdentity' ? 'agent-identity' : 'service-principal'
}

function credentialOf(kind: 'secret' | 'certificate', key: Key): EntraCredential {
  const { keyId, displayName, startDateTime, endDateTime } = key
  return {
    kind,
    id: keyId.toLowerCase(),
    ...(displayName && { name: displayName }),
    ...(startDateTime && { from: startDateTime }),
    ...(endDateTime && { until: endDateTime }),
  }
}
