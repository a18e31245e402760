import { call, choose, parameter } from '../expression.js'
import type { Template } from '../template.js'

/** Categories of logs that a view reads, as Entra spells them. */
export const CATEGORIES = [
  'SignInLogs',
  'NonInteractiveUserSignInLogs',
  'ServicePrincipalSignInLogs',
  'ManagedIdentitySignInLogs',
  'AuditLogs',
  'MicrosoftGraphActivityLogs',
  'RiskyServicePrincipals',
  'ServicePrincipalRiskEvents',
  'RiskyAgents',
  'AgentRiskEvents',
] as const

function orNothing(name: string) {
  return choose(call('empty', parameter(name)), null, parameter(name))
}

/** Entra's diagnostic setting, which belongs to the tenant and not to a subscription. */
export const entra: Template = {
  path: 'entra',
  description:
    "Entra's diagnostic setting: the categories that detections read, to the event hub and to the workspace.",
  scope: 'subscription',
  parameters: {
    settingName: {
      type: 'string',
      description: 'Name of the diagnostic setting; Entra takes at most five.',
      defaultValue: 'agentwarden',
    },
    authorizationRuleId: {
      type: 'string',
      description: 'Resource id of the rule to send with, as main yields it; empty for the workspace alone.',
      defaultValue: '',
    },
    eventHubName: {
      type: 'string',
      description:
        'Name of the hub. Without one every category would get a hub of its own, and ten is the limit.',
      defaultValue: '',
    },
    workspaceId: {
      type: 'string',
      description:
        'Resource id of the workspace that the rules of Microsoft Sentinel read; empty for the hub alone.',
      defaultValue: '',
    },
  },
  resources: [
    {
      symbol: 'setting',
      type: 'microsoft.aadiam/diagnosticSettings',
      apiVersion: '2017-04-01',
      ofTenant: true,
      name: parameter('settingName'),
      body: {
        properties: {
          eventHubAuthorizationRuleId: orNothing('authorizationRuleId'),
          eventHubName: orNothing('eventHubName'),
          workspaceId: orNothing('workspaceId'),
          logs: CATEGORIES.map((category) => ({ category, enabled: true })),
        },
      },
    },
  ],
}
