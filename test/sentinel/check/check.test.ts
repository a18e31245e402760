import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { armTemplate } from '../../../src/sentinel/arm.js'
import type { Finding } from '../../../src/sentinel/check/check.js'
import { readRules } from '../../../src/sentinel/check/files.js'
import { CHECKS, checkRule } from '../../../src/sentinel/check/index.js'
import { yamlText } from '../../../src/sentinel/yaml.js'
import { RULE } from '../../support/rules.js'

type Values = Record<string, unknown>

const QUERY = `let Now = now();
AADServicePrincipalSignInLogs
| where TimeGenerated > Now - 1h
| project TenantId, AgentId = ServicePrincipalId, AgentName = ServicePrincipalName, AppId, IPAddress,
    Hour = bin(TimeGenerated, 1h), Observed = 1, Reason = "odd",
    ServicePrincipalCredentialKeyId, ServicePrincipalCredentialThumbprint
`
const GOOD = yamlText({ ...RULE, query: QUERY })

function findingsOf(file: string, text: string): Finding[] {
  const { rules, findings } = readRules(file, text)
  return [...findings, ...rules.flatMap(checkRule)]
}

const codesOf = (file: string, text: string) => [...new Set(findingsOf(file, text).map(({ code }) => code))]

/** The good rule with some keys changed; `undefined` takes a key away. */
function yamlWith(change: Values): string {
  const value: Values = { ...parse(GOOD), ...change }
  return stringify(Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)))
}

/** The good rule's template with some properties or keys of the resource changed. */
function armWith(properties: Values, resource: Values = {}): string {
  const template = JSON.parse(armTemplate({ ...RULE, query: QUERY }))
  const [rule] = template.resources
  template.resources = [{ ...rule, ...resource, properties: { ...rule.properties, ...properties } }]
  return JSON.stringify(template, undefined, 2)
}

const account = (...identifiers: string[]) => ({
  entityType: 'Account',
  fieldMappings: identifiers.map((identifier) => ({ identifier, columnName: 'AgentId' })),
})
const grouping = (change: Values) => {
  const { incidentConfiguration: incident } = parse(GOOD)
  return {
    incidentConfiguration: {
      ...incident,
      groupingConfiguration: { ...incident.groupingConfiguration, ...change },
    },
  }
}
const details = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`Detail${number}`, 'AppId']))
const override = (format: string) => ({ alertDetailsOverride: { alertDisplayNameFormat: format } })
const connector = (connectorId: string, dataTypes = ['SigninLogs']) => ({
  requiredDataConnectors: [{ connectorId, dataTypes }],
})
const times = (queryFrequency: string, queryPeriod: string) => ({ queryFrequency, queryPeriod })

