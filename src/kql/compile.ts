import { ALLOWANCE_FIELDS, INVENTORY_FIELDS, LISTED, type Population } from '../agents/inventory.js'
import type { Suppression } from '../alerts/suppression.js'
import { namesIn } from '../alerts/template.js'
import { getOrAdd } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { MAX_VALUE_LENGTH } from '../scoring/values.js'
import type { View, ViewColumnType } from '../views/view.js'
import { type Condition, columnsOf } from '../where/condition.js'
import { allowanceFunctions } from './allowance.js'
import { companionColumns, companionNeeds, companionText, judgedRows, ownNeeds } from './companions.js'
import { conditionText, conjuncts } from './condition.js'
import type { KindQuery, KqlType, QueryScope } from './query.js'
import { reasonText } from './reason.js'
import { suppressionLines } from './suppressions.js'
import { datetime, indent, literal } from './text.js'
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
  /** Minutes after the end of the judged hour until a run judges it; 0 where rows are judged as they come in. */
  readonly delay: number
  /** The columns of the result. */
  readonly columns: ReadonlyMap<string, KqlType>
  /** Whether the stream judges an hour only once later rows have come. */
  readonly whenOver: boolean
  /** The columns that make up the alert's key beside detection, tenant, agent and hour. */
  readonly entity: readonly string[]
}

/** Whose rows the rules look at. */
export interface CompileOptions {
  /** As the streaming engine's; `workloads` unless given. */
  readonly population?: Population
  /** Whether the inventory also says who is an agent; it is always read where a condition names its fields. */
  readonly inventory?: boolean
  /** What is not to be reported for a while. */
  readonly suppressions?: readonly Suppression[]
}

const HOUR = 60
const DAY = 24 * HOUR

/** Minutes between two looks at what has come in, and how far back an event may lie that comes in now. */
const ARRIVED = { frequency: 15, period: DAY }
/** The longest that a rule may look back: 13 days, the hour itself, and room for what comes late. */
const BEHAVIOURAL = { frequency: HOUR, period: 14 * DAY }

const WATCHLIST = 'AgentInventory'

/** The column of a result that says which detection it is of. */
const DETECTION = 'Detection'

/** Columns of a row that every rule carries on to its alerts, as far as the view has them. */
const CARRIED = ['AgentName', 'AppId', 'IPAddress', 'AzureResourceId']

/**
 * The KQL of a detection: it raises the same alerts as the streaming engine on the same rows.
 * @throws Error if the detection says that KQL can't express it.
 */
export function compileDetection(detection: Detection, options: CompileOptions = {}): CompiledQuery {
  if (detection.streamOnly !== undefined) throw new Error(`${detection.id}: ${detection.streamOnly}`)
  const carried = carriedColumns(detection)
  const rows = scopeOf(detection, carried)
  const body = detection.kind.kql(detection.parameters, rows)
  const views = neededViews(detection, body, carried, options)
  const arrived = body.arrived === true
  const delay = arrived ? 0 : Math.max(...views.map(({ view }) => view.delay))
  const tables = views.flatMap(({ view }) => view.sources.map(({ table }) => table.name))
  return {
    query: queryText(detection, body, carried, views, delay, options),
    tables: [...new Set(tables)],
    ...(arrived ? ARRIVED : BEHAVIOURAL),
    delay,
    columns: resultColumns(detection, body, carried),
    entity: body.entity,
    whenOver: body.whenOver === true,
  }
}

/** A view that a query reads, with the sources and the columns of it that it needs. */
interface NeededView {
  readonly view: View
  readonly columns: ReadonlySet<string>
}

type NeededViews = readonly NeededView[]

/** Two blanks a level: a rule may have no more than 10,000 characters. */
function queryText(
  detection: Detection,
  body: KindQuery,
  carried: readonly string[],
  views: NeededViews,
  delay: number,
  options: CompileOptions,
): string {
  const arrived = body.arrived === true
  return [
    `// ${detection.id} ${detection.version}: ${detection.title}`,
    arrived ? arrivedTimes() : closedTimes(delay),
    ...(usesInventory(detection, options)
      ? [inventoryText(detection), ...allowanceFunctions(fieldsNamed(detection))]
      : []),
    ...views.map(({ view, columns }) => viewText(view, columns, arrived)),
    rowsText(detection, body, options),
    ...companionStatements(detection, keptColumns(detection, body, carried), options),
    body.text,
    resultText(detection, body, carried, options),
  ]
    .join('\n')
    .replace(/^(?: {4})+/gm, (blanks) => ' '.repeat(blanks.length / 2))
}

/** The judged hour is the last one that is over and had time for late rows to come. */
function closedTimes(delay: number): string {
  return `${EVALUATED_NOW}
let Delay = ${delay}m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;`
}

function arrivedTimes(): string {
  return `${EVALUATED_NOW}
let End = bin(EvaluationTime, ${ARRIVED.frequency}m);
let Start = End - ${ARRIVED.frequency}m;
let Earliest = End - ${ARRIVED.period / DAY}d;`
}

