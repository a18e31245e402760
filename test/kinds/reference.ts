/**
 * The kinds of detection straight from the table in the design, as slowly as it reads: for every agent and hour
 * the definition is evaluated over all rows at once. Shares no code with the engine.
 */
import type { ViewRow } from '../../src/views/view.js'

type Entity = Record<string, string | number>

/** Parameters as the engine's code has them: lengths of time in hours, conditions as functions. */
export interface Parameters {
  readonly view: string
  readonly where?: (row: ViewRow) => boolean
  readonly of?: (row: ViewRow) => boolean
  readonly learn?: number
  readonly min_hours?: number
  readonly entity?: readonly string[]
  readonly field?: string | readonly string[]
  readonly steady?: number
  readonly after?: CompanionParameters
  readonly unless?: CompanionParameters
  readonly tolerance?: number
  readonly max_unusual?: number
  readonly rest?: number
  readonly min_count?: number
  readonly min_days?: { readonly [part: string]: number }
  readonly metric?: 'count' | 'sum' | 'distinct'
  readonly column?: string
  readonly by?: string
  readonly floor?: number
  readonly k?: number
  readonly rel?: number
  readonly ratio?: number
  readonly max_days?: number
  readonly gap?: number
  readonly for?: number
  readonly at_most?: number
  readonly share?: number
}

/** Another row, as a detection wants it to be there or not. */
export interface CompanionParameters {
  readonly view: string
  readonly where?: (row: ViewRow) => boolean
  readonly within: number
  readonly on?: Readonly<Record<string, string>>
  readonly differs?: Readonly<Record<string, string>>
}

/** The rows of one agent: those of the hour that is judged, and those of the 312 hours before it. */
interface Case {
  readonly hour: number
  readonly now: readonly ViewRow[]
  readonly window: readonly ViewRow[]
  /** Whether another agent of the tenant has a row in the hour. */
  readonly others: boolean
}

type Reference = (rows: Case, parameters: Parameters) => readonly Entity[]

const hourOf = (row: ViewRow) => Math.floor(row.EventTime / 3_600_000)
const hoursOf = (rows: readonly ViewRow[]) => [...new Set(rows.map(hourOf))]
const daysOf = (rows: readonly ViewRow[]) => new Set(rows.map((row) => dateOf(hourOf(row)).day)).size
const filled = (value: unknown) => value !== undefined && value !== ''

