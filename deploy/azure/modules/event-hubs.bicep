// Written by agentwarden rules package; changes here are lost.

metadata description = 'The event hub that Entra\'s logs go to, and the identity that may read it.'

@description('Name of the Event Hubs namespace, unique in all of Azure.')
@minLength(6)
@maxLength(50)
param namespaceName string

@description('Region of the resources.')
param location string = resourceGroup().location

@description('Name of the one event hub that all categories go to.')
@maxLength(50)
param eventHubName string = 'entra-logs'

@description('Consumer group that agentwarden reads with.')
@maxLength(50)
param consumerGroup string = 'agentwarden'

@description('Days for which the hub keeps messages: the longest outage without a gap.')
@minValue(1)
@maxValue(7)
param retentionDays int = 7

@description('Partitions of the hub. It cannot be changed later.')
@minValue(1)
@maxValue(32)
param partitionCount int = 4

@description('Throughput units: each takes in 1 MB or 1000 messages a second.')
@minValue(1)
@maxValue(40)
param throughputUnits int = 1

@description('Throughput units that the namespace may grow to by itself; 0 keeps it from growing.')
@minValue(0)
@maxValue(40)
param maximumThroughputUnits int = 4

@description('Object id of the managed identity that gets the role.')
param principalId string

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: namespaceName
  location: location
  sku: {
    name: 'Standard'
    tier: 'Standard'
    capacity: throughputUnits
  }
  properties: {
    minimumTlsVersion: '1.2'
    disableLocalAuth: false
    isAutoInflateEnabled: maximumThroughputUnits > 0
    maximumThroughputUnits: maximumThroughputUnits > 0 ? max(throughputUnits, maximumThroughputUnits) : 0
  }
}

resource authorizationRule 'Microsoft.EventHub/namespaces/authorizationRules@2024-01-01' = {
  parent: namespace
  name: 'entra-diagnostics'
  properties: {
    rights: [
      'Listen'
      'Send'
      'Manage'
    ]
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: eventHubName
  properties: {
    messageRetentionInDays: retentionDays
    partitionCount: partitionCount
  }
}

resource group 'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01' = {
  parent: hub
  name: consumerGroup
  properties: {
    userMetadata: 'agentwarden run; one reader at a time.'
  }
}

resource receiver 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hub
  name: guid(hub.id, principalId, subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'))
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde')
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Host name of the namespace.')
output namespaceHost string = '${namespaceName}.servicebus.windows.net'

@description('Resource id of the rule that Entra\'s diagnostic setting sends with; no key.')
output authorizationRuleId string = authorizationRule.id