/** What asks for rows, with all its conditions. */
type Asking = Pick<Detection, 'where'> & Partial<Pick<Detection, 'after' | 'unless'>>

/** The fields of the inventory that conditions name, as `agent.owner`. */
export function fieldsNamed({ where, after, unless }: Asking): string[] {
  return [where, after?.where, unless?.where].flatMap(namedIn).filter((column) => column.startsWith('agent.'))
}

/** The fields of the inventory that a query reads: the lists are long, and few conditions name them. */
export function inventoryFields(asking: Asking): readonly string[] {
  const named = new Set(fieldsNamed(asking))
  return [...INVENTORY_FIELDS, ...ALLOWANCE_FIELDS.filter((field) => named.has(`agent.${field}`))]
}

function listedFields(detection: Detection, options: CompileOptions): readonly string[] {
  return usesInventory(detection, options) ? inventoryFields(detection) : []
}

const EVALUATED_NOW = 'let EvaluationTime = now();'

/** The same query as if it ran at another time, in milliseconds since 1970. */
export function evaluatedAt(query: string, time: number): string {
  return query.replace(EVALUATED_NOW, `let EvaluationTime = ${datetime(time)};`)
}

/** A query of rows as they come in, of those that came in within a period; milliseconds since 1970. */
export function arrivedWithin(query: string, from: number, to: number): string {
  const times = `let End = ${datetime(to)};
let Start = ${datetime(from)};
let Earliest = Start - ${ARRIVED.period / DAY}d;`
  return query.replace(arrivedTimes(), times)
}

function inventoryText(detection: Detection): string {
  const fields = inventoryFields(detection).filter((field) => field !== 'id')
  const columns = fields.map((field) => `Agent_${field} = tostring(${field})`).join(', ')
  return `let Inventory = _GetWatchlist(${literal(WATCHLIST)})
    | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), ${columns};`
}

function usesInventory(detection: Detection, { population, inventory }: CompileOptions): boolean {
  return fieldsNamed(detection).length > 0 || inventory === true || population === 'inventory'
}

function rowsText(detection: Detection, body: KindQuery, options: CompileOptions): string {
  const { view } = detection
  const lines = agentLines(detection, listedFields(detection, options), options)
  if (body.arrived) return `let Arrived = ${view.name}\n${indent(lines)};`
  const all = [`${view.name}(From, To)`, ...(lines === '' ? [] : [lines])].join('\n')
  return `let Rows = (From: datetime, To: datetime) {\n${indent(all)}\n};`
}

/** Operators that leave those rows of a view that are agents' and satisfy a condition; `listed` where `Inventory` is bound. */
export function agentLines(
  { view, where }: Pick<Detection, 'view' | 'where'>,
  listed: readonly string[],
  options: CompileOptions,
): string {
  const isListed = listed.length > 0
  const asked = where !== undefined && columnsOf(where).includes(`agent.${LISTED}`)
  return [
    ...(isListed ? listingLines(view, listed) : []),
    ...(asked ? [LISTED_LINE] : []),
    ...populationLines(view, options, isListed),
    ...(where ? conjuncts(where).map((part) => `| where ${conditionText(part)}`) : []),
  ].join('\n')
}

function companionStatements(
  detection: Detection,
  kept: readonly string[],
  options: CompileOptions,
): string[] {
  const listed = listedFields(detection, options)
  // What `after` compares must outlast the look for what `unless` names.
  const wanted = detection.unless ? [...kept, ...ownNeeds(detection.after)] : kept
  const own = [...detection.view.columns.keys(), 'Id'].filter((name) => wanted.includes(name))
  const text = companionText(detection, (companion) => ({
    own,
    rows: (one) => agentLines(one, listed, options),
    text: { own: textOf(detection.view), theirs: textOf(companion.view) },
  }))
  return text === '' ? [] : [text]
}

