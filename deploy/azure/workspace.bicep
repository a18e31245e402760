// Written by agentwarden rules package; changes here are lost.

metadata description = 'A Log Analytics workspace with Microsoft Sentinel, for those who have none.'

@description('Name of the workspace.')
@minLength(4)
@maxLength(63)
param workspaceName string

@description('Region of the resources.')
param location string = resourceGroup().location

@description('Days for which logs are kept; rules look back 14.')
@minValue(30)
@maxValue(730)
param retentionDays int = 90

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    features: {
      disableLocalAuth: true
    }
  }
}

resource sentinel 'Microsoft.SecurityInsights/onboardingStates@2025-09-01' = {
  scope: workspace
  name: 'default'
  properties: {}
}

@description('For Entra\'s diagnostic setting: resource id of the workspace.')
output workspaceId string = workspace.id
