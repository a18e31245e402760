import { Inventory, type Population } from '../agents/inventory.js'
import type { Alert } from '../alerts/alert.js'
import type { Suppression } from '../alerts/suppression.js'
import { CLOSING_HOURS } from '../baselines/window.js'
import type { Detection } from '../detections/detection.js'
import { type CompiledQuery, compileDetection } from '../kql/compile.js'
import { Data } from '../kql/evaluate/data.js'
import { type Prepared, prepare } from '../kql/evaluate/index.js'
import type { Language } from '../kql/language.js'
import { HOUR_MS } from '../records/time.js'
import type { PieceSource } from '../replay/merge.js'
import { Replay } from '../replay/replay.js'
import { securityAlerts } from '../tables/security-alerts.js'
import { knowsTenant } from '../views/view.js'
import { AlertTable } from './alert-table.js'
import { inventoryTable } from './inventory-table.js'
import { keyOfAlert, keysIn } from './keys.js'
import { type Sampling, sampled } from './sampling.js'
import { readTableRows, TableRows } from './table-rows.js'

const MINUTE_MS = 60_000

/** What both engines run. */
export interface ParitySetting {
  readonly detections: readonly Detection[]
  readonly language: Language
  readonly inventory?: Inventory
  readonly population: Population
  /** What neither engine is to report. */
  readonly suppressions?: readonly Suppression[]
}

/** How to go through some logs. */
export interface ParityRun {
  /** The present, for telling times that can't be; milliseconds since 1970. */
  readonly now: number
  /** Which hours to judge; all unless given. */
  readonly sampling?: Sampling
  /** Hourly rules judge no hour that begins before this, milliseconds since 1970. */
  readonly from?: number
  /** Called as evaluations are done. */
  readonly progress?: (done: number, total: number, note: string) => void
}

/** How the two engines compare on one detection. */
export interface ParityResult {
  readonly detection: string
  /** Keys that both raised. */
  readonly both: number
  /** Keys that one engine raised only. */
  readonly streamOnly: readonly string[]
  readonly kqlOnly: readonly string[]
  /** How many times the query ran, of how many that it would run on all hours. */
  readonly runs: number
  readonly runsInAll: number
}

/** A detection and its query, ready to run. */
interface Compiled {
  readonly detection: Detection
  readonly compiled: CompiledQuery
  readonly prepared: Prepared
}

/** And when to run it. */
interface Plan extends Compiled {
  /** Start of each judged stretch, milliseconds since 1970, and its length. */
  readonly stretches: readonly number[]
  readonly length: number
  readonly inAll: number
}

/**
 * Runs both engines over the same logs: the streaming one as a replay does, and the emitted KQL once for each hour as
 * the scheduler would. Made once for any number of logs: parsing and binding a query takes some 50 ms, a run of it on
 * a small log a fraction of one.
 */
export class Comparison {
  readonly #setting: ParitySetting
  readonly #compiled: readonly Compiled[]

  /** @throws KqlError for what the evaluator does not know. */
  constructor(setting: ParitySetting) {
    this.#setting = setting
    this.#compiled = compileAll(setting)
  }

