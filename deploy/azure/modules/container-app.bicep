// Written by agentwarden rules package; changes here are lost.

metadata description = 'agentwarden run as a container app of one replica, with its state on a share of files.'

@description('Name of the app, of its environment and of its network.')
param name string

@description('Name of the storage account, unique in all of Azure.')
@minLength(3)
@maxLength(24)
param storageName string

@description('Region of the resources.')
param location string = resourceGroup().location

@description('Resource id of the workspace that the app\'s own log goes to.')
param workspaceId string

@description('Resource id of the managed identity that the app has.')
param identityId string

@description('Client id of that identity.')
param clientId string

@description('Registry that the image is pulled from by that identity; empty for a public one.')
param registryServer string

@description('Configuration of agentwarden, YAML, with placeholders.')
param configuration string

@description('Host name of the Event Hubs namespace.')
param namespaceHost string

@description('Name of the event hub.')
param eventHubName string

@description('Consumer group.')
param consumerGroup string

@description('Where alerts are sent to.')
param endpoint string

@description('Immutable id of the data collection rule.')
param ruleId string

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

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'agentwarden'
        properties: {
          addressPrefix: addressPrefix
          serviceEndpoints: [
            {
              service: 'Microsoft.Storage'
            }
          ]
          delegations: [
            {
              name: 'apps'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
    ]
  }
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: storageName
  location: location
  kind: 'FileStorage'
  sku: {
    name: 'Premium_LRS'
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    supportsHttpsTrafficOnly: false
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
      virtualNetworkRules: [
        {
          id: '${network.id}/subnets/agentwarden'
          action: 'Allow'
        }
      ]
    }
  }
}

resource files 'Microsoft.Storage/storageAccounts/fileServices@2024-01-01' = {
  parent: storage
  name: 'default'
}

resource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2024-01-01' = {
  parent: files
  name: 'state'
  properties: {
    enabledProtocols: 'NFS'
    rootSquash: 'NoRootSquash'
    shareQuota: 100
  }
}

resource appEnvironment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: name
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    vnetConfiguration: {
      infrastructureSubnetId: '${network.id}/subnets/agentwarden'
      internal: true
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
  }
}

resource mount 'Microsoft.App/managedEnvironments/storages@2025-01-01' = {
  parent: appEnvironment
  name: 'state'
  properties: {
    nfsAzureFile: {
      accessMode: 'ReadWrite'
      server: '${storageName}.file.${environment().suffixes.storage}'
      shareName: '/${storageName}/state'
    }
  }
  dependsOn: [
    share
  ]
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: appEnvironment
  name: 'agentwarden'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'ContainerAppConsoleLogs'
        enabled: true
      }
      {
        category: 'ContainerAppSystemLogs'
        enabled: true
      }
    ]
  }
}

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    environmentId: appEnvironment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Multiple'
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: identityId }]
      secrets: [
        {
          name: 'configuration'
          value: replace(replace(replace(replace(replace(replace(configuration, 'NAMESPACE.servicebus.windows.net', namespaceHost), 'EVENT_HUB', eventHubName), 'CONSUMER_GROUP', consumerGroup), 'CLIENT_ID', clientId), 'https://ENDPOINT.ingest.monitor.azure.com', endpoint), 'dcr-00000000000000000000000000000000', ruleId)
        }
        {
          name: 'inventory'
          value: inventory
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 40
      initContainers: [
        {
          name: 'state-directory'
          image: preparationImage
          command: [
            '/bin/sh'
            '-c'
          ]
          args: [
            'chown 65532:65532 /var/lib/agentwarden && chmod 0700 /var/lib/agentwarden'
          ]
          resources: {
            cpu: json('0.25')
            memory: '0.5Gi'
          }
          volumeMounts: [
            {
              volumeName: 'state'
              mountPath: '/var/lib/agentwarden'
            }
          ]
        }
      ]
      containers: [
        {
          name: 'agentwarden'
          image: image
          env: [
            {
              name: 'NODE_OPTIONS'
              value: '--max-old-space-size=${string(heapMegabytes)}'
            }
          ]
          resources: {
            cpu: json(cpu)
            memory: memory
          }
          volumeMounts: [
            {
              volumeName: 'state'
              mountPath: '/var/lib/agentwarden'
            }
            {
              volumeName: 'configuration'
              mountPath: '/etc/agentwarden'
            }
          ]
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/healthz'
                port: 9464
              }
              periodSeconds: 30
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: 9464
              }
              periodSeconds: 20
              timeoutSeconds: 10
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: 9464
              }
              periodSeconds: 10
              timeoutSeconds: 5
            }
          ]
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: 1
      }
      volumes: [
        {
          name: 'state'
          storageType: 'NfsAzureFile'
          storageName: 'state'
        }
        {
          name: 'configuration'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'configuration'
              path: 'agentwarden.yaml'
            }
            {
              secretRef: 'inventory'
              path: 'agents.yaml'
            }
          ]
        }
      ]
    }
  }
  dependsOn: [
    mount
  ]
}