/** Code, what triggers it, and what differs by one thing and doesn't. */
const YAML: readonly (readonly [code: string, bad: Values, good: Values])[] = [
  ['missing-field', { severity: undefined }, {}],
  ['wrong-type', { version: 1 }, { version: '1.0.0' }],
  [
    'empty-list',
    { tactics: [], relevantTechniques: undefined },
    { tactics: ['Impact'], relevantTechniques: undefined },
  ],
  ['bad-id', { id: 'rule-1' }, { id: '2d121c04-c957-5644-989b-2127d595221c' }],
  ['name-length', { name: 'x'.repeat(257) }, { name: 'x'.repeat(256) }],
  [
    'description-length',
    { description: `Detects ${'x'.repeat(4993)}` },
    { description: `Detects ${'x'.repeat(4992)}` },
  ],
  ['description-opening', { description: 'Odd things.' }, { description: "'Identifies odd things.'" }],
  ['bad-version', { version: '1.0' }, { version: '1.0.0' }],
  ['non-ascii', { name: 'Caf\u00e9' }, { name: 'Cafe' }],
  ['azure-sentinel-wording', { name: 'Azure Sentinel' }, { name: 'Microsoft Sentinel' }],
  ['bad-severity', { severity: 'Critical' }, { severity: 'High' }],
  ['bad-kind', { kind: 'Schedule' }, { kind: 'Scheduled' }],
  ['bad-trigger-operator', { triggerOperator: 'ge' }, { triggerOperator: 'gt' }],
  ['bad-trigger-threshold', { triggerThreshold: 10_001 }, { triggerThreshold: 10_000 }],
  [
    'bad-aggregation',
    { eventGroupingSettings: { aggregationKind: 'PerResult' } },
    { eventGroupingSettings: { aggregationKind: 'AlertPerResult' } },
  ],
  ['bad-grouping', grouping({ groupByEntities: [] }), grouping({ groupByEntities: ['Account'] })],
  ['bad-grouping', grouping({ matchingMethod: 'All' }), grouping({ matchingMethod: 'AllEntities' })],
  ['unknown-grouping', grouping({ groupByEntities: ['Host'] }), grouping({ groupByEntities: ['IP'] })],
  ['bad-duration', times('PT1H', '1d'), times('1h', '1d')],
  ['bad-duration', grouping({ lookbackDuration: 'long' }), grouping({ lookbackDuration: 'PT5H' })],
  ['duration-range', times('4m', '1h'), times('5m', '1h')],
  ['duration-range', times('1d', '15d'), times('1d', '14d')],
  ['duration-range', grouping({ lookbackDuration: '8d' }), grouping({ lookbackDuration: '7d' })],
  ['period-below-frequency', times('14d', '4h'), times('4h', '14d')],
  ['long-period-too-often', times('59m', '49h'), times('59m', '48h')],
  ['long-period-too-often', times('59m', '14d'), times('1h', '14d')],
  [
    'no-time-filter',
    { query: QUERY.replace('| where TimeGenerated > Now - 1h\n', '') },
    { query: QUERY.replace('| where TimeGenerated > Now - 1h\n', ''), ...times('1h', '1h') },
  ],
  [
    'no-time-filter',
    { query: QUERY.replace('TimeGenerated > Now - 1h', 'AppId != ""') },
    { query: QUERY.replace('TimeGenerated > Now - 1h', 'ingestion_time() > Now - 1h') },
  ],
  ['unknown-connector', connector('AzureActiveDir'), connector('AzureActiveDirectory')],
  ['connector-without-tables', connector('Office365', []), connector('Office365', ['OfficeActivity'])],
  [
    'unknown-tactic',
    { tactics: ['Initial Access', 'Persistence'] },
    { tactics: ['InitialAccess', 'Persistence'] },
  ],
  ['bad-technique', { relevantTechniques: ['1078'] }, { relevantTechniques: ['T1078.004'] }],
  ['technique-without-tactic', { relevantTechniques: ['T1528'] }, { relevantTechniques: ['T1078'] }],
  [
    'entity-count',
    { entityMappings: Array(11).fill(account('AadUserId')) },
    { entityMappings: Array(10).fill(account('AadUserId')) },
  ],
  [
    'entity-fields',
    { entityMappings: [account('AadUserId', 'Name', 'Sid', 'PUID')] },
    { entityMappings: [account('AadUserId', 'Name', 'Sid')] },
  ],
  [
    'unknown-entity',
    { entityMappings: [account('AadUserId'), { ...account('AadUserId'), entityType: 'ServicePrincipal' }] },
    { entityMappings: [account('AadUserId'), account('AadUserId')] },
  ],
  [
    'unknown-identifier',
    { entityMappings: [account('AadUserId', 'ObjectId')] },
    { entityMappings: [account('AadUserId', 'ObjectGuid')] },
  ],
  [
    'weak-entity',
    { entityMappings: [account('DisplayName')] },
    { entityMappings: [account('DisplayName', 'Name')] },
  ],
  [
    'old-entity-column',
    { query: QUERY.replace('Observed = 1', 'Observed = 1, HostCustomEntity = ""') },
    { query: QUERY.replace('Observed = 1', 'Observed = 1, HostEntity = ""') },
  ],
  ['detail-count', { customDetails: details(21) }, { customDetails: details(20) }],
  [
    'detail-name',
    { customDetails: { ['x'.repeat(21)]: 'AppId' } },
    { customDetails: { ['x'.repeat(20)]: 'AppId' } },
  ],
  ['override-length', override('x'.repeat(257)), override('x'.repeat(256))],
  [
    'placeholder-count',
    override('{{AppId}} {{AppId}} {{AppId}} {{AppId}}'),
    override('{{AppId}} {{AppId}} {{AppId}}'),
  ],
  ['missing-column', override('{{appId}}'), override('{{AppId}}')],
  ['missing-column', { customDetails: { App: 'Application' } }, { customDetails: { App: 'AppId' } }],
  [
    'missing-column',
    { query: QUERY.replace('IPAddress', 'Address = IPAddress') },
    { query: QUERY.replace('IPAddress', 'IPAddress = IPAddress') },
  ],
]

