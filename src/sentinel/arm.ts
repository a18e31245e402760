import { armValue } from '../deployment/arm.js'
import { API_VERSION, ruleProperties } from './properties.js'
import type { Rule } from './rule.js'

const SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'

const WORKSPACE = {
  type: 'string',
  metadata: { description: 'Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.' },
}

/** A resource template that deploys one rule. */
export function armTemplate(rule: Rule): string {
  const enabled = {
    type: 'bool',
    defaultValue: true,
    metadata: { description: 'Whether the rule runs.' },
  }
  return template({ enabled }, [resource(rule, "[parameters('enabled')]")])
}

/** A resource template that deploys all rules. Rules that the parameter `enabled` does not name run. */
export function armTemplateOfAll(rules: readonly Rule[]): string {
  const enabled = {
    type: 'object',
    defaultValue: {},
    metadata: { description: 'Rules that are not to run, as { "sign-in-spike": false }.' },
  }
  return template(
    { enabled },
    rules.map((rule) => resource(rule, enabledByName(rule.detection))),
  )
}

function enabledByName(id: string): string {
  return `[if(contains(parameters('enabled'), '${id}'), parameters('enabled')['${id}'], true())]`
}

function template(parameters: Record<string, unknown>, resources: readonly unknown[]): string {
  const content = {
    $schema: SCHEMA,
    contentVersion: '1.0.0.0',
    parameters: { workspace: WORKSPACE, ...parameters },
    resources,
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

/** A rule extends a workspace, so its name and type go through it. */
function resource(rule: Rule, enabled: string) {
  return {
    type: 'Microsoft.OperationalInsights/workspaces/providers/alertRules',
    apiVersion: API_VERSION,
    name: `[concat(parameters('workspace'), '/Microsoft.SecurityInsights/${rule.id}')]`,
    kind: 'Scheduled',
    properties: { ...(armValue(ruleProperties(rule)) as object), enabled },
  }
}
