import type { z } from 'zod'
import type { EntraPermission } from '../agents/inventory.js'
import { getOrAdd } from '../collections.js'
import type { GraphReader } from '../graph/pages.js'
import { assignmentSchema, grantSchema, type ResourcePrincipal, resourceSchema } from './answers.js'

/** The role of those who were assigned to an application that has no roles. */
const NO_ROLE = '00000000-0000-0000-0000-000000000000'

/** Reads which permissions a service principal has; asks for each resource once. */
export class Permissions {
  readonly #reader: GraphReader
  readonly #resources = new Map<string, Promise<ResourcePrincipal | undefined>>()

  constructor(reader: GraphReader) {
    this.#reader = reader
  }

  /** Sorted by resource, name and type, each once. @param id object id of the service principal */
  async of(id: string): Promise<EntraPermission[]> {
    const path = `/v1.0/servicePrincipals/${id}`
    const all = new Map<string, EntraPermission>()
    for (const one of await this.#reader.all(`${path}/appRoleAssignments`, assignmentSchema))
      note(all, await this.#role(one))
    for (const one of await this.#reader.all(`${path}/oauth2PermissionGrants`, grantSchema))
      for (const scope of await this.#scopes(one)) note(all, scope)
    return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  }

  async #role(assignment: z.output<typeof assignmentSchema>): Promise<EntraPermission> {
    const { resourceId, resourceDisplayName, appRoleId } = assignment
    const resource = await this.#resource(resourceId)
    const role = resource?.appRoles.find(({ id }) => id === appRoleId)
    const permission = appRoleId === NO_ROLE ? '(assigned)' : (role?.value ?? role?.displayName ?? appRoleId)
    return { ...named(resource, resourceDisplayName ?? resourceId), permission, type: 'application' }
  }

  async #scopes({ resourceId, scope }: z.output<typeof grantSchema>): Promise<EntraPermission[]> {
    const resource = await this.#resource(resourceId)
    const names = (scope ?? '').split(/\s+/).filter(Boolean)
    return names.map((permission) => ({ ...named(resource, resourceId), permission, type: 'delegated' }))
  }

  #resource(id: string): Promise<ResourcePrincipal | undefined> {
    const path = `/v1.0/servicePrincipals/${id}?$select=appId,displayName,appRoles`
    return getOrAdd(this.#resources, id, () => this.#reader.one(path, resourceSchema))
  }
}

function note(all: Map<string, EntraPermission>, permission: EntraPermission): void {
  all.set(keyOf(permission), permission)
}

function named(resource: ResourcePrincipal | undefined, otherwise: string) {
  const { displayName, appId } = resource ?? {}
  const id = appId === undefined ? {} : { resource_id: appId }
  return { resource: displayName || otherwise, ...id }
}

/** Names one permission among those of an agent, in the order in which they are listed. */
export function keyOf({ resource, permission, type }: EntraPermission): string {
  return `${resource} ${permission} (${type})`
}