const ARM: readonly (readonly [code: string, bad: string, good: string])[] = [
  ['missing-field', armWith({ suppressionEnabled: undefined }), armWith({ suppressionEnabled: false })],
  ['bad-trigger-operator', armWith({ triggerOperator: 'gt' }), armWith({ triggerOperator: 'GreaterThan' })],
  ['bad-duration', armWith({ queryPeriod: '14d' }), armWith({ queryPeriod: 'P14D' })],
  ['sub-technique-in-template', armWith({ techniques: ['T1078.004'] }), armWith({ techniques: ['T1078'] })],
  [
    'preview-only',
    armWith({ subTechniques: ['T1078.004'] }),
    armWith({ subTechniques: ['T1078.004'] }, { apiVersion: '2025-10-01-preview' }),
  ],
  ['wrong-type', armWith({ enabled: 'yes' }), armWith({ enabled: "[parameters('enabled')]" })],
]

const KQL: readonly (readonly [code: string, bad: string, good: string])[] = [
  ['query-length', `print "${'x'.repeat(9993)}"`, `print "${'x'.repeat(9992)}"`],
  ['reads-everything', 'search *', 'search in (SigninLogs) "x"'],
  [
    'reads-everything',
    'union * | take 1',
    'union (AuditLogs | summarize arg_max(TimeGenerated, *) by Id) | take 1',
  ],
  ['unknown-column', 'SigninLogs | where Appid == "x"', 'SigninLogs | where AppId == "x"'],
  ['kql-error', 'SigninLogs | where', 'SigninLogs | where true'],
  ['unknown-table', 'SecurityEvents | where A == 1', 'SigninLogs | where AppId == ""'],
  ['unknown-table', 'let T = SecurityEvents; T | where A == 1', 'let T = SigninLogs; T | where AppId == ""'],
  ['unknown-function', '_Im_Dns(1) | where A == 1', '_GetWatchlist("a") | where id == ""'],
  ['number-against-text', 'SigninLogs | where DurationMs == "12"', 'SigninLogs | where DurationMs == 12'],
  ['number-against-text', 'SigninLogs | where ResultType == 0', 'SigninLogs | where ResultType == "0"'],
  [
    'dynamic-comparison',
    'SigninLogs | where Agent == Status',
    'SigninLogs | where tostring(Agent) == tostring(Status)',
  ],
  [
    'unserialised-rows',
    'SigninLogs | extend n = row_number()',
    'SigninLogs | sort by TimeGenerated asc | extend n = row_number()',
  ],
  [
    'unserialised-rows',
    'SigninLogs | serialize | summarize n = count() by AppId | extend p = prev(n)',
    'SigninLogs | summarize n = count() by AppId | serialize p = prev(n)',
  ],
  [
    'datetime-format',
    'SigninLogs | project d = format_datetime(TimeGenerated, "YYYY-MM-DD")',
    'SigninLogs | project d = format_datetime(TimeGenerated, "yyyy-MM-dd")',
  ],
  [
    'join-kind',
    'SigninLogs | join (AuditLogs) on CorrelationId',
    'SigninLogs | join kind=inner (AuditLogs) on CorrelationId',
  ],
  [
    'dynamic-join-key',
    'SigninLogs | join kind=inner (AuditLogs | project Status = InitiatedBy) on Status',
    'SigninLogs | join kind=inner (AuditLogs | project Id) on Id',
  ],
  [
    'unknown-pattern',
    'SigninLogs | where UserAgent matches regex "python(?!-requests)"',
    'SigninLogs | where UserAgent matches regex "python(?:-requests)"',
  ],
  [
    'unknown-pattern',
    'SigninLogs | project extract(@"(.)\\1", 0, UserAgent)',
    'SigninLogs | project extract(@"(.)\\\\1", 0, UserAgent)',
  ],
  [
    'capital-id',
    'SigninLogs | where AppId == "0000000A-0000-0000-c000-000000000000"',
    'SigninLogs | where AppId =~ "0000000A-0000-0000-c000-000000000000"',
  ],
  [
    'capital-id',
    'SigninLogs | where AppId !in ("x", "0000000A-0000-0000-C000-000000000000")',
    'SigninLogs | where AppId !in ("x", "0000000a-0000-0000-c000-000000000000")',
  ],
  [
    'split-columns',
    'union SigninLogs, AADServicePrincipalSignInLogs | project AppId',
    'union AADManagedIdentitySignInLogs, AADServicePrincipalSignInLogs | project AppId',
  ],
  [
    'time-read-twice',
    'SigninLogs | where TimeGenerated > ago(1h) and CreatedDateTime > ago(2h)',
    'let N = now(); SigninLogs | where TimeGenerated > N - 1h and CreatedDateTime > N - 2h',
  ],
]

