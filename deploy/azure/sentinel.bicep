// Written by agentwarden rules package; changes here are lost.

metadata description = 'What is shown and asked in Microsoft Sentinel: the views as functions, hunting queries, the workbook and the inventory\'s watchlist.'

@description('Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.')
param workspaceName string

@description('Region of the resources.')
param location string = resourceGroup().location

@description('The inventory as agentwarden rules watchlist writes it, CSV; without it there is no watchlist, and rules that need one are to stay off.')
param inventory string = ''

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource function_AgentwardenSignIns 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenSignIns'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenSignIns'
    functionAlias: 'AgentwardenSignIns'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenSignIns.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'One sign-in: an identity asked Entra for a token to a resource.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenGraphCalls 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenGraphCalls'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenGraphCalls'
    functionAlias: 'AgentwardenGraphCalls'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenGraphCalls.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'One request to Microsoft Graph, with ids and names in its URI templated away.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenAgentChanges 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenAgentChanges'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenAgentChanges'
    functionAlias: 'AgentwardenAgentChanges'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenAgentChanges.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'One change of the directory made to an agent: its credentials, permissions, roles or owners.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenDirectoryActions 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenDirectoryActions'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenDirectoryActions'
    functionAlias: 'AgentwardenDirectoryActions'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenDirectoryActions.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'One change of the directory made by an agent, be it to another identity or to itself.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenPolicyChanges 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenPolicyChanges'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenPolicyChanges'
    functionAlias: 'AgentwardenPolicyChanges'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenPolicyChanges.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'One change of a policy of the tenant; what is said of the agent is said of the policy.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenRiskEvents 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenRiskEvents'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenRiskEvents'
    functionAlias: 'AgentwardenRiskEvents'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenRiskEvents.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'What Entra ID Protection found out about an agent, or decided: a detection, or the state of its risk.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenAzureChanges 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenAzureChanges'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenAzureChanges'
    functionAlias: 'AgentwardenAzureChanges'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenAzureChanges.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'One change in Azure: a role that an agent was given there, or a setting by which logs are exported.'
      }
    ]
    version: 2
  }
}

resource function_AgentwardenAgentAlerts 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'AgentwardenAgentAlerts'
  etag: '*'
  properties: {
    category: 'agentwarden'
    displayName: 'AgentwardenAgentAlerts'
    functionAlias: 'AgentwardenAgentAlerts'
    functionParameters: 'From:datetime=datetime(null), To:datetime=datetime(null)'
    query: loadYamlContent('../solution/Parsers/AgentwardenAgentAlerts.yaml').FunctionQuery
    tags: [
      {
        name: 'description'
        value: 'An alert that one of the other detections raised about an agent.'
      }
    ]
    version: 2
  }
}

resource hunting_agents_by_risk 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'agentwarden-agents-by-risk'
  etag: '*'
  properties: {
    category: 'Hunting Queries'
    displayName: loadYamlContent('../solution/Hunting Queries/agents-by-risk.yaml').name
    query: loadYamlContent('../solution/Hunting Queries/agents-by-risk.yaml').query
    tags: [
      {
        name: 'description'
        value: loadYamlContent('../solution/Hunting Queries/agents-by-risk.yaml').description
      }
      {
        name: 'tactics'
        value: 'InitialAccess'
      }
      {
        name: 'techniques'
        value: 'T1078'
      }
    ]
    version: 2
  }
}

resource hunting_alerts_of_many_tactics 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'agentwarden-alerts-of-many-tactics'
  etag: '*'
  properties: {
    category: 'Hunting Queries'
    displayName: loadYamlContent('../solution/Hunting Queries/alerts-of-many-tactics.yaml').name
    query: loadYamlContent('../solution/Hunting Queries/alerts-of-many-tactics.yaml').query
    tags: [
      {
        name: 'description'
        value: loadYamlContent('../solution/Hunting Queries/alerts-of-many-tactics.yaml').description
      }
      {
        name: 'tactics'
        value: 'InitialAccess,Persistence,Collection'
      }
      {
        name: 'techniques'
        value: 'T1078,T1098,T1530'
      }
    ]
    version: 2
  }
}

