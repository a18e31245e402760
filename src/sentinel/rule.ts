import { createHash } from 'node:crypto'
import type { Severity } from '../alerts/alert.js'
import { getOrAdd } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import type { CompiledQuery } from '../kql/compile.js'
import { tables } from '../tables/index.js'
import { agentAlerts } from '../views/agent-alerts.js'
import { ascii } from './ascii.js'

/** Sentinel's connector that fills a table, by the table's name. */
const connectors = new Map(tables.map(({ name, connector }) => [name, connector]))

/** Severities as Microsoft Sentinel spells them. */
export const RULE_SEVERITIES = ['Informational', 'Low', 'Medium', 'High'] as const

export type RuleSeverity = (typeof RULE_SEVERITIES)[number]

/** What a column says about: an account, an application, an address. */
export interface EntityMapping {
  readonly entityType: string
  readonly fieldMappings: readonly { readonly identifier: string; readonly columnName: string }[]
}

/** A scheduled analytics rule of Microsoft Sentinel: what all formats share. Plain data. */
export interface Rule {
  /** GUID, the same in every build. */
  readonly id: string
  /** The id of the detection. */
  readonly detection: string
  readonly name: string
  readonly description: string
  readonly severity: RuleSeverity
  /** Tables read, by the connector that fills them. */
  readonly connectors: readonly { readonly connectorId: string; readonly dataTypes: readonly string[] }[]
  /** Minutes between runs. */
  readonly frequency: number
  /** Minutes looked back. */
  readonly period: number
  /** None where each alert names its own. */
  readonly tactics: readonly string[]
  /** Techniques of MITRE ATT&CK, some of them dotted. */
  readonly techniques: readonly string[]
  readonly query: string
  readonly entityMappings: readonly EntityMapping[]
  /** Names shown in the alert, and the columns that they stand for. */
  readonly customDetails: Readonly<Record<string, string>>
  readonly alertDetails: Readonly<Record<string, string>>
  /** Minutes within which alerts on one agent become one incident. */
  readonly incidentLookback: number
  readonly version: string
}

/** Limits of the service that a generated text could reach. */
const MAX_NAME = 256
const MAX_DESCRIPTION = 5000
const MAX_DETAILS = 20
const MAX_DETAIL_NAME = 20

const SEVERITY: Readonly<Record<Severity, RuleSeverity>> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
}

/** Looking back further than this makes a rule a behavioural one, whose alerts on an agent belong together longer. */
const LONG_PERIOD = 48 * 60

/** Makes a detection and its query into a rule. */
export function ruleOf(detection: Detection, compiled: CompiledQuery): Rule {
  return {
    id: ruleGuid(detection.id),
    detection: detection.id,
    name: ascii(detection.title).slice(0, MAX_NAME),
    description: descriptionOf(detection),
    severity: SEVERITY[detection.severity],
    connectors: connectorsOf(compiled.tables),
    frequency: compiled.frequency,
    period: compiled.period,
    tactics: [...detection.attack.keys()],
    techniques: [...new Set([...detection.attack.values()].flat())],
    query: compiled.query.trimEnd(),
    entityMappings: entitiesOf(compiled),
    customDetails: customDetailsOf(detection, compiled),
    alertDetails: alertDetailsOf(detection, compiled),
    incidentLookback: compiled.period > LONG_PERIOD ? 24 * 60 : 5 * 60,
    version: detection.version,
  }
}

function connectorsOf(names: readonly string[]): Rule['connectors'] {
  const byConnector = new Map<string, string[]>()
  for (const name of [...names].sort()) {
    const connector = connectors.get(name)
    if (connector !== undefined) getOrAdd(byConnector, connector, () => []).push(name)
  }
  return Array.from(byConnector, ([connectorId, dataTypes]) => ({ connectorId, dataTypes }))
}

/** The namespace of agentwarden's rules. It must never change: a rule is known by its GUID. */
const NAMESPACE = Buffer.from('8f0c5d7e2b6a4f53b1c43d9a7e60a512', 'hex')

/** The GUID of a detection's rule: a UUID of version 5, so that every build and every fork of a build agrees. */
export function ruleGuid(id: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(id).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Begins as the descriptions of all published rules do, and fits into what the service takes. */
function descriptionOf({ title, why, falsePositives, blindSpots }: Detection): string {
  const parts = [
    `Identifies when ${midSentence(title)}.`,
    oneLine(why),
    ['False positives:', ...falsePositives.map(item)].join('\n'),
    ['Blind spots:', ...blindSpots.map(item)].join('\n'),
  ]
  return ascii(parts.join('\n\n')).slice(0, MAX_DESCRIPTION).trimEnd()
}

/** A title as it reads within a sentence. */
function midSentence(title: string): string {
  const text = title.replace(/\.$/, '').replace(/^Agent /, 'An agent ')
  return /^[A-Z][a-z-]*\s/.test(text) || /^A\s/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text
}

const item = (text: string) => `- ${oneLine(text)}`

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

/** What the alert is about. Sentinel knows no agents: they are accounts by object id and applications by app id. */
const ENTITIES = [
  ['Account', 'AadUserId', 'AgentId'],
  ['CloudApplication', 'AppId', 'AppId'],
  ['IP', 'Address', 'IPAddress'],
  ['AzureResource', 'ResourceId', 'AzureResourceId'],
] as const

function entitiesOf({ columns }: CompiledQuery): EntityMapping[] {
  return ENTITIES.filter(([, , columnName]) => columns.has(columnName)).map(
    ([entityType, identifier, columnName]) => ({ entityType, fieldMappings: [{ identifier, columnName }] }),
  )
}

/**
 * The alert key and what was observed: enough to know the same finding from the streaming scorer. What names no detection
 * adds nothing to the risk of an agent (`views/agent-alerts.ts`): alerts about alerts, and what is found hours later, when
 * the risk of its hour has been judged.
 */
export function customDetailsOf(
  { view }: Detection,
  { columns, entity, whenOver }: CompiledQuery,
): Record<string, string> {
  const named = view === agentAlerts || whenOver ? [] : ['Detection']
  const wanted = [...named, 'TenantId', 'AgentId', 'AgentName', 'AppId', 'Hour', 'Observed', ...entity]
  const names = [...new Set(wanted)].filter((name) => columns.has(name)).slice(0, MAX_DETAILS)
  const details: Record<string, string> = {}
  for (const name of names) details[detailName(name, details)] = name
  return details
}

/** A column's name cut to what a custom detail may be called, and told from those before it. */
function detailName(column: string, taken: Readonly<Record<string, string>>): string {
  const short = column.replace(/^_+/, '').slice(0, MAX_DETAIL_NAME)
  for (let number = 1; ; number++) {
    const name = number === 1 ? short : short.slice(0, MAX_DETAIL_NAME - 2) + number
    if (!Object.hasOwn(taken, name)) return name
  }
}

const AGENT_NAME = ': {{AgentName}}'

function alertDetailsOf({ title }: Detection, { columns }: CompiledQuery): Record<string, string> {
  return {
    alertDisplayNameFormat: ascii(title).slice(0, MAX_NAME - AGENT_NAME.length) + AGENT_NAME,
    alertDescriptionFormat: '{{Reason}}',
    ...(columns.has('Severity') ? { alertSeverityColumnName: 'Severity' } : {}),
  }
}
