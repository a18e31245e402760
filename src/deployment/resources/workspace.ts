import { idOf, parameter } from '../expression.js'
import type { Resource, Template } from '../template.js'
import { LOG_ANALYTICS, location } from './common.js'

const workspace: Resource = {
  symbol: 'workspace',
  type: 'Microsoft.OperationalInsights/workspaces',
  apiVersion: LOG_ANALYTICS,
  name: parameter('workspaceName'),
  body: {
    location: parameter('location'),
    properties: {
      sku: { name: 'PerGB2018' },
      retentionInDays: parameter('retentionDays'),
      features: { disableLocalAuth: true },
    },
  },
}

/** A workspace with Microsoft Sentinel, for those who have none. */
export const newWorkspace: Template = {
  path: 'workspace',
  description: 'A Log Analytics workspace with Microsoft Sentinel, for those who have none.',
  scope: 'resourceGroup',
  parameters: {
    workspaceName: { type: 'string', description: 'Name of the workspace.', minLength: 4, maxLength: 63 },
    location,
    retentionDays: {
      type: 'int',
      description: 'Days for which logs are kept; rules look back 14.',
      defaultValue: 90,
      minValue: 30,
      maxValue: 730,
    },
  },
  resources: [
    workspace,
    {
      symbol: 'sentinel',
      type: 'Microsoft.SecurityInsights/onboardingStates',
      apiVersion: '2025-09-01',
      scope: workspace,
      name: 'default',
      body: { properties: {} },
    },
  ],
  outputs: {
    workspaceId: {
      type: 'string',
      description: "For Entra's diagnostic setting: resource id of the workspace.",
      value: idOf(workspace),
    },
  },
}
