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
  const enabled = new Raw(`contains(enabled, ${id}) ? enabled[${id}] : true`)
  const body = {
    scope: new Raw('law'),
    name: rule.id,
    kind: 'Scheduled',
    properties: { ...ruleProperties(rule), enabled },
  }
  const type = `Microsoft.SecurityInsights/alertRules@${API_VERSION}`
  return `resource ${symbol(rule.detection)} '${type}' = ${expression(body, '')}\n`
}

/** An expression that stands as it is. */
class Raw {
  readonly code: string
  constructor(code: string) {
    this.code = code
  }
}

/** A name that Bicep can refer to: `rule_sign_in_spike`. The prefix keeps it off Bicep's own words. */
function symbol(id: string): string {
  return `rule_${id.replaceAll('-', '_')}`
}

function expression(value: unknown, indent: string): string {
  if (value instanceof Raw) return value.code
  if (typeof value === 'string') return value.includes('\n') ? longText(value) : text(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((one) => `${inner}${expression(one, inner)}`)
    : Object.entries(value).map(([key, one]) => `${inner}${name(key)}: ${expression(one, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join('\n')}\n${indent}${close}`
}

function name(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : text(key)
}

function text(value: string): string {
  const escaped = value
    .replace(/[\\']/g, '\\$&')
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
  return `'${escaped}'`
}

/** Between triple quotes nothing is escaped, so a text that has such quotes in it can't stand there. */
function longText(value: string): string {
  return value.includes("'''") || value.endsWith("'") ? text(value) : `'''\n${value}'''`
}