resource hunting_credentials_added_and_not_used 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'agentwarden-credentials-added-and-not-used'
  etag: '*'
  properties: {
    category: 'Hunting Queries'
    displayName: loadYamlContent('../solution/Hunting Queries/credentials-added-and-not-used.yaml').name
    query: loadYamlContent('../solution/Hunting Queries/credentials-added-and-not-used.yaml').query
    tags: [
      {
        name: 'description'
        value: loadYamlContent('../solution/Hunting Queries/credentials-added-and-not-used.yaml').description
      }
      {
        name: 'tactics'
        value: 'Persistence'
      }
      {
        name: 'techniques'
        value: 'T1098'
      }
    ]
    version: 2
  }
}

resource hunting_largest_graph_readers 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'agentwarden-largest-graph-readers'
  etag: '*'
  properties: {
    category: 'Hunting Queries'
    displayName: loadYamlContent('../solution/Hunting Queries/largest-graph-readers.yaml').name
    query: loadYamlContent('../solution/Hunting Queries/largest-graph-readers.yaml').query
    tags: [
      {
        name: 'description'
        value: loadYamlContent('../solution/Hunting Queries/largest-graph-readers.yaml').description
      }
      {
        name: 'tactics'
        value: 'Collection,Exfiltration'
      }
      {
        name: 'techniques'
        value: 'T1530,T1567'
      }
    ]
    version: 2
  }
}

resource hunting_new_agents 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'agentwarden-new-agents'
  etag: '*'
  properties: {
    category: 'Hunting Queries'
    displayName: loadYamlContent('../solution/Hunting Queries/new-agents.yaml').name
    query: loadYamlContent('../solution/Hunting Queries/new-agents.yaml').query
    tags: [
      {
        name: 'description'
        value: loadYamlContent('../solution/Hunting Queries/new-agents.yaml').description
      }
      {
        name: 'tactics'
        value: 'Persistence'
      }
      {
        name: 'techniques'
        value: 'T1136'
      }
    ]
    version: 2
  }
}

resource hunting_rarely_used_resources 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-07-01' = {
  parent: workspace
  name: 'agentwarden-rarely-used-resources'
  etag: '*'
  properties: {
    category: 'Hunting Queries'
    displayName: loadYamlContent('../solution/Hunting Queries/rarely-used-resources.yaml').name
    query: loadYamlContent('../solution/Hunting Queries/rarely-used-resources.yaml').query
    tags: [
      {
        name: 'description'
        value: loadYamlContent('../solution/Hunting Queries/rarely-used-resources.yaml').description
      }
      {
        name: 'tactics'
        value: 'Discovery,Collection'
      }
      {
        name: 'techniques'
        value: 'T1526,T1530'
      }
    ]
    version: 2
  }
}

resource watchlist 'Microsoft.SecurityInsights/watchlists@2025-09-01' = if (!empty(inventory)) {
  scope: workspace
  name: 'AgentInventory'
  properties: {
    watchlistAlias: 'AgentInventory'
    displayName: 'AgentInventory'
    description: 'What the owners of agents say of them: owner, sponsor, tier, status, hours, networks and resources.'
    provider: 'agentwarden'
    source: 'agents.csv'
    sourceType: 'Local'
    itemsSearchKey: 'SearchKey'
    contentType: 'text/csv'
    numberOfLinesToSkip: 0
    rawContent: inventory
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'agentwarden')
  location: location
  kind: 'shared'
  properties: {
    displayName: 'agentwarden'
    description: 'Agents, their risk, the alerts on them, and what is usual for them.'
    category: 'sentinel'
    version: 'Notebook/1.0'
    sourceId: workspace.id
    serializedData: loadTextContent('../solution/Workbooks/Agentwarden.json')
  }
}