/** What a calendar says of an hour, in UTC. */
function dateOf(hour: number): { day: string; weekend: boolean; hour: number } {
  const date = new Date(hour * 3_600_000)
  return {
    day: date.toISOString().slice(0, 10),
    weekend: ['Sat', 'Sun'].includes(date.toUTCString().slice(0, 3)),
    hour: date.getUTCHours(),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!
}

function enoughHistory(
  { hour, window }: Pick<Case, 'hour' | 'window'>,
  { learn = 168, min_hours = 8 }: Parameters,
): boolean {
  const hours = hoursOf(window)
  return hours.length >= min_hours && hours.some((one) => hour - one >= learn)
}

function metricOf(rows: readonly ViewRow[], { metric, column = '', of = () => true }: Parameters): number {
  const measured = rows.filter(of)
  if (metric === 'count') return measured.length
  const values = measured.map((row) => row[column])
  if (metric === 'distinct') return new Set(values.filter(filled)).size
  return values.reduce<number>((sum, value) => sum + ((value as number | undefined) ?? 0), 0)
}

/** The metric of each hour in which there are rows. */
function hourly(rows: readonly ViewRow[], p: Parameters): number[] {
  return hoursOf(rows).map((hour) =>
    metricOf(
      rows.filter((row) => hourOf(row) === hour),
      p,
    ),
  )
}

/** The rows of each value of `by`, or all of them. */
function entities(rows: readonly ViewRow[], by: string | undefined): [Entity, readonly ViewRow[]][] {
  if (by === undefined) return [[{}, rows]]
  const values = [...new Set(rows.map((row) => row[by]).filter(filled))] as (string | number)[]
  return values.map((value) => [{ [by]: value }, rows.filter((row) => row[by] === value)])
}

const REFERENCES: Record<string, Reference> = {
  match: ({ now }, { entity = [] }) =>
    now.map((row) => Object.fromEntries(entity.map((column) => [column, row[column] ?? '']))),

  pair: ({ now }, { entity = [] }) =>
    now.map((row) => Object.fromEntries(entity.map((column) => [column, row[column] ?? '']))),

  new_value: ({ hour, now, window }, p) => {
    const fields = [p.field ?? []].flat()
    const isFilled = (row: ViewRow) => fields.every((field) => filled(row[field]))
    const before = window.filter(isFilled)
    if (!enoughHistory({ hour, window: before }, p)) return []
    const isSame = (row: ViewRow, other: ViewRow) => fields.every((field) => row[field] === other[field])
    const lastHours = before.map((row) => Math.max(...hoursOf(before.filter((one) => isSame(one, row)))))
    if (p.steady !== undefined && lastHours.some((last) => hour - last > p.steady!)) return []
    const { of = () => true } = p
    const news = now.filter((row) => isFilled(row) && of(row) && !before.some((one) => isSame(one, row)))
    return news.map((row) => Object.fromEntries(fields.map((field) => [field, row[field]!])))
  },

  off_hours: (rows, p) => {
    const { tolerance = 0, min_days = { weekday: 5, weekend: 2 }, max_unusual = 1, min_count = 1, rest } = p
    if (rows.now.length < min_count || !enoughHistory(rows, p)) return []
    const { weekend, hour } = dateOf(rows.hour)
    const ofClass = (wanted: boolean) => rows.window.filter((row) => dateOf(hourOf(row)).weekend === wanted)
    const isUsual = (weekend: boolean, hour: number) => {
      const nearby = [(hour + 23) % 24, hour, (hour + 1) % 24]
      return daysOf(ofClass(weekend).filter((row) => nearby.includes(dateOf(hourOf(row)).hour))) > tolerance
    }
    const isAtUsualHour = (one: number) => isUsual(dateOf(one).weekend, dateOf(one).hour)
    if (isUsual(weekend, hour)) return []
    const lately = hoursOf(rows.window).filter((one) => rest !== undefined && rows.hour - one <= rest)
    if (lately.some(isAtUsualHour)) return []
    const judged = ofClass(weekend).length > 0 ? weekend : !weekend
    const hours = hoursOf(ofClass(judged))
    const unusual = hours.filter((one) => !isAtUsualHour(one)).length
    const least = judged ? min_days.weekend! : min_days.weekday!
    if (daysOf(ofClass(judged)) < least || unusual > max_unusual * hours.length) return []
    return [{ hourOfDay: hour, dayClass: weekend ? 'weekend' : 'weekday' }]
  },

  spike: (rows, p) => {
    const { floor = 0, k = 0, rel = 0.1, by } = p
    if (!enoughHistory(rows, p)) return []
    const alerts = entities(rows.now, by).filter(([entity, now]) => {
      const window = by === undefined ? rows.window : rows.window.filter((row) => row[by] === entity[by])
      if (window.length === 0) return false
      const totals = hourly(window, p)
      const middle = median(totals)
      const mad = median(totals.map((total) => Math.abs(total - middle)))
      return metricOf(now, p) > Math.max(floor, middle + k * Math.max(1.4826 * mad, rel * middle))
    })
    return alerts.map(([entity]) => entity)
  },

  rare_volume: (rows, p) => {
    const { floor = 0, ratio = 0, max_days = 2, by = '' } = p
    if (!enoughHistory(rows, p)) return []
    const cells = entities(rows.window, by).flatMap(([, ofEntity]) => hourly(ofEntity, p))
    const usual = cells.length === 0 ? 0 : median(cells)
    const alerts = entities(rows.now, by).filter(([entity, now]) => {
      const days = daysOf(rows.window.filter((row) => row[by] === entity[by]))
      return days <= max_days && metricOf(now, p) > Math.max(floor, ratio * usual)
    })
    return alerts.map(([entity]) => entity)
  },

  quiet_return: ({ hour, window }, { gap = 168, min_hours = 1 }) => {
    const hours = hoursOf(window)
    return hours.length >= min_hours && hours.length > 0 && hour - Math.max(...hours) >= gap ? [{}] : []
  },

  record: (rows, p) => {
    const most = Math.max(0, ...hourly(rows.window, p))
    if (!enoughHistory(rows, p) || (p.at_most !== undefined && most > p.at_most)) return []
    return metricOf(rows.now, p) > Math.max(p.floor ?? 0, most) ? [{}] : []
  },

  drift: ({ hour, window }, p) => {
    const { floor = 0, ratio = 3, min_days = { recent: 2, before: 4 } } = p
    const today = Math.floor(hour / 24)
    const dayOf = (row: ViewRow) => Math.floor(hourOf(row) / 24)
    const totals = (from: number, to: number) => {
      const days = Array.from({ length: to - from }, (_, at) =>
        window.filter((row) => dayOf(row) === from + at),
      )
      return days.filter((rows) => rows.length > 0).map((rows) => hourly(rows, p).reduce((a, b) => a + b, 0))
    }
    const drifted = (day: number) => {
      const [recent, before] = [totals(day - 3, day), totals(day - 10, day - 3)]
      if (recent.length < min_days.recent! || before.length < min_days.before!) return false
      return median(recent) > Math.max(floor, ratio * median(before))
    }
    const isFirst = !window.some((row) => dayOf(row) === today)
    return isFirst && drifted(today) && !drifted(today - 1) ? [{}] : []
  },

  absent: ({ hour, now, window, others }, { for: silence = 12, share = 0.8 }) => {
    const hours = hoursOf(window)
    if (now.length > 0 || !others || hours.length < share * 312) return []
    return hours.length > 0 && hour - Math.max(...hours) === silence ? [{}] : []
  },
}

/** The hours that are judged: those with a row of the agent, or those that are over in which it may be missed. */
function judgedHours(p: Parameters, own: readonly ViewRow[], all: readonly ViewRow[]): number[] {
  if (p.for === undefined) return hoursOf(own)
  const over = Math.max(...hoursOf(all)) - 2
  return hoursOf(own)
    .map((hour) => hour + p.for!)
    .filter((hour) => hour < over)
}

/** Each event once; rows without an id are events of their own. */
export function once(rows: readonly ViewRow[]): ViewRow[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    if (row.Id === undefined) return true
    const key = `${row.View} ${row.Type} ${row.Id}`
    return seen.has(key) ? false : seen.add(key)
  })
}