/** The audit log names an application's own object id, so there the inventory is asked by application id too. */
function listingLines({ sources }: View, fields: readonly string[]): string[] {
  const byId = '| lookup kind=leftouter Inventory on AgentId'
  if (!sources.some(({ table }) => table.name === 'AuditLogs')) return [byId]
  const names = fields.map((field) => `Agent_${field}`)
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

/** Where no inventory is kept, it says of nobody that they are not in it. */
const LISTED_LINE = `| extend Agent_${LISTED} = iff(isnotempty(Agent_id), "yes", iff(toscalar(Inventory | count) > 0, "no", ""))`

function populationLines(view: View, options: CompileOptions, listed: boolean): string[] {
  const { population = 'workloads' } = options
  if (isAllWorkloads(view, population)) return []
  const parts = [
    'Agentic == 1',
    ...(population !== 'agentic' && listed ? ['isnotempty(Agent_id)'] : []),
    ...(population === 'workloads' ? ['Workload == 1'] : []),
  ]
  return [`| where ${parts.join(' or ')}`]
}

/** Whether every row of a view counts, as it is about a workload identity. */
function isAllWorkloads({ sources }: View, population: Population): boolean {
  return population === 'workloads' && sources.every(({ kql }) => kql.columns.Workload === 'tolong(1)')
}

function scopeOf(detection: Detection, carried: readonly string[]): QueryScope {
  const shown = [...carried, ...companionColumns(detection).keys()]
  return {
    judged: judgedRows(detection),
    first: (groupedBy) => {
      const columns = shown.filter((column) => !groupedBy.includes(column))
      return `arg_min(EventTime, ${columns.join(', ')})`
    },
    isNumber: (column) => isNumber(detection.view, column),
    text: textOf(detection.view),
  }
}

function isNumber(view: View, column: string): boolean {
  return view.columns.get(column) === 'number'
}

/** A column's value as a text that is cut like the values of baselines. */
export function textOf(view: View): QueryScope['text'] {
  return (column) =>
    isNumber(view, column) ? `tostring(${column})` : `substring(${column}, 0, ${MAX_VALUE_LENGTH})`
}

/** The view's columns that an alert shows. */
function carriedColumns({ view, alert }: Detection): string[] {
  const names = [...CARRIED, ...namesIn(alert)].filter((name) => view.columns.has(name))
  return [...new Set(names)].filter((name) => name !== 'TenantId' && name !== 'AgentId')
}

/** Columns that every query reads of every view. */
const ALWAYS = ['AppId', 'TenantId', 'AgentId']
/** What says whose rows count. */
const POPULATION = ['Agentic', 'Workload']
/** What tells events apart, for kinds that count them. */
const EVENT = ['Type', 'Id']

/** All columns that the query reads, by view. */
function neededViews(
  detection: Detection,
  body: KindQuery,
  carried: readonly string[],
  { population = 'workloads' }: CompileOptions,
): NeededViews {
  const { view, where, after, unless } = detection
  const views = new Map<View, Set<string>>()
  const need = (of: View, columns: readonly string[], condition: Condition | undefined) => {
    const needed = getOrAdd(views, of, () => new Set(ALWAYS))
    const filtering = [...(isAllWorkloads(of, population) ? [] : POPULATION), ...namedIn(condition)]
    for (const column of [...filtering, ...columns]) needed.add(column)
  }
  need(view, [...keptColumns(detection, body, carried), ...ownNeeds(after, unless)], where)
  const companions = [after, unless].filter((one) => one !== undefined)
  for (const one of companions) need(one.view, companionNeeds(one), one.where)
  const isOwnOnly = companions.every((one) => one.view !== view)
  return Array.from(views, ([of, columns]) => ({
    view: of === view && isOwnOnly ? filled(of, body.required ?? []) : of,
    columns,
  }))
}

/** The columns of the detection's view that its kind and its alerts look at, once its rows are chosen. */
function keptColumns(
  { kind, parameters }: Detection,
  body: KindQuery,
  carried: readonly string[],
): readonly string[] {
  return [
    ...ALWAYS,
    ...carried,
    ...(kind.conditions ?? []).flatMap((key) => namedIn(parameters[key] as Condition | undefined)),
    ...kind.columns(parameters).map(({ column }) => column),
    ...body.entity,
    ...EVENT.filter((name) => new RegExp(`\\b${name}\\b`).test(body.text)),
  ]
}

function namedIn(condition: Condition | undefined): readonly string[] {
  return condition ? columnsOf(condition) : []
}

/** The view without the tables that have no value in a column without which a row does not matter. */
function filled(view: View, required: readonly string[]): View {
  const sources = view.sources.filter(({ kql }) =>
    required.every((column) => (kql.columns[column] ?? '""') !== '""'),
  )
  return { ...view, sources }
}

function resultText(
  detection: Detection,
  body: KindQuery,
  carried: readonly string[],
  { suppressions = [] }: CompileOptions,
): string {
  const names = resultColumns(detection, body, carried).keys()
  const hour = body.arrived ? '' : 'Hour = Start, '
  return [
    `| extend ${hour}Reason = ${reasonText(detection)}`,
    ...suppressionLines(detection, body.entity, suppressions),
    `| project ${[...names].map((name) => (name === DETECTION ? `${DETECTION} = ${literal(detection.id)}` : name)).join(', ')}`,
  ].join('\n')
}

function resultColumns(
  detection: Detection,
  { entity }: KindQuery,
  carried: readonly string[],
): Map<string, KqlType> {
  const { view, kind } = detection
  const typeOf = (name: string): KqlType => kqlType(view.columns.get(name))
  return new Map<string, KqlType>([
    [DETECTION, 'string'],
    ['TenantId', 'string'],
    ['AgentId', 'string'],
    ...carried.map((name) => [name, typeOf(name)] as const),
    ...companionColumns(detection),
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
