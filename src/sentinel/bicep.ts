import { bicepValue, raw, text } from '../deployment/bicep.js'
import { API_VERSION, ruleProperties } from './properties.js'
import type { Rule } from './rule.js'

const HEAD = `@description('Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.')
param workspace string

@description('Rules that are not to run, by name: the rules that it does not name run.')
param enabled object = {}

resource law 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspace
}
`

/** A Bicep module that deploys all rules. */
export function bicepModule(rules: readonly Rule[]): string {
  return [HEAD, ...rules.map(resource)].join('\n')
}

function resource(rule: Rule): string {
  const id = text(rule.detection)
  const enabled = raw(`contains(enabled, ${id}) ? enabled[${id}] : true`)
  const body = {
    scope: raw('law'),
    name: rule.id,
    kind: 'Scheduled',
    properties: { ...ruleProperties(rule), enabled },
  }
  const type = `Microsoft.SecurityInsights/alertRules@${API_VERSION}`
  return `resource ${symbol(rule.detection)} '${type}' = ${bicepValue(body)}\n`
}

/** A name that Bicep can refer to: `rule_sign_in_spike`. The prefix keeps it off Bicep's own words. */
function symbol(id: string): string {
  return `rule_${id.replaceAll('-', '_')}`
}