describe('a rule that is right', () => {
  it.each([
    ['rule.yaml', GOOD],
    ['rule.json', armWith({})],
    ['rule.kql', QUERY],
  ])('raises nothing as %s', (file, text) => {
    expect(findingsOf(file, text)).toEqual([])
  })
})

describe('rules check', () => {
  const cases = [
    ...YAML.map(([code, bad, good]) => ['rule.yaml', code, yamlWith(bad), yamlWith(good)] as const),
    ...ARM.map(([code, bad, good]) => ['rule.json', code, bad, good] as const),
    ...KQL.map(([code, bad, good]) => ['rule.kql', code, bad, good] as const),
  ]

  it.each(cases)('in %s finds %s, and not where the one thing is right', (file, code, bad, good) => {
    expect(codesOf(file, bad)).toContain(code)
    expect(codesOf(file, good)).not.toContain(code)
  })

  it('has a case for each code', () => {
    const tested = new Set<string>(cases.map(([, code]) => code))
    expect(CHECKS.map(({ code }) => code).filter((code) => !tested.has(code))).toEqual([])
  })
})

describe('a solution', () => {
  const offered = (properties: Values) => {
    const { resources } = JSON.parse(armWith({ templateVersion: undefined, version: '1.0.0', ...properties }))
    const template = { ...resources[0], type: 'Microsoft.SecurityInsights/AlertRuleTemplates' }
    const name = "[variables('analyticRuleObject1')._analyticRulecontentId1]"
    const mainTemplate = { resources: [{ ...template, name, apiVersion: '2023-02-01-preview' }] }
    const type = 'Microsoft.OperationalInsights/workspaces/providers/contentTemplates'
    return JSON.stringify({ resources: [{ type, properties: { mainTemplate } }] }, undefined, 2)
  }

  it('has the rules that it offers checked like those that a template deploys', () => {
    expect(findingsOf('mainTemplate.json', offered({}))).toEqual([])
    expect(codesOf('mainTemplate.json', offered({ query: 'SigninLogs | where Nope' }))).toContain(
      'unknown-column',
    )
    expect(codesOf('mainTemplate.json', offered({ version: '1.0' }))).toEqual(['bad-version'])
  })
})

describe('the place of a mistake within a query', () => {
  const query = 'SigninLogs\n| where "\\t" == Appid'
  it.each([
    ['a block of YAML', 'rule.yaml', `query: |\n  ${query.replace('\n', '\n  ')}\n`, 3, 19],
    [
      'a block after a key further in',
      'rule.yaml',
      `name: x\nquery: |-\n    SigninLogs\n\n    | where Appid == ""\n`,
      5,
      13,
    ],
    ['a text in double quotes', 'rule.yaml', `query: ${JSON.stringify(query)}\n`, 1, 40],
    ['a text in single quotes', 'rule.yaml', "query: 'SigninLogs | where ''a'' == Appid'\n", 1, 37],
    ['a plain text', 'rule.yaml', 'query: SigninLogs | where Appid == "a"\n', 1, 27],
    ['a query by itself', 'rule.kql', query, 2, 17],
  ])('is that of the character in %s', (_, file, text, line, column) => {
    const found = findingsOf(file, text).filter(({ code }) => code === 'unknown-column')
    expect(found).toMatchObject([{ line, column }])
  })

  it('is where the text begins if its lines are folded', () => {
    const found = findingsOf('rule.yaml', 'query: >\n  SigninLogs\n  | where Appid == ""\n')
    expect(found.find(({ code }) => code === 'unknown-column')).toMatchObject({ line: 1, column: 8 })
  })
})
