import { isoDuration } from './duration.js'
import type { Rule } from './rule.js'
import { incidentsOf } from './yaml.js'

/** The newest generally available version that knows scheduled rules. */
export const API_VERSION = '2025-09-01'

/** What a resource of type alertRules has in it, whatever language describes it. */
export function ruleProperties(rule: Rule) {
  return {
    displayName: rule.name,
    description: rule.description,
    severity: rule.severity,
    enabled: true,
    query: rule.query,
    queryFrequency: isoDuration(rule.frequency),
    queryPeriod: isoDuration(rule.period),
    triggerOperator: 'GreaterThan',
    triggerThreshold: 0,
    suppressionDuration: 'PT1H',
    suppressionEnabled: false,
    ...(rule.tactics.length > 0 && {
      tactics: rule.tactics,
      techniques: parentTechniques(rule.techniques),
    }),
    entityMappings: rule.entityMappings,
    customDetails: rule.customDetails,
    alertDetailsOverride: rule.alertDetails,
    eventGroupingSettings: { aggregationKind: 'AlertPerResult' },
    incidentConfiguration: incidentsOf(rule, isoDuration(rule.incidentLookback)),
  }
}

/** Only preview versions of the API take sub-techniques (T1078.004); a stable version is worth more than they are. */
function parentTechniques(techniques: readonly string[]): string[] {
  return [...new Set(techniques.map((technique) => technique.replace(/\..*$/, '')))]
}
