// Written by agentwarden rules package; changes here are lost.

targetScope = 'subscription'

metadata description = 'Entra\'s diagnostic setting: the categories that detections read, to the event hub and to the workspace.'

@description('Name of the diagnostic setting; Entra takes at most five.')
param settingName string = 'agentwarden'

@description('Resource id of the rule to send with, as main yields it; empty for the workspace alone.')
param authorizationRuleId string = ''

@description('Name of the hub. Without one every category would get a hub of its own, and ten is the limit.')
param eventHubName string = ''

@description('Resource id of the workspace that the rules of Microsoft Sentinel read; empty for the hub alone.')
param workspaceId string = ''

resource setting 'microsoft.aadiam/diagnosticSettings@2017-04-01' = {
  scope: tenant()
  name: settingName
  properties: {
    eventHubAuthorizationRuleId: empty(authorizationRuleId) ? null : authorizationRuleId
    eventHubName: empty(eventHubName) ? null : eventHubName
    workspaceId: empty(workspaceId) ? null : workspaceId
    logs: [
      {
        category: 'SignInLogs'
        enabled: true
      }
      {
        category: 'NonInteractiveUserSignInLogs'
        enabled: true
      }
      {
        category: 'ServicePrincipalSignInLogs'
        enabled: true
      }
      {
        category: 'ManagedIdentitySignInLogs'
        enabled: true
      }
      {
        category: 'AuditLogs'
        enabled: true
      }
      {
        category: 'MicrosoftGraphActivityLogs'
        enabled: true
      }
      {
        category: 'RiskyServicePrincipals'
        enabled: true
      }
      {
        category: 'ServicePrincipalRiskEvents'
        enabled: true
      }
      {
        category: 'RiskyAgents'
        enabled: true
      }
      {
        category: 'AgentRiskEvents'
        enabled: true
      }
    ]
  }
}
