import { call, choose, Expression, idOf, join, parameter } from '../expression.js'
import type { Parameter, Resource, Template } from '../template.js'
import { location, principalId, roleAssignment } from './common.js'

const API = '2024-01-01'

/** What is asked for of the hub; the template around it asks for the same. */
export const hubParameters: Readonly<Record<string, Parameter>> = {
  eventHubName: {
    type: 'string',
    description: 'Name of the one event hub that all categories go to.',
    defaultValue: 'entra-logs',
    maxLength: 50,
  },
  consumerGroup: {
    type: 'string',
    description: 'Consumer group that agentwarden reads with.',
    defaultValue: 'agentwarden',
    maxLength: 50,
  },
  retentionDays: {
    type: 'int',
    description: 'Days for which the hub keeps messages: the longest outage without a gap.',
    defaultValue: 7,
    minValue: 1,
    maxValue: 7,
  },
  partitionCount: {
    type: 'int',
    description: 'Partitions of the hub. It cannot be changed later.',
    defaultValue: 4,
    minValue: 1,
    maxValue: 32,
  },
  throughputUnits: {
    type: 'int',
    description: 'Throughput units: each takes in 1 MB or 1000 messages a second.',
    defaultValue: 1,
    minValue: 1,
    maxValue: 40,
  },
  maximumThroughputUnits: {
    type: 'int',
    description: 'Throughput units that the namespace may grow to by itself; 0 keeps it from growing.',
    defaultValue: 4,
    minValue: 0,
    maxValue: 40,
  },
}

const grows = new Expression("greater(parameters('maximumThroughputUnits'), 0)", 'maximumThroughputUnits > 0')

/** Less than it begins with is refused. */
const most = call('max', parameter('throughputUnits'), parameter('maximumThroughputUnits'))

const namespace: Resource = {
  symbol: 'namespace',
  type: 'Microsoft.EventHub/namespaces',
  apiVersion: API,
  name: parameter('namespaceName'),
  body: {
    location: parameter('location'),
    // Standard: Basic has no consumer groups of one's own.
    sku: { name: 'Standard', tier: 'Standard', capacity: parameter('throughputUnits') },
    properties: {
      minimumTlsVersion: '1.2',
      // Diagnostic settings send with the key of the rule below: no other way is offered to them.
      disableLocalAuth: false,
      isAutoInflateEnabled: grows,
      maximumThroughputUnits: choose(grows, most, 0),
    },
  },
}

/** Only diagnostic settings use it: Entra's, and that of the activity log. Nobody needs to read its keys. */
const authorizationRule: Resource = {
  symbol: 'authorizationRule',
  type: 'Microsoft.EventHub/namespaces/authorizationRules',
  apiVersion: API,
  parent: namespace,
  name: 'entra-diagnostics',
  body: { properties: { rights: ['Listen', 'Send', 'Manage'] } },
}

const hub: Resource = {
  symbol: 'hub',
  type: 'Microsoft.EventHub/namespaces/eventhubs',
  apiVersion: API,
  parent: namespace,
  name: parameter('eventHubName'),
  body: {
    properties: {
      messageRetentionInDays: parameter('retentionDays'),
      partitionCount: parameter('partitionCount'),
    },
  },
}

const group: Resource = {
  symbol: 'group',
  type: 'Microsoft.EventHub/namespaces/eventhubs/consumergroups',
  apiVersion: API,
  parent: hub,
  name: parameter('consumerGroup'),
  body: { properties: { userMetadata: 'agentwarden run; one reader at a time.' } },
}

/** The event hub that Entra's logs go to, and who may read it. */
export const eventHubs: Template = {
  path: 'modules/event-hubs',
  description: "The event hub that Entra's logs go to, and the identity that may read it.",
  scope: 'resourceGroup',
  parameters: {
    namespaceName: {
      type: 'string',
      description: 'Name of the Event Hubs namespace, unique in all of Azure.',
      minLength: 6,
      maxLength: 50,
    },
    location,
    ...hubParameters,
    principalId,
  },
  resources: [
    namespace,
    authorizationRule,
    hub,
    group,
    roleAssignment('receiver', 'Azure Event Hubs Data Receiver', hub, idOf(hub)),
  ],
  outputs: {
    namespaceHost: {
      type: 'string',
      description: 'Host name of the namespace.',
      value: join(parameter('namespaceName'), '.servicebus.windows.net'),
    },
    authorizationRuleId: {
      type: 'string',
      description: "Resource id of the rule that Entra's diagnostic setting sends with; no key.",
      value: idOf(authorizationRule),
    },
  },
}