  /** How the engines compare on these logs, which are read twice. */
  async on(sources: readonly PieceSource[], run: ParityRun): Promise<ParityResult[]> {
    const { inventory } = this.#setting
    const { alerts: raised, newest } = await streamAlerts(sources, this.#setting, run)
    const rows = await rowsOf(sources, this.#compiled, run)
    const tables = rows.tables()
    // Without an inventory nobody is listed, in either engine.
    tables.set(`_GetWatchlist('AgentInventory')`, inventoryTable(inventory ?? new Inventory([])))
    const alerts = new AlertTable()
    const evaluation = new Evaluation(raised, alerts)
    const [others, aboutAlerts] = divided(this.#compiled, readsAlerts)
    const first = others.map((one) => planOf(one, rows, alerts, raised, { ...run, newest }))
    evaluation.run(first, new Data(tables), run.progress)
    tables.set(securityAlerts.name, alerts.with(tables.get(securityAlerts.name)))
    const second = aboutAlerts.map((one) => planOf(one, rows, alerts, raised, { ...run, newest }))
    evaluation.run(second, new Data(tables))
    return this.#compiled.map(({ detection }) => evaluation.results.get(detection.id)!)
  }
}

/** Whether a rule reads what others write: it runs once they have. */
export function readsAlerts({ compiled }: Pick<Compiled, 'compiled'>): boolean {
  return compiled.tables.includes(securityAlerts.name)
}

function divided<Item>(items: readonly Item[], isSecond: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter((item) => !isSecond(item)), items.filter(isSecond)]
}

/** What the streaming engine raises on some logs, by detection. */
export async function streamAlerts(
  sources: readonly PieceSource[],
  { detections, inventory, population, suppressions = [] }: Omit<ParitySetting, 'language'>,
  { now }: Pick<ParityRun, 'now'>,
): Promise<{ readonly alerts: Map<string, Alert[]>; readonly newest: number }> {
  const alerts = new Map<string, Alert[]>(detections.map(({ id }) => [id, []]))
  const run = new Replay(
    {
      detections,
      population,
      suppressions,
      now,
      ...(inventory ? { inventory } : {}),
      limits: { maxAlertsOfHour: Number.POSITIVE_INFINITY, maxOpenAlerts: Number.POSITIVE_INFINITY },
    },
    {
      alerts: (some) => {
        for (const alert of some) alerts.get(alert.detection)!.push(alert)
      },
      deadLetter: () => {},
    },
  )
  await run.read(sources)
  await run.finish()
  return { alerts, newest: run.stream.scorer.newest }
}

function compileAll(setting: ParitySetting): Compiled[] {
  return compiledRules(setting).map((one) => ({
    ...one,
    prepared: prepare(one.compiled.query, setting.language),
  }))
}

/** The detections that run as rules, with their queries. */
export function compiledRules({
  detections,
  population,
  inventory,
  suppressions = [],
}: Omit<ParitySetting, 'language'>): Pick<Compiled, 'detection' | 'compiled'>[] {
  const options = { population, inventory: inventory !== undefined, suppressions }
  return detections
    .filter(({ streamOnly, status }) => streamOnly === undefined && status !== 'retired')
    .map((detection) => ({ detection, compiled: compileDetection(detection, options) }))
}

async function rowsOf(
  sources: readonly PieceSource[],
  compiled: readonly Compiled[],
  { now }: ParityRun,
): Promise<TableRows> {
  const rows = new TableRows(
    compiled.map((one) => one.compiled.query),
    compiled.flatMap((one) => one.compiled.tables),
  )
  await readTableRows(sources, rows, now)
  return rows
}

/** The hours in which there is a row, as far as the stream has judged them. */
function hoursOf({ tables, whenOver }: CompiledQuery, rows: TableRows, newest: number): number[] {
  const judged = whenOver ? newest - CLOSING_HOURS : Number.POSITIVE_INFINITY
  return rows.hoursOf(tables).filter((hour) => hour < judged)
}

/** Only stretches in which there is a row can bring an alert; the others are left out. */
function planOf(
  one: Compiled,
  rows: TableRows,
  alerts: AlertTable,
  raised: ReadonlyMap<string, Alert[]>,
  { sampling, from = Number.NEGATIVE_INFINITY, newest }: ParityRun & { readonly newest: number },
): Plan {
  const { detection, compiled } = one
  const isHourly = compiled.frequency === HOUR_MS / MINUTE_MS
  const length = compiled.frequency * MINUTE_MS
  const hours = hoursOf(compiled, rows, newest)
  const all = isHourly
    ? (readsAlerts(one) ? alerts.hoursWith(hours) : hours).filter((hour) => hour * length >= from)
    : rows.arrivals(compiled.tables, length)
  const alerting = raised.get(detection.id)!.map(({ hour }) => Date.parse(hour))
  // What is judged on arrival is cheap, and an alert's hour does not say when its rows arrived.
  const chosen =
    sampling && isHourly
      ? sampled(
          all,
          alerting.map((time) => time / length),
          sampling,
        )
      : all
  const stretches = chosen.map((number) => number * length)
  return { ...one, stretches, length, inAll: all.length }
}

/** Runs queries, and keeps how the engines compare and what Sentinel would have written. */
class Evaluation {
  readonly results = new Map<string, ParityResult>()
  readonly #raised: ReadonlyMap<string, Alert[]>
  readonly #alerts: AlertTable

  constructor(raised: ReadonlyMap<string, Alert[]>, alerts: AlertTable) {
    this.#raised = raised
    this.#alerts = alerts
  }

  run(plans: readonly Plan[], data: Data, progress?: ParityRun['progress']): void {
    const total = plans.reduce((sum, { stretches }) => sum + stretches.length, 0)
    let done = 0
    for (const plan of plans) {
      const { id } = plan.detection
      const keys = new Set<string>()
      for (const start of plan.stretches) {
        for (const key of this.#keysOfRun(plan, data, start)) keys.add(key)
        progress?.(++done, total, id)
      }
      this.results.set(id, compared(plan, keys, this.#raised.get(id)!))
    }
  }

  /** Runs the query at the time at which the scheduler would, so that it judges the stretch that begins at `start`. */
  #keysOfRun({ detection, compiled, prepared, length }: Plan, data: Data, start: number): string[] {
    const now = start + length + compiled.delay * MINUTE_MS
    const { columns, rows } = prepared.run(data, { now })
    const names = columns.map(({ name }) => name)
    for (const row of rows) {
      this.#alerts.add(detection, compiled, new Map(names.map((name, index) => [name, row[index]])), now)
    }
    return keysIn(compiled, names, rows).map(({ key }) => key)
  }
}

function compared(
  { detection, stretches, length, inAll }: Plan,
  keys: Set<string>,
  alerts: Alert[],
): ParityResult {
  const judged = new Set(stretches)
  const wanted = alerts.filter(({ hour }) => length !== HOUR_MS || judged.has(Date.parse(hour)))
  return { ...difference(detection, wanted, keys), runs: stretches.length, runsInAll: inAll }
}

/** How the alerts of the streaming engine compare with the keys of a query's results. */
export function difference(
  { id, view }: Detection,
  alerts: readonly Alert[],
  keys: ReadonlySet<string>,
): Omit<ParityResult, 'runs' | 'runsInAll'> {
  const isTenantKnown = knowsTenant(view)
  const stream = new Set(alerts.map((one) => keyOfAlert(isTenantKnown ? one : { ...one, tenantId: '' })))
  return {
    detection: id,
    both: [...stream].filter((key) => keys.has(key)).length,
    streamOnly: [...stream].filter((key) => !keys.has(key)),
    kqlOnly: [...keys].filter((key) => !stream.has(key)),
  }
}
