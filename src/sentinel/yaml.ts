import { Document, isScalar, Scalar, visit } from 'yaml'
import { shortDuration } from './duration.js'
import type { Rule } from './rule.js'

/** A rule in the Azure-Sentinel repository's layout: its keys, in the order in which its rules have them. */
export function yamlRule(rule: Rule) {
  return {
    id: rule.id,
    name: rule.name,
    description: rule.description,
    severity: rule.severity,
    requiredDataConnectors: rule.connectors,
    queryFrequency: shortDuration(rule.frequency),
    queryPeriod: shortDuration(rule.period),
    triggerOperator: 'gt',
    triggerThreshold: 0,
    status: 'Available',
    ...(rule.tactics.length > 0 && { tactics: rule.tactics, relevantTechniques: rule.techniques }),
    query: rule.query,
    entityMappings: rule.entityMappings,
    customDetails: rule.customDetails,
    alertDetailsOverride: rule.alertDetails,
    eventGroupingSettings: { aggregationKind: 'AlertPerResult' },
    incidentConfiguration: incidentsOf(rule, shortDuration(rule.incidentLookback)),
    version: rule.version,
    kind: 'Scheduled',
  }
}

/** Alerts of a rule on one agent become one incident. */
export function incidentsOf(rule: Rule, lookbackDuration: string) {
  const entities = rule.entityMappings.map(({ entityType }) => entityType)
  return {
    createIncident: true,
    groupingConfiguration: {
      enabled: true,
      reopenClosedIncident: false,
      lookbackDuration,
      matchingMethod: 'Selected',
      groupByEntities: entities.filter((type) => type === 'Account'),
      groupByAlertDetails: [],
      groupByCustomDetails: [],
    },
  }
}

/** A rule as a file of the Azure-Sentinel repository. */
export function yamlText(rule: Rule): string {
  return yamlOf(yamlRule(rule))
}

/** YAML in which texts of several lines are to be read as they are, whatever signs stand in them. */
export function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string' && node.value.includes('\n')) {
        node.type = Scalar.BLOCK_LITERAL
      }
    },
  })
  return document.toString({ lineWidth: 0 })
}
