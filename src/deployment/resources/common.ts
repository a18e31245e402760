import { call, Expression, parameter, roleId } from '../expression.js'
import type { Parameter, Resource } from '../template.js'

/** The resource group that a template is deployed to. */
export const resourceGroup = {
  id: new Expression('resourceGroup().id', 'resourceGroup().id'),
  name: new Expression('resourceGroup().name', 'resourceGroup().name'),
  location: new Expression('resourceGroup().location', 'resourceGroup().location'),
}

/** Where resources lie, unless told otherwise with their group. */
export const location: Parameter = {
  type: 'string',
  description: 'Region of the resources.',
  defaultValue: resourceGroup.location,
}

/** The newest version of the API with its types published that Log Analytics is deployed by. */
export const LOG_ANALYTICS = '2025-07-01'

/** A workspace that is there already, in the template's own resource group or in another one. */
export function workspaceNamed(name: string, group?: Expression): Resource {
  return {
    symbol: 'workspace',
    type: 'Microsoft.OperationalInsights/workspaces',
    apiVersion: LOG_ANALYTICS,
    name: parameter(name),
    existing: true,
    ...(group ? { group } : {}),
  }
}

export const workspaceName: Parameter = {
  type: 'string',
  description: 'Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.',
}

/** Built-in roles, as Azure's list of them names them. */
export const ROLES = {
  'Azure Event Hubs Data Receiver': 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
  AcrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
} as const

export const principalId: Parameter = {
  type: 'string',
  description: 'Object id of the managed identity that gets the role.',
}

/** Gives the identity of the parameter `principalId` one role on one resource. */
export function roleAssignment(
  symbol: string,
  role: keyof typeof ROLES,
  on: Resource,
  id: Expression,
): Resource {
  const definition = roleId(ROLES[role])
  return {
    symbol,
    type: 'Microsoft.Authorization/roleAssignments',
    apiVersion: '2022-04-01',
    scope: on,
    name: call('guid', id, parameter('principalId'), definition),
    body: {
      properties: {
        roleDefinitionId: definition,
        principalId: parameter('principalId'),
        principalType: 'ServicePrincipal',
      },
    },
  }
}
