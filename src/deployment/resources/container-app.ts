import { call, Expression, idOf, join, parameter } from '../expression.js'
import type { Parameter, Resource, Template } from '../template.js'
import { location } from './common.js'
import { files, network, share, sharePath, shareServer, storage, subnetId } from './state-share.js'

const API = '2025-01-01'

/** As the image has them. */
const USER = 65532
const PORT = 9464
const STATE = '/var/lib/agentwarden'
const CONFIGURATION = '/etc/agentwarden'

/** What is asked for of the daemon; the template around it asks for the same. */
export const appParameters: Readonly<Record<string, Parameter>> = {
  image: {
    type: 'string',
    description: 'Image of agentwarden with its tag or digest, built from deploy/Dockerfile.',
  },
  cpu: {
    type: 'string',
    description: 'Processors of the container.',
    defaultValue: '1.0',
    allowedValues: ['0.5', '1.0', '2.0', '4.0'],
  },
  memory: {
    type: 'string',
    description: 'Memory of the container: twice the processors, in Gi.',
    defaultValue: '2.0Gi',
    allowedValues: ['1.0Gi', '2.0Gi', '4.0Gi', '8.0Gi'],
  },
  heapMegabytes: {
    type: 'int',
    description: 'Heap that Node.js may use: three quarters of the memory.',
    defaultValue: 1536,
  },
  inventory: {
    type: 'string',
    description: 'Inventory of agents, YAML; none by default.',
    defaultValue: 'agents: []\n',
  },
  addressPrefix: {
    type: 'string',
    description: 'Addresses of the virtual network that ties the daemon to its state; at least a /27.',
    defaultValue: '10.90.0.0/27',
  },
  preparationImage: {
    type: 'string',
    description: 'Image with a shell that gives the state directory to the user of agentwarden.',
    defaultValue: 'mcr.microsoft.com/azurelinux/base/core:3.0',
  },
}

const environment: Resource = {
  symbol: 'appEnvironment',
  type: 'Microsoft.App/managedEnvironments',
  apiVersion: API,
  name: parameter('name'),
  body: {
    location: parameter('location'),
    properties: {
      // By way of the diagnostic setting below: the other way needs a key of the workspace.
      appLogsConfiguration: { destination: 'azure-monitor' },
      vnetConfiguration: { infrastructureSubnetId: subnetId, internal: true },
      workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
    },
  },
}

const mount: Resource = {
  symbol: 'mount',
  type: 'Microsoft.App/managedEnvironments/storages',
  apiVersion: API,
  parent: environment,
  name: 'state',
  after: [share],
  body: {
    properties: {
      nfsAzureFile: {
        accessMode: 'ReadWrite',
        server: shareServer,
        shareName: sharePath,
      },
    },
  },
}

const logs: Resource = {
  symbol: 'logs',
  type: 'Microsoft.Insights/diagnosticSettings',
  apiVersion: '2021-05-01-preview',
  scope: environment,
  name: 'agentwarden',
  body: {
    properties: {
      workspaceId: parameter('workspaceId'),
      logs: [
        { category: 'ContainerAppConsoleLogs', enabled: true },
        { category: 'ContainerAppSystemLogs', enabled: true },
      ],
    },
  },
}

/** What a configuration says in place of what is known once everything is there. */
export const PLACEHOLDERS: Readonly<Record<string, string>> = {
  'NAMESPACE.servicebus.windows.net': 'namespaceHost',
  EVENT_HUB: 'eventHubName',
  CONSUMER_GROUP: 'consumerGroup',
  CLIENT_ID: 'clientId',
  'https://ENDPOINT.ingest.monitor.azure.com': 'endpoint',
  'dcr-00000000000000000000000000000000': 'ruleId',
}

/** The configuration with its placeholders filled. */
function filled(): Expression {
  return Object.entries(PLACEHOLDERS).reduce(
    (text, [placeholder, name]) => call('replace', text, placeholder, parameter(name)),
    parameter('configuration'),
  )
}

function probe(type: string, path: string, times: Readonly<Record<string, number>>) {
  return { type, httpGet: { path, port: PORT }, ...times }
}

