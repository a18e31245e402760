import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answerer } from './receiver.js'

/** What a tenant's directory holds, by path without query: lists are paged, objects are not. */
export type Tenant = ReadonlyMap<string, readonly object[] | object>

const V1 = '/v1.0'
const PRINCIPALS = `${V1}/servicePrincipals`

export const BLUEPRINT_APP = 'bbbbbbbb-0000-4000-8000-000000000001'
export const GRAPH_APP = '00000003-0000-0000-c000-000000000000'

/** Object ids: a number of one digit, told apart by what they are of. */
export const idOf = (number: number, what = 'a') => `${what.repeat(8)}-0000-4000-8000-00000000000${number}`

const RESOURCE = {
  id: idOf(1, 'e'),
  appId: GRAPH_APP,
  displayName: 'Microsoft Graph',
  appRoles: [
    { id: idOf(1, 'd'), value: 'Mail.Read', displayName: 'Read mail' },
    { id: idOf(2, 'd'), value: 'User.Read.All', displayName: 'Read users' },
  ],
}

/** Three agent identities of one blueprint, a service principal, a managed identity, and one of Microsoft's own. */
export function tenant(): Map<string, readonly object[] | object> {
  const agents = [1, 2, 3].map((number) => ({
    '@odata.type': '#microsoft.graph.agentIdentity',
    id: idOf(number),
    appId: null,
    displayName: `agent ${number}`,
    servicePrincipalType: 'ServiceIdentity',
    accountEnabled: number !== 3,
    agentIdentityBlueprintId: BLUEPRINT_APP,
    createdDateTime: '2026-05-04T08:00:00Z',
    tags: ['finance'],
  }))
  const blueprint = {
    id: idOf(9, 'b'),
    appId: BLUEPRINT_APP,
    displayName: 'blueprint',
    servicePrincipalType: 'Application',
  }
  const others = [
    {
      id: idOf(1, 'c'),
      appId: idOf(2, 'c'),
      displayName: 'pipeline',
      servicePrincipalType: 'Application',
      appOwnerOrganizationId: idOf(1, '1'),
    },
    { id: idOf(3, 'c'), appId: idOf(4, 'c'), displayName: 'vm', servicePrincipalType: 'ManagedIdentity' },
    {
      id: idOf(5, 'c'),
      appId: idOf(6, 'c'),
      displayName: 'Office',
      servicePrincipalType: 'Application',
      appOwnerOrganizationId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    },
  ]
  const all = [...agents, blueprint, ...others]
  const found = new Map<string, readonly object[] | object>([
    [`${PRINCIPALS}/microsoft.graph.agentIdentity`, agents],
    [`${PRINCIPALS}/microsoft.graph.agentIdentityBlueprintPrincipal`, [blueprint]],
    [PRINCIPALS, all],
    [`${PRINCIPALS}/${RESOURCE.id}`, RESOURCE],
    [
      `${V1}/applications(appId='${BLUEPRINT_APP}')`,
      {
        id: idOf(8, 'b'),
        passwordCredentials: [
          {
            keyId: idOf(7, 'b').toUpperCase(),
            displayName: 'ci',
            startDateTime: '2026-01-01T00:00:00Z',
            endDateTime: '2028-01-01T00:00:00Z',
          },
        ],
      },
    ],
    [
      `${V1}/applications/${idOf(8, 'b')}/federatedIdentityCredentials`,
      [{ id: idOf(6, 'b'), name: 'actions', issuer: 'https://token.example', subject: 'repo:contoso' }],
    ],
  ])
  for (const one of all) {
    const path = `${PRINCIPALS}/${one.id}`
    found.set(path, one)
    for (const list of ['owners', 'appRoleAssignments', 'oauth2PermissionGrants'])
      found.set(`${path}/${list}`, [])
    for (const cast of ['agentIdentity', 'agentIdentityBlueprintPrincipal'])
      found.set(`${path}/microsoft.graph.${cast}/sponsors`, [])
  }
  found.set(`${PRINCIPALS}/${idOf(1)}/owners`, [
    { id: 'u1', displayName: 'Ada', userPrincipalName: 'ada@contoso.com' },
    { id: 'g1', displayName: 'Ops' },
  ])
  found.set(`${PRINCIPALS}/${idOf(1)}/microsoft.graph.agentIdentity/sponsors`, [
    { id: 'u2', displayName: 'Grace', userPrincipalName: 'grace@contoso.com' },
  ])
  found.set(
    `${PRINCIPALS}/${idOf(1)}/appRoleAssignments`,
    [1, 2].map((role) => ({
      resourceId: RESOURCE.id,
      resourceDisplayName: 'Microsoft Graph',
      appRoleId: idOf(role, 'd'),
    })),
  )
  found.set(`${PRINCIPALS}/${idOf(1)}/oauth2PermissionGrants`, [
    { resourceId: RESOURCE.id, consentType: 'AllPrincipals', scope: ' Mail.Read  offline_access' },
  ])
  return found
}

const PAGE = 2

/** Answers as Microsoft Graph does, two objects a page. */
export function serving(directory: Tenant): Answerer {
  return (response: ServerResponse, request: IncomingMessage) => {
    const url = new URL(request.url ?? '', `https://${request.headers.host}`)
    const found = directory.get(decodeURIComponent(url.pathname))
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (found === undefined)
      json(404, { error: { code: 'Request_ResourceNotFound', message: 'no such thing' } })
    else if (!Array.isArray(found)) json(200, found)
    else {
      const from = Number(url.searchParams.get('$skiptoken') ?? 0)
      const value = found.slice(from, from + PAGE)
      url.searchParams.set('$skiptoken', String(from + PAGE))
      json(200, { value, ...(from + PAGE < found.length && { '@odata.nextLink': url.href }) })
    }
  }
}
