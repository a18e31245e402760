@description('Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.')
param workspace string

@description('Rules that are not to run, by name: the rules that it does not name run.')
param enabled object = {}

resource law 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspace
}

resource rule_odd_thing 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2f90ca20-1030-58b7-8023-10ba0a093cf1'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent does an odd thing'
    description: '''
Identifies when an agent does an odd thing.

Odd things - they're seldom good.

False positives:
- A cafe.

Blind spots:
- Even things.'''
    severity: 'Medium'
    enabled: contains(enabled, 'odd-thing') ? enabled['odd-thing'] : true
    query: 'let Start = now() - 1h;\nAADServicePrincipalSignInLogs\n| where TimeGenerated >= Start\n| where ServicePrincipalName != \'it\\\'s "\${x}"\''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'Persistence'
    ]
    techniques: [
      'T1078'
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ServicePrincipalCred: 'ServicePrincipalCredentialKeyId'
      ServicePrincipalCr2: 'ServicePrincipalCredentialThumbprint'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent does an odd thing: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}
