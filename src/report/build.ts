import { type Alert, compareAlerts, SEVERITIES } from '../alerts/alert.js'
import { getOrAdd } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import type { Volume } from '../scoring/kind.js'
import type { Metric } from '../scoring/memory.js'
import { agentKey, type ReportCollector, type Tracked } from './collect.js'
import type { AgentDetails, AlertRow, DetectionEntry, NearRow, ReportIndex, SeriesDetails } from './data.js'
import { type Limits, limitsAlong } from './limits.js'
import { missingLines } from './missing.js'

/** Everything that a page shows, in the order in which it is written. */
export interface ReportData {
  readonly index: ReportIndex
  /** Of each alert of the index what the index does not say of it. */
  readonly alerts: readonly Alert[]
  /** Of each agent of the index. */
  readonly agents: readonly AgentDetails[]
}

/** What a report says of itself; and, if other thresholds were tried, what these would have raised. */
export type ReportFacts = Pick<ReportIndex, 'version' | 'made' | 'tuning'>

/** Few enough to be read at once when one of them is looked at, many enough for few blocks. */
const ALERTS_PER_BLOCK = 500
const AGENTS_PER_BLOCK = 20

interface NamedAgent {
  readonly tenantId: string
  readonly id: string
  name: string
  tracked: Tracked | undefined
}

interface BoundVolume {
  readonly detection: number
  readonly volume: Volume
}

/** Turns what was collected into what a page shows. */
export function buildReport(
  collector: ReportCollector,
  detections: readonly Detection[],
  facts: ReportFacts,
): ReportData {
  const alerts = [...collector.alerts.values()].sort(compareAlerts)
  const shown = detections.filter(({ status }) => status !== 'retired')
  const agents = agentsOf(collector, alerts)
  const rows = rowsOf(alerts, shown, agents)
  const volumes = volumesOf(collector, shown)
  const slots = setSlots(collector)
  const alerted = observedBy(alerts, rows)
  const near = shown.map((): NearRow[] => [])
  const details = Array.from(agents.values(), ({ tracked }, agent) =>
    detailsOf(tracked, agent, { volumes, slots, alerted: alerted.get(agent) ?? NONE }, near),
  )
  const entries = shown.map((detection, place) =>
    entryOf(detection, volumes.find((one) => one.detection === place)?.volume, near[place]!),
  )
  const index: ReportIndex = {
    ...facts,
    span: spanOf(collector, rows),
    alertsPerBlock: ALERTS_PER_BLOCK,
    agentsPerBlock: AGENTS_PER_BLOCK,
    detections: entries,
    sets: [...slots.values()].map(({ set }) => set),
    agents: Array.from(agents.values(), (one) => [one.tenantId, one.id, one.name, activeHours(one.tracked)]),
    alerts: rows,
    missing: missingLines(collector),
  }
  return { index, alerts, agents: details }
}

/** Alerts by the places of their detections and agents; -1 for one that is not shown. */
function rowsOf(
  alerts: readonly Alert[],
  detections: readonly Detection[],
  agents: ReadonlyMap<string, NamedAgent>,
): AlertRow[] {
  const places = new Map(detections.map(({ id }, place) => [id, place]))
  const agentPlaces = new Map([...agents.keys()].map((key, place) => [key, place]))
  return alerts.map(({ time, detection, tenantId, agentId, severity }) => [
    Math.floor(Date.parse(time) / 1000),
    places.get(detection) ?? -1,
    agentPlaces.get(agentKey(tenantId, agentId)) ?? -1,
    SEVERITIES.indexOf(severity),
  ])
}

/** What detections measure, by their places. */
function volumesOf({ shown: all }: ReportCollector, detections: readonly Detection[]): BoundVolume[] {
  const places = new Map(detections.map(({ id }, place) => [id, place]))
  return all.flatMap(({ detection, shown: { volume } }) =>
    volume ? [{ detection: places.get(detection.id)!, volume }] : [],
  )
}

/** First and last hour in which an agent was active or alerted. */
function spanOf({ agents, scorer }: ReportCollector, rows: readonly AlertRow[]): [number, number] {
  let first = rows.length > 0 ? Math.floor(rows[0]![0] / 3600) : scorer.newest
  for (const { track } of agents.values()) {
    for (const [hour = first] of track.hours.values()) first = Math.min(first, hour)
  }
  return [first, Math.max(scorer.newest, Math.floor((rows.at(-1)?.[0] ?? 0) / 3600))]
}