/** The ids of a row's agent: the audit log may name an application's own. */
function idsOf(row: ViewRow, byApplication: boolean): string[] {
  return [row.AgentId, ...(byApplication && row.AppId !== undefined ? [row.AppId] : [])]
}

function isCompanion(one: ViewRow, row: ViewRow, p: CompanionParameters): boolean {
  const byApplication = [one.View, row.View].includes('AgentChanges')
  const sameAgent = idsOf(one, byApplication).some((id) => idsOf(row, byApplication).includes(id))
  const lies = row.EventTime - one.EventTime
  const pairs = (said: Readonly<Record<string, string>> = {}) =>
    Object.entries(said).map(([theirs, own]) => [one[theirs], row[own]] as const)
  const bothFilled = [...pairs(p.on), ...pairs(p.differs)].every((pair) => pair.every(filled))
  const equal = ([a, b]: readonly [unknown, unknown]) => String(a).toLowerCase() === String(b).toLowerCase()
  return (
    one.View === p.view &&
    one.TenantId === row.TenantId &&
    sameAgent &&
    (p.where?.(one) ?? true) &&
    lies > 0 &&
    lies <= p.within * 3_600_000 &&
    bothFilled &&
    pairs(p.on).every(equal) &&
    !pairs(p.differs).some(equal)
  )
}

/** Whether a row has the companion that is wanted, and not the one that is not. */
export function isAccompanied(row: ViewRow, all: readonly ViewRow[], { after, unless }: Parameters): boolean {
  if (after && !all.some((one) => isCompanion(one, row, after))) return false
  return !unless || !all.some((one) => isCompanion(one, row, unless))
}

/** The keys of all alerts that the definition of a kind demands on these rows. */
export function reference(kind: string, parameters: Parameters, all: readonly ViewRow[]): Set<string> {
  const keys = new Set<string>()
  const events = once(all)
  const ofView = events.filter((row) => row.View === parameters.view)
  const rows = ofView.filter((row) => parameters.where?.(row) ?? true)
  for (const agent of new Set(rows.map(({ TenantId, AgentId }) => JSON.stringify([TenantId, AgentId])))) {
    const [tenantId, agentId] = JSON.parse(agent)
    const own = rows.filter((row) => row.TenantId === tenantId && row.AgentId === agentId)
    for (const hour of judgedHours(parameters, own, ofView)) {
      const now = own.filter((row) => hourOf(row) === hour && isAccompanied(row, events, parameters))
      const window = own.filter((row) => hourOf(row) >= hour - 312 && hourOf(row) < hour)
      const others = rows.some(
        (row) => row.TenantId === tenantId && row.AgentId !== agentId && hourOf(row) === hour,
      )
      const start = `${new Date(hour * 3_600_000).toISOString().slice(0, 19)}Z`
      for (const entity of REFERENCES[kind]!({ hour, now, window, others }, parameters)) {
        keys.add(JSON.stringify([tenantId, agentId, entity, start]))
      }
    }
  }
  return keys
}
