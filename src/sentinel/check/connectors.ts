import type { Check, Issue } from './check.js'
import { asList, asRecord, type RuleSource } from './source.js'

/** Connectors of Microsoft's that the rule repository knows. Its own list is longer and grows. */
const KNOWN: ReadonlySet<string> = new Set([
  'AWS',
  'AWSS3',
  'AzureActiveDirectory',
  'AzureActiveDirectoryIdentityProtection',
  'AzureActivity',
  'AzureAdvancedThreatProtection',
  'AzureFirewall',
  'AzureInformationProtection',
  'AzureKeyVault',
  'AzureKubernetes',
  'AzureMonitor(IIS)',
  'AzureMonitor(VMInsights)',
  'AzureMonitor(WireData)',
  'AzureSecurityCenter',
  'AzureSql',
  'AzureStorageAccount',
  'BehaviorAnalytics',
  'CEF',
  'CopilotActivity',
  'DDOS',
  'DNS',
  'Dynamics365',
  'IoT',
  'MicrosoftCloudAppSecurity',
  'MicrosoftCopilot',
  'MicrosoftDefenderAdvancedThreatProtection',
  'MicrosoftThreatProtection',
  'Office365',
  'OfficeATP',
  'SecurityEvents',
  'Syslog',
  'ThreatIntelligence',
  'ThreatIntelligenceTaxii',
  'WAF',
  'WindowsFirewall',
  'WindowsForwardedEvents',
  'WindowsSecurityEvents',
])

function* unknownConnectors(rule: RuleSource): Iterable<Issue> {
  for (const [index, one] of asList(rule.get('requiredDataConnectors')).entries()) {
    const { connectorId } = asRecord(one)
    if (typeof connectorId !== 'string' || KNOWN.has(connectorId)) continue
    const path = [...rule.path('requiredDataConnectors'), index, 'connectorId']
    yield { path, message: `${connectorId} is not one of the known connectors` }
  }
}

function* silentConnectors(rule: RuleSource): Iterable<Issue> {
  for (const [index, one] of asList(rule.get('requiredDataConnectors')).entries()) {
    const { dataTypes } = asRecord(one)
    if (!Array.isArray(dataTypes) || dataTypes.length > 0) continue
    const path = [...rule.path('requiredDataConnectors'), index, 'dataTypes']
    yield { path, message: 'the connector is there but none of its tables' }
  }
}

/** Where a rule's data comes from. */
export const connectors: readonly Check[] = [
  {
    code: 'unknown-connector',
    level: 'warning',
    advice: 'compare the id with the connector gallery; case counts',
    find: unknownConnectors,
  },
  {
    code: 'connector-without-tables',
    level: 'error',
    advice: 'name the tables that the rule reads in dataTypes',
    find: silentConnectors,
  },
]
