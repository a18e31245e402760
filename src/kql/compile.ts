import { INVENTORY_FIELDS, type Population } from '../agents/inventory.js'
import { namesIn } from '../alerts/template.js'
import type { Detection } from '../detections/detection.js'
import { MAX_VALUE_LENGTH } from '../scoring/values.js'
import type { View, ViewColumnType } from '../views/view.js'
import { columnsOf } from '../where/condition.js'
import { conditionText, conjuncts } from './condition.js'
import type { KindQuery, KqlType, QueryScope } from './query.js'
import { reasonText } from './reason.js'
import { indent, literal } from './text.js'
import { viewText } from './view-text.js'

/** A detection as a scheduled rule's query, and what the rule needs to know of it. */
export interface CompiledQuery {
  /** ASCII KQL text. */
  readonly query: string
  /** The Log Analytics tables that it reads. */
  readonly tables: readonly string[]
  /** Minutes between runs. */
  readonly frequency: number
  /** Minutes that a run looks back, by time of export. */
  readonly period: number
  /** The columns of the result. */
  readonly columns: ReadonlyMap<string, KqlType>
  /** The columns that make up the alert's key beside detection, tenant, agent and hour. */
  readonly entity: readonly string[]
}

/** Whose rows the rules look at. */
export interface CompileOptions {
  /** As the streaming engine's; `workloads` unless given. */
  readonly population?: Population
  /** Whether the inventory also says who is an agent; it is always read where a condition names its fields. */
  readonly inventory?: boolean
}

const HOUR = 60
const DAY = 24 * HOUR

/** Minutes between two looks at what has come in, and how far back an event may lie that comes in now. */
const ARRIVED = { frequency: 15, period: DAY }
/** The longest that a rule may look back: 13 days, the hour itself, and room for what comes late. */
const BEHAVIOURAL = { frequency: HOUR, period: 14 * DAY }

const WATCHLIST = 'AgentInventory'

/** Columns of a row that every rule carries on to its alerts, as far as the view has them. */
const CARRIED = ['AgentName', 'AppId', 'IPAddress', 'AzureResourceId']

/**
 * The KQL of a detection: it raises the same alerts as the streaming engine on the same rows.
 * @throws Error if the detection says that KQL can't express it.
 */
export function compileDetection(detection: Detection, options: CompileOptions = {}): CompiledQuery {
  if (detection.streamOnly !== undefined) throw new Error(`${detection.id}: ${detection.streamOnly}`)
  const carried = carriedColumns(detection)
  const body = detection.kind.kql(detection.parameters, scopeOf(detection.view, carried))
  const schedule = body.arrived ? ARRIVED : BEHAVIOURAL
  return {
    query: queryText(detection, body, carried, options),
    tables: detection.view.sources.map(({ table }) => table.name),
    ...schedule,
    columns: resultColumns(detection, body, carried),
    entity: body.entity,
  }
}

function queryText(
  detection: Detection,
  body: KindQuery,
  carried: readonly string[],
  options: CompileOptions,
): string {
  const { view } = detection
  const needed = neededColumns(detection, body, carried)
  return [
    `// ${detection.id} ${detection.version}: ${detection.title}`,
    body.arrived ? arrivedTimes() : closedTimes(view),
    ...(usesInventory(detection, options) ? [inventoryText()] : []),
    viewText(view, needed, body.arrived === true),
    rowsText(detection, body, options),
    body.text,
    resultText(detection, body, carried),
  ].join('\n')
}

/** The judged hour is the last one that is over and had time for late rows to come. */
function closedTimes(view: View): string {
  return `let EvaluationTime = now();
let Delay = ${view.delay}m;
let Window = 13d;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - Window;`
}

function arrivedTimes(): string {
  return `let EvaluationTime = now();
let End = bin(EvaluationTime, ${ARRIVED.frequency}m);
let Start = End - ${ARRIVED.frequency}m;
let Earliest = End - ${ARRIVED.period / DAY}d;`
}

function inventoryText(): string {
  const fields = INVENTORY_FIELDS.filter((field) => field !== 'id')
  const columns = fields.map((field) => `Agent_${field} = tostring(${field})`).join(', ')
  return `let Inventory = _GetWatchlist(${literal(WATCHLIST)})
    | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), ${columns};`
}

function usesInventory({ where }: Detection, { population, inventory }: CompileOptions): boolean {
  const named = where !== undefined && columnsOf(where).some((column) => column.startsWith('agent.'))
  return named || inventory === true || population === 'inventory'
}

