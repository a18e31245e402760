// Written by agentwarden rules package; changes here are lost.

metadata description = 'The tables that alerts go to, the rule that takes them in, and the identity that may send.'

@description('Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.')
param workspaceName string

@description('Region of the workspace, in which the rule must lie too.')
param location string

@description('Name of the data collection endpoint and of the rule.')
param name string

@description('Object id of the managed identity that gets the role.')
param principalId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource agentwardenAgentRisk 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenAgentRisk_CL'
  properties: {
    plan: 'Analytics'
    schema: {
      name: 'AgentwardenAgentRisk_CL'
      description: loadJsonContent('../../tables/AgentwardenAgentRisk_CL.json').description
      columns: loadJsonContent('../../tables/AgentwardenAgentRisk_CL.json').columns
    }
  }
}

resource agentwardenAlerts 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenAlerts_CL'
  properties: {
    plan: 'Analytics'
    schema: {
      name: 'AgentwardenAlerts_CL'
      description: loadJsonContent('../../tables/AgentwardenAlerts_CL.json').description
      columns: loadJsonContent('../../tables/AgentwardenAlerts_CL.json').columns
    }
  }
}

resource endpoint 'Microsoft.Insights/dataCollectionEndpoints@2023-03-11' = {
  name: name
  location: location
  properties: {
    networkAcls: {
      publicNetworkAccess: 'Enabled'
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: name
  location: location
  properties: {
    dataCollectionEndpointId: endpoint.id
    streamDeclarations: {
      'Custom-AgentwardenAgentRisk_CL': {
        columns: map(loadJsonContent('../../tables/AgentwardenAgentRisk_CL.json').columns, column => { name: column.name, type: column.type })
      }
      'Custom-AgentwardenAlerts_CL': {
        columns: map(loadJsonContent('../../tables/AgentwardenAlerts_CL.json').columns, column => { name: column.name, type: column.type })
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: [
      {
        streams: [
          'Custom-AgentwardenAgentRisk_CL'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source'
        outputStream: 'Custom-AgentwardenAgentRisk_CL'
      }
      {
        streams: [
          'Custom-AgentwardenAlerts_CL'
        ]
        destinations: [
          'workspace'
        ]
        transformKql: 'source'
        outputStream: 'Custom-AgentwardenAlerts_CL'
      }
    ]
  }
  dependsOn: [
    agentwardenAgentRisk
    agentwardenAlerts
  ]
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rule
  name: guid(rule.id, principalId, subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb'))
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb')
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Where alerts are sent to.')
output endpoint string = endpoint.properties.logsIngestion.endpoint

@description('Immutable id of the data collection rule.')
output ruleId string = rule.properties.immutableId
