import {
  call,
  choose,
  type Expression,
  idOf,
  join,
  Loaded,
  not,
  outputOf,
  parameter,
  propertyOf,
} from '../expression.js'
import type { Module, Output, Parameter, Resource, Template } from '../template.js'
import { alertTables, type TableFile } from './alert-tables.js'
import {
  location,
  principalId,
  resourceGroup,
  roleAssignment,
  workspaceName,
  workspaceNamed,
} from './common.js'
import { appParameters, containerApp } from './container-app.js'
import { eventHubs, hubParameters } from './event-hubs.js'

const identity: Resource = {
  symbol: 'identity',
  type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  apiVersion: '2023-01-31',
  name: parameter('name'),
  body: { location: parameter('location') },
}

const identityPrincipal = propertyOf(identity, 'principalId')
const unique = call('uniqueString', resourceGroup.id)

const registry: Resource = {
  symbol: 'registry',
  type: 'Microsoft.ContainerRegistry/registries',
  apiVersion: '2023-07-01',
  name: parameter('registryName'),
  existing: true,
}

/** In the registry's own resource group. */
const registryPull: Template = {
  path: 'modules/registry-pull',
  description: 'Lets an identity pull images from a registry.',
  scope: 'resourceGroup',
  parameters: {
    registryName: { type: 'string', description: 'Name of the container registry.' },
    principalId,
  },
  resources: [registry, roleAssignment('pull', 'AcrPull', registry, idOf(registry))],
}

const hasRegistry = not(call('empty', parameter('registryName')))

function moduleOf(symbol: string, template: Template, given: Module['parameters'], rest = {}): Module {
  return {
    symbol,
    name: template.path.replace('modules/', 'agentwarden-'),
    template,
    parameters: given,
    ...rest,
  }
}

function passed(parameters: Readonly<Record<string, Parameter>>): Record<string, Expression> {
  return Object.fromEntries(Object.keys(parameters).map((name) => [name, parameter(name)]))
}

const ownParameters: Readonly<Record<string, Parameter>> = {
  name: {
    type: 'string',
    description: 'Name of what is deployed, and the beginning of names that must be unique.',
    defaultValue: 'agentwarden',
    minLength: 3,
    maxLength: 11,
  },
  location,
  workspaceName,
  workspaceResourceGroup: {
    type: 'string',
    description: 'Resource group of the workspace, if it is another one.',
    defaultValue: resourceGroup.name,
  },
  workspaceLocation: {
    type: 'string',
    description: 'Region of the workspace, if it is another one.',
    defaultValue: parameter('location'),
  },
  registryName: {
    type: 'string',
    description: 'Azure container registry that holds the image; empty for a public one.',
    defaultValue: '',
  },
  registryResourceGroup: {
    type: 'string',
    description: 'Resource group of the registry, if it is another one.',
    defaultValue: resourceGroup.name,
  },
}

const workspaceGroup = parameter('workspaceResourceGroup')
const workspace = workspaceNamed('workspaceName', workspaceGroup)

const hubs = moduleOf('eventHubs', eventHubs, {
  namespaceName: join(parameter('name'), '-', unique),
  location: parameter('location'),
  ...passed(hubParameters),
  principalId: identityPrincipal,
})

const pull = moduleOf(
  'registryPull',
  registryPull,
  { registryName: parameter('registryName'), principalId: identityPrincipal },
  { group: parameter('registryResourceGroup'), condition: hasRegistry },
)

function alertsModule(tables: readonly TableFile[]): Module {
  const given = {
    workspaceName: parameter('workspaceName'),
    location: parameter('workspaceLocation'),
    name: parameter('name'),
    principalId: identityPrincipal,
  }
  return moduleOf('alertTables', alertTables(tables), given, { group: workspaceGroup })
}

function appModule(alerts: Module): Module {
  const given = {
    name: parameter('name'),
    storageName: join(call('replace', parameter('name'), '-', ''), unique),
    location: parameter('location'),
    workspaceId: idOf(workspace),
    identityId: idOf(identity),
    clientId: propertyOf(identity, 'clientId'),
    registryServer: choose(hasRegistry, join(parameter('registryName'), '.azurecr.io'), ''),
    configuration: parameter('configuration'),
    namespaceHost: outputOf(hubs, 'namespaceHost'),
    eventHubName: parameter('eventHubName'),
    consumerGroup: parameter('consumerGroup'),
    endpoint: outputOf(alerts, 'endpoint'),
    ruleId: outputOf(alerts, 'ruleId'),
    ...passed(appParameters),
  }
  // The image is pulled as soon as the app is there.
  return moduleOf('containerApp', containerApp, given, { after: [pull] })
}

/** What Entra's diagnostic setting is to be told. */
const outputs: Readonly<Record<string, Output>> = {
  authorizationRuleId: {
    type: 'string',
    description: "For Entra's diagnostic setting: resource id of the rule that it sends with.",
    value: outputOf(hubs, 'authorizationRuleId'),
  },
  eventHubName: {
    type: 'string',
    description: "For Entra's diagnostic setting: name of the hub.",
    value: parameter('eventHubName'),
  },
}

/**
 * All that the streaming side needs in a resource group.
 *
 * @param configuration - of agentwarden, with its placeholders
 */
export function main(tables: readonly TableFile[], configuration: string): Template {
  const alerts = alertsModule(tables)
  return {
    path: 'main',
    description: "agentwarden's streaming side: event hub, identity, tables for alerts and the daemon.",
    scope: 'resourceGroup',
    parameters: {
      ...ownParameters,
      ...hubParameters,
      ...appParameters,
      configuration: {
        type: 'string',
        description: 'Configuration of agentwarden, YAML; its placeholders in capitals are filled in.',
        defaultValue: new Loaded("loadTextContent('agentwarden.yaml')", configuration),
      },
    },
    resources: [workspace, identity],
    modules: [hubs, alerts, pull, appModule(alerts)],
    outputs,
  }
}