function rowsText(detection: Detection, body: KindQuery, options: CompileOptions): string {
  const { view, where } = detection
  const listed = usesInventory(detection, options)
  const lines = [
    ...(listed ? listingLines(view) : []),
    `| where ${populationText(options, listed)}`,
    ...(where ? conjuncts(where).map((part) => `| where ${conditionText(part)}`) : []),
  ]
  if (body.arrived) return `let Arrived = ${view.name}\n${indent(lines.join('\n'))};`
  return `let Rows = (From: datetime, To: datetime) {\n${indent(`${view.name}(From, To)\n${lines.join('\n')}`)}\n};`
}

/** The audit log names an application's own object id, so there the inventory is asked by application id too. */
function listingLines({ sources }: View): string[] {
  const byId = '| lookup kind=leftouter Inventory on AgentId'
  if (!sources.some(({ table }) => table.name === 'AuditLogs')) return [byId]
  const names = INVENTORY_FIELDS.map((field) => `Agent_${field}`)
  return [
    byId,
    '| lookup kind=leftouter (Inventory',
    `    | where isnotempty(Agent_app_id)`,
    `    | summarize ${names.map((name) => `By${name} = take_any(${name})`).join(', ')} by AppId = tolower(Agent_app_id)) on AppId`,
    `| extend ${names
      .toReversed()
      .map((name) => `${name} = iff(isempty(Agent_id), By${name}, ${name})`)
      .join(', ')}`,
  ]
}

function populationText({ population = 'workloads' }: CompileOptions, listed: boolean): string {
  return [
    'Agentic == 1',
    ...(population !== 'agentic' && listed ? ['isnotempty(Agent_id)'] : []),
    ...(population === 'workloads' ? ['Workload == 1'] : []),
  ].join(' or ')
}

function scopeOf(view: View, carried: readonly string[]): QueryScope {
  const isNumber = (column: string) => view.columns.get(column) === 'number'
  return {
    first: (groupedBy) => {
      const columns = carried.filter((column) => !groupedBy.includes(column))
      return `arg_min(EventTime, ${columns.join(', ')})`
    },
    isNumber,
    text: (column) =>
      isNumber(column) ? `tostring(${column})` : `substring(${column}, 0, ${MAX_VALUE_LENGTH})`,
  }
}

/** The view's columns that an alert shows. */
function carriedColumns({ view, alert }: Detection): string[] {
  const names = [...CARRIED, ...namesIn(alert)].filter((name) => view.columns.has(name))
  return [...new Set(names)].filter((name) => name !== 'TenantId' && name !== 'AgentId')
}

/** All of the view's columns that the query reads. */
function neededColumns(detection: Detection, body: KindQuery, carried: readonly string[]): Set<string> {
  const { where, kind, parameters } = detection
  const conditions = [where, ...(kind.conditions ?? []).map((key) => parameters[key])]
  return new Set([
    ...['Type', 'AppId', 'TenantId', 'AgentId', 'Agentic', 'Workload', 'Id'],
    ...carried,
    ...conditions.flatMap((condition) => (condition ? columnsOf(condition as never) : [])),
    ...kind.columns(parameters).map(({ column }) => column),
    ...body.entity,
  ])
}

function resultText(detection: Detection, body: KindQuery, carried: readonly string[]): string {
  const names = resultColumns(detection, body, carried).keys()
  const hour = body.arrived ? '' : 'Hour = Start, '
  return `| extend ${hour}Reason = ${reasonText(detection)}
| project ${[...names].join(', ')}`
}

function resultColumns(
  { view, kind }: Detection,
  { entity }: KindQuery,
  carried: readonly string[],
): Map<string, KqlType> {
  const typeOf = (name: string): KqlType => kqlType(view.columns.get(name))
  return new Map<string, KqlType>([
    ['TenantId', 'string'],
    ['AgentId', 'string'],
    ...carried.map((name) => [name, typeOf(name)] as const),
    ['Hour', 'datetime'],
    ...entity.map((name) => [name, view.columns.has(name) ? typeOf(name) : 'string'] as const),
    ['Observed', kind.observes],
    ['Basis', 'string'],
    ['Reason', 'string'],
  ])
}

function kqlType(type: ViewColumnType | undefined): KqlType {
  return type === 'number' ? 'long' : 'string'
}