/** All agents that were tracked or alerted. */
function agentsOf({ agents }: ReportCollector, alerts: readonly Alert[]): Map<string, NamedAgent> {
  const all = new Map<string, NamedAgent>()
  for (const [key, tracked] of agents) {
    all.set(key, { tenantId: tracked.tenantId, id: tracked.id, name: tracked.track.name ?? '', tracked })
  }
  for (const { tenantId, agentId, agentName } of alerts) {
    const key = agentKey(tenantId, agentId)
    if (!all.has(key)) all.set(key, { tenantId, id: agentId, name: agentName ?? '', tracked: undefined })
  }
  return all
}

/** The sets of values, each once however many detections look at it, with their places in the index. */
function setSlots(collector: ReportCollector) {
  const slots = new Map<number, { place: number; set: ReportIndex['sets'][number] }>()
  for (const { detection, shown } of collector.shown) {
    if (!shown.values || slots.has(shown.values.of.slot)) continue
    const set = { view: detection.view.name, columns: shown.values.columns }
    slots.set(shown.values.of.slot, { place: slots.size, set })
  }
  return slots
}

const NONE: ReadonlySet<string> = new Set()

/** What the alerts of each agent were about. */
function observedBy(alerts: readonly Alert[], rows: readonly AlertRow[]): Map<number, Set<string>> {
  const observed = new Map<number, Set<string>>()
  for (const [place, [, , agent]] of rows.entries())
    getOrAdd(observed, agent, () => new Set<string>()).add(String(alerts[place]!.observed))
  return observed
}

interface Measured {
  readonly volumes: readonly BoundVolume[]
  readonly slots: ReturnType<typeof setSlots>
  readonly alerted: ReadonlySet<string>
}

function detailsOf(
  tracked: Tracked | undefined,
  agent: number,
  { volumes, slots, alerted }: Measured,
  near: readonly NearRow[][],
): AgentDetails {
  const series: SeriesDetails[] = []
  for (const { detection, volume } of tracked ? volumes : []) {
    const hours = tracked!.track.hours.get(volume.hours.slot)
    const totals = tracked!.track.totals.get(volume.totals.slot)
    if (!hours || !totals) continue
    const limits = limitsAlong(hours, totals, volume)
    const nearest = nearestOf(agent, hours, totals, limits)
    if (nearest) near[detection]!.push(nearest)
    series.push({ detection, hours: differences(hours), totals, limits: runs(limits) })
  }
  const values = Array.from(
    tracked?.track.values ?? [],
    ([slot, sightings]) =>
      [
        slots.get(slot)!.place,
        Array.from(
          sightings,
          ([text, { first, last }]) => [text, first, last, alerted.has(text) ? 1 : 0] as const,
        ),
      ] as const,
  )
  return { series, values }
}

/** The judged hour in which an agent came nearest to its limit, or went farthest beyond it. */
function nearestOf(
  agent: number,
  hours: readonly number[],
  totals: readonly number[],
  limits: Limits,
): NearRow | undefined {
  let nearest: NearRow | undefined
  let most = -1
  for (const [index, limit] of limits.entries()) {
    if (limit === undefined) continue
    const share = totals[index]! / Math.max(limit, Number.MIN_VALUE)
    if (share <= most) continue
    most = share
    nearest = [agent, totals[index]!, rounded(limit), hours[index]!]
  }
  return nearest
}

function entryOf(detection: Detection, volume: Volume | undefined, near: readonly NearRow[]): DetectionEntry {
  const { id, title, severity, why } = detection
  const entry = { id, title, severity, kind: detection.kind.name, why }
  return volume ? { ...entry, unit: unitOf(detection, volume.metric), near } : entry
}

/** What is measured, in Log Analytics' names. */
export function unitOf({ view }: Detection, { metric, column, of }: Metric): string {
  const what = { count: `rows of ${view.name}`, sum: `${column}`, distinct: `different ${column}` }[metric]
  return of === undefined ? what : `${what}, some only`
}

/** In how many hours an agent was active, by the busiest of its series. */
function activeHours(tracked: Tracked | undefined): number {
  return Math.max(0, ...Array.from(tracked?.track.hours.values() ?? [], ({ length }) => length))
}

function differences(hours: readonly number[]): number[] {
  return hours.map((hour, index) => (index === 0 ? hour : hour - hours[index - 1]!))
}

/** Pairs of a value and how often it repeats: limits seldom change. -1 where there is none. */
function runs(limits: Limits): number[] {
  const pairs: number[] = []
  for (const limit of limits) {
    const value = limit === undefined ? -1 : rounded(limit)
    if (pairs.length > 0 && pairs.at(-2) === value) pairs[pairs.length - 1]!++
    else pairs.push(value, 1)
  }
  return pairs
}

/** For reading, not for judging: five digits. */
function rounded(limit: number): number {
  return Number(limit.toPrecision(5))
}
