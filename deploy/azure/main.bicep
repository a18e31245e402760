// Written by agentwarden rules package; changes here are lost.

metadata description = 'agentwarden\'s streaming side: event hub, identity, tables for alerts and the daemon.'

@description('Name of what is deployed, and the beginning of names that must be unique.')
@minLength(3)
@maxLength(11)
param name string = 'agentwarden'

@description('Region of the resources.')
param location string = resourceGroup().location

@description('Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.')
param workspaceName string

@description('Resource group of the workspace, if it is another one.')
param workspaceResourceGroup string = resourceGroup().name

@description('Region of the workspace, if it is another one.')
param workspaceLocation string = location

@description('Azure container registry that holds the image; empty for a public one.')
param registryName string = ''

@description('Resource group of the registry, if it is another one.')
param registryResourceGroup string = resourceGroup().name

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

@description('Image of agentwarden with its tag or digest, built from deploy/Dockerfile.')
param image string

@description('Processors of the container.')
@allowed([
  '0.5'
  '1.0'
  '2.0'
  '4.0'
])
param cpu string = '1.0'

@description('Memory of the container: twice the processors, in Gi.')
@allowed([
  '1.0Gi'
  '2.0Gi'
  '4.0Gi'
  '8.0Gi'
])
param memory string = '2.0Gi'

@description('Heap that Node.js may use: three quarters of the memory.')
param heapMegabytes int = 1536

@description('Inventory of agents, YAML; none by default.')
param inventory string = '''
agents: []
'''

@description('Addresses of the virtual network that ties the daemon to its state; at least a /27.')
param addressPrefix string = '10.90.0.0/27'

@description('Image with a shell that gives the state directory to the user of agentwarden.')
param preparationImage string = 'mcr.microsoft.com/azurelinux/base/core:3.0'

@description('Configuration of agentwarden, YAML; its placeholders in capitals are filled in.')
param configuration string = loadTextContent('agentwarden.yaml')

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  scope: resourceGroup(workspaceResourceGroup)
  name: workspaceName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

module eventHubs 'modules/event-hubs.bicep' = {
  name: 'agentwarden-event-hubs'
  params: {
    namespaceName: '${name}-${uniqueString(resourceGroup().id)}'
    location: location
    eventHubName: eventHubName
    consumerGroup: consumerGroup
    retentionDays: retentionDays
    partitionCount: partitionCount
    throughputUnits: throughputUnits
    maximumThroughputUnits: maximumThroughputUnits
    principalId: identity.properties.principalId
  }
}

module alertTables 'modules/alert-tables.bicep' = {
  name: 'agentwarden-alert-tables'
  scope: resourceGroup(workspaceResourceGroup)
  params: {
    workspaceName: workspaceName
    location: workspaceLocation
    name: name
    principalId: identity.properties.principalId
  }
}

module registryPull 'modules/registry-pull.bicep' = if (!empty(registryName)) {
  name: 'agentwarden-registry-pull'
  scope: resourceGroup(registryResourceGroup)
  params: {
    registryName: registryName
    principalId: identity.properties.principalId
  }
}

module containerApp 'modules/container-app.bicep' = {
  name: 'agentwarden-container-app'
  params: {
    name: name
    storageName: '${replace(name, '-', '')}${uniqueString(resourceGroup().id)}'
    location: location
    workspaceId: workspace.id
    identityId: identity.id
    clientId: identity.properties.clientId
    registryServer: !empty(registryName) ? '${registryName}.azurecr.io' : ''
    configuration: configuration
    namespaceHost: eventHubs.outputs.namespaceHost
    eventHubName: eventHubName
    consumerGroup: consumerGroup
    endpoint: alertTables.outputs.endpoint
    ruleId: alertTables.outputs.ruleId
    image: image
    cpu: cpu
    memory: memory
    heapMegabytes: heapMegabytes
    inventory: inventory
    addressPrefix: addressPrefix
    preparationImage: preparationImage
  }
  dependsOn: [
    registryPull
  ]
}

@description('For Entra\'s diagnostic setting: resource id of the rule that it sends with.')
output authorizationRuleId string = eventHubs.outputs.authorizationRuleId

@description('For Entra\'s diagnostic setting: name of the hub.')
output eventHubName string = eventHubName
