import type { Alert } from '../alerts/alert.js'
import { windowStart } from '../baselines/window.js'
import { datetime, literal } from '../kql/text.js'
import { HOUR_MS, hourOf } from '../records/time.js'
import { type Companion, comparable, joinsByApplication, meetingIds } from '../scoring/companion.js'
import type { SeenRows, Step } from '../scoring/explanation.js'
import { DEFAULT_LIMITS, Scorer } from '../scoring/scorer.js'
import { tables as allTables } from '../tables/index.js'
import { agentAlerts } from '../views/agent-alerts.js'
import type { ViewRow } from '../views/view.js'
import { predicate } from '../where/predicate.js'
import type { Detection } from './detection.js'

/** Scores as ever, and keeps the rows that an alert's detection looks at. */
export class Witness extends Scorer {
  readonly #detection: Detection
  readonly #alert: Alert
  readonly #isOwn: (row: ViewRow) => boolean
  readonly #isCompanion: (row: ViewRow) => boolean
  /** The agent's rows of the detection's view that satisfy its condition. */
  readonly own: ViewRow[] = []
  /** Rows that may be companions of these, of whichever id of the agent. */
  readonly companions: ViewRow[] = []

  /** @param pack - the detections whose alerts the detection is about, if it is about alerts */
  constructor(detection: Detection, alert: Alert, pack: readonly Detection[]) {
    super(detection.view === agentAlerts ? pack : [detection], DEFAULT_LIMITS)
    this.onAlert = (row) => this.#see(row)
    this.#detection = detection
    this.#alert = alert
    this.#isOwn = rowsOf(detection)
    const tests = [detection.after, detection.unless].flatMap((one) => (one ? [rowsOf(one)] : []))
    this.#isCompanion = (row) => tests.some((holds) => holds(row))
  }

  override score(row: ViewRow): void {
    this.#see(row)
    super.score(row)
  }

  #see(row: ViewRow): void {
    if (row.TenantId !== this.#alert.tenantId) return
    if (row.AgentId === this.#alert.agentId && this.#isOwn(row)) this.own.push(row)
    if (this.#isCompanion(row)) this.companions.push(row)
  }

  /** The rows of the judged hour and of the 13 days before. */
  get seen(): SeenRows {
    const hour = hourOf(Date.parse(this.#alert.hour))
    const rows = this.own.toSorted((a, b) => a.EventTime - b.EventTime)
    const between = (from: number, to: number) =>
      rows.filter(({ EventTime }) => hourOf(EventTime) >= from && hourOf(EventTime) < to)
    return {
      hour,
      before: between(windowStart(hour), hour),
      within: between(hour, hour + 1),
      entity: this.#alert.entity,
    }
  }

  /** The rows that `after` or `unless` finds before a row, the latest last. */
  companionsOf(row: ViewRow, companion: Companion): ViewRow[] {
    const byApplication = joinsByApplication(this.#detection.view, companion.view)
    const ids = meetingIds(row, byApplication)
    const holds = rowsOf(companion)
    return this.companions
      .filter((one) => holds(one) && meetingIds(one, byApplication).some((id) => ids.includes(id)))
      .filter(
        ({ EventTime: time }) => time < row.EventTime && row.EventTime - time <= companion.within * HOUR_MS,
      )
      .filter((one) => fits(row, one, companion))
      .sort((a, b) => a.EventTime - b.EventTime)
  }
}

/** Whether a row is of a view and satisfies a condition. */
function rowsOf({ view, where }: Pick<Companion, 'view' | 'where'>): (row: ViewRow) => boolean {
  const holds = where === undefined ? () => true : predicate(where)
  return (row) => row.View === view.name && holds(row)
}

function fits(row: ViewRow, other: ViewRow, { on, differs }: Companion): boolean {
  const pair = (own: string, theirs: string) => [comparable(row, own), comparable(other, theirs)] as const
  const both = (found: readonly (string | undefined)[]) => !found.includes(undefined)
  return (
    on.map(({ own, theirs }) => pair(own, theirs)).every((found) => both(found) && found[0] === found[1]) &&
    differs.map(({ own, theirs }) => pair(own, theirs)).every((found) => both(found) && found[0] !== found[1])
  )
}

/** The steps from the rows to the alert; the rows themselves are what there is to see where the kind has none. */
export function stepsOf({ kind, parameters }: Detection, seen: SeenRows): readonly Step[] {
  return (
    kind.explain?.(parameters, seen) ?? [
      { name: 'rows', value: seen.within.length, how: 'rows of the hour that satisfy the condition' },
    ]
  )
}

const tablesByName = new Map(allTables.map((table) => [table.name, table]))

/** Hours after an event within which Log Analytics nearly always has it. */
const EXPORT_HOURS = 48

/** KQL that shows the evidence of an alert in Log Analytics, table by table. */
export function evidenceQueries({ evidence }: Alert): string[] {
  // What the stream itself has raised stands in no table.
  const tables = [...new Set(evidence.map(({ table }) => table))].filter((name) => name !== agentAlerts.name)
  return tables.map((table) => {
    const own = evidence.filter((one) => one.table === table)
    const times = own.map(({ time }) => Date.parse(time))
    const ids = own.flatMap(({ id }) => id ?? [])
    const [from, to] = [Math.min(...times) - HOUR_MS, Math.max(...times) + EXPORT_HOURS * HOUR_MS]
    const [column, ...others] = tablesByName.get(table)?.id ?? []
    const isKnown = column !== undefined && others.length === 0 && ids.length > 0
    return [
      table,
      `| where TimeGenerated between (${datetime(from)} .. ${datetime(to)})`,
      ...(isKnown ? [`| where ${column} in~ (${ids.map(literal).join(', ')})`] : []),
    ].join('\n')
  })
}