const stateMount = { volumeName: 'state', mountPath: STATE }

const container = {
  name: 'agentwarden',
  image: parameter('image'),
  env: [
    {
      name: 'NODE_OPTIONS',
      value: join('--max-old-space-size=', call('string', parameter('heapMegabytes'))),
    },
  ],
  resources: { cpu: call('json', parameter('cpu')), memory: parameter('memory') },
  volumeMounts: [stateMount, { volumeName: 'configuration', mountPath: CONFIGURATION }],
  probes: [
    probe('Startup', '/healthz', { periodSeconds: 30, failureThreshold: 10 }),
    probe('Liveness', '/healthz', { periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 3 }),
    probe('Readiness', '/readyz', { periodSeconds: 10, timeoutSeconds: 5 }),
  ],
}

/** A new share belongs to root; agentwarden is an ordinary user. */
const preparation = {
  name: 'state-directory',
  image: parameter('preparationImage'),
  command: ['/bin/sh', '-c'],
  args: [`chown ${USER}:${USER} ${STATE} && chmod 0700 ${STATE}`],
  resources: { cpu: call('json', '0.25'), memory: '0.5Gi' },
  volumeMounts: [stateMount],
}

/** Identities are named by their ids, as keys. */
const identities = new Expression(
  "createObject(parameters('identityId'), createObject())",
  `{ ${join(parameter('identityId')).bicep}: {} }`,
)

const registries = new Expression(
  "if(empty(parameters('registryServer')), createArray(), createArray(createObject('server', parameters('registryServer'), 'identity', parameters('identityId'))))",
  'empty(registryServer) ? [] : [{ server: registryServer, identity: identityId }]',
)

const app: Resource = {
  symbol: 'app',
  type: 'Microsoft.App/containerApps',
  apiVersion: API,
  name: parameter('name'),
  after: [mount],
  body: {
    location: parameter('location'),
    identity: { type: 'UserAssigned', userAssignedIdentities: identities },
    properties: {
      environmentId: idOf(environment),
      workloadProfileName: 'Consumption',
      configuration: {
        // A new revision would wait for the state, and the old one for the new one to be ready.
        activeRevisionsMode: 'Multiple',
        registries,
        secrets: [
          { name: 'configuration', value: filled() },
          { name: 'inventory', value: parameter('inventory') },
        ],
      },
      template: {
        terminationGracePeriodSeconds: 40,
        initContainers: [preparation],
        containers: [container],
        // One, as the state has one owner.
        scale: { minReplicas: 1, maxReplicas: 1 },
        volumes: [
          { name: 'state', storageType: 'NfsAzureFile', storageName: 'state' },
          {
            name: 'configuration',
            storageType: 'Secret',
            secrets: [
              { secretRef: 'configuration', path: 'agentwarden.yaml' },
              { secretRef: 'inventory', path: 'agents.yaml' },
            ],
          },
        ],
      },
    },
  },
}

function given(description: string): Parameter {
  return { type: 'string', description }
}

/** The daemon in a container app, and what keeps its state. */
export const containerApp: Template = {
  path: 'modules/container-app',
  description: 'agentwarden run as a container app of one replica, with its state on a share of files.',
  scope: 'resourceGroup',
  parameters: {
    name: given('Name of the app, of its environment and of its network.'),
    storageName: {
      ...given('Name of the storage account, unique in all of Azure.'),
      minLength: 3,
      maxLength: 24,
    },
    location,
    workspaceId: given("Resource id of the workspace that the app's own log goes to."),
    identityId: given('Resource id of the managed identity that the app has.'),
    clientId: given('Client id of that identity.'),
    registryServer: given('Registry that the image is pulled from by that identity; empty for a public one.'),
    configuration: given('Configuration of agentwarden, YAML, with placeholders.'),
    namespaceHost: given('Host name of the Event Hubs namespace.'),
    eventHubName: given('Name of the event hub.'),
    consumerGroup: given('Consumer group.'),
    endpoint: given('Where alerts are sent to.'),
    ruleId: given('Immutable id of the data collection rule.'),
    ...appParameters,
  },
  resources: [network, storage, files, share, environment, mount, logs, app],
}
