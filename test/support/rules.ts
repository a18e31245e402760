import type { Detection } from '../../src/detections/detection.js'
import { loadDetections } from '../../src/detections/load.js'
import type { CompiledQuery } from '../../src/kql/compile.js'
import { type Rule, ruleOf } from '../../src/sentinel/rule.js'

/** What a compiler could make of a detection: small, with all that formats have to cope with. */
export const STUB: CompiledQuery = {
  query: `let Start = now() - 1h;
AADServicePrincipalSignInLogs
| where TimeGenerated >= Start
| where ServicePrincipalName != 'it\\'s "\${x}"'
`,
  tables: ['SigninLogs', 'AADServicePrincipalSignInLogs'],
  delay: 30,
  frequency: 60,
  period: 20160,
  columns: new Map([
    ['TenantId', 'string'],
    ['AgentId', 'string'],
    ['AgentName', 'string'],
    ['AppId', 'string'],
    ['IPAddress', 'string'],
    ['Hour', 'datetime'],
    ['ServicePrincipalCredentialKeyId', 'string'],
    ['ServicePrincipalCredentialThumbprint', 'string'],
    ['Observed', 'long'],
    ['Reason', 'string'],
  ]),
  whenOver: false,
  entity: ['ServicePrincipalCredentialKeyId', 'ServicePrincipalCredentialThumbprint'],
}

const [pack] = await loadDetections()

/** A detection of little text. */
export const DETECTION: Detection = {
  ...pack!,
  id: 'odd-thing',
  title: 'Agent does an odd thing',
  version: '1.2.3',
  severity: 'medium',
  status: 'stable',
  why: 'Odd things \u2014 they\u2019re seldom good.\n',
  falsePositives: ['A caf\u00e9.'],
  blindSpots: ['Even things.'],
  attack: new Map([
    ['InitialAccess', ['T1078.004']],
    ['Persistence', ['T1078.004', 'T1098']],
  ]),
  streamOnly: undefined,
}

/** The rule of that detection. */
export const RULE: Rule = ruleOf(DETECTION, STUB)
