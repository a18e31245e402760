import { createHash } from 'node:crypto'
import { type Alert, compareAlerts, type Evidence } from '../alerts/alert.js'
import type { Risk } from '../alerts/risk.js'
import { parseTemplate, render } from '../alerts/template.js'
import { getOrAdd, increment } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { hourText } from '../records/time.js'
import type { ViewRow } from '../views/view.js'
import type { Finding } from './kind.js'
import type { Agent } from './memory.js'
import { cut } from './values.js'

const MOST_EVIDENCE = 10

/** Longer keys are kept as their hash. */
const MAX_KEY_LENGTH = 2_048

/** Bounds on the alerts that are open at a time. */
export interface AlertLimits {
  /** Most open alerts in all, about 2 kB each; beyond it findings roll up into one alert a detection and hour. */
  readonly maxOpenAlerts: number
  /** Most alerts of one detection, agent and hour; beyond it findings roll up into one more. */
  readonly maxAlertsOfHour: number
}

export const DEFAULT_ALERT_LIMITS: AlertLimits = { maxOpenAlerts: 100_000, maxAlertsOfHour: 100 }

const MORE_OF_AGENT = parseTemplate(
  '{AgentName} raised more than {max} alerts of this sort within an hour; {observed} further findings are counted here only',
)
const MORE_OF_ALL = parseTemplate(
  'More than {max} alerts are open; {observed} further findings of this sort within an hour, of whichever agents, are counted here only',
)

/** A finding, and of whom, where and when it was. */
interface Sighting {
  readonly detection: Detection
  readonly row: ViewRow
  readonly hour: number
  readonly agent: Agent
  readonly finding: Finding
}

/** An alert whose hour may still bring more rows. */
export type OpenAlert = { -readonly [Key in keyof Alert]: Alert[Key] }

/** An open alert with its key and hour. */
export type OpenEntry = readonly [key: string, hour: number, alert: Alert]

/** What became of the open alerts. */
export interface BookChanges {
  /** Alerts that were opened and are open still, in the order of their opening. */
  readonly raised: readonly OpenEntry[]
  /** Alerts that were open before and count more rows now. */
  readonly updated: readonly OpenEntry[]
}

/** The keys of the open alerts of an hour, and how many there are of each detection and agent. */
interface OpenHour {
  readonly keys: string[]
  readonly ofAgents: Map<string, number>
  /** The keys of each agent, whatever the detection. */
  readonly keysOf: Map<string, string[]>
}

/**
 * The alerts of the hours that are still open: one for each key, updated by later rows. An alert leaves the
 * book when its hour is closed; should a row come even later, the alert opens again under the same id.
 *
 * Bounded: what would open one alert too many is counted into an alert that stands for many, with no entity and,
 * once the whole book is full, with no agent. So a finding may lose its own alert but never goes unreported.
 */
export class AlertBook {
  /** Findings that were rolled up because of the bounds, by detection. */
  readonly rolledUp = new Map<string, number>()
  /** How many of these because the whole book was full. */
  rolledUpWhenFull = 0
  readonly #limits: AlertLimits
  readonly #open = new Map<string, OpenAlert>()
  readonly #byHour = new Map<number, OpenHour>()
  /** The hours of the alerts that were raised and updated since it was asked last, by key; if it is asked at all. */
  #raised: Map<string, number> | undefined
  #updated: Map<string, number> | undefined

  constructor(limits: AlertLimits = DEFAULT_ALERT_LIMITS) {
    this.#limits = limits
  }

  /** How many alerts are open. At most `maxOpenAlerts`, and one more for each detection and hour. */
  get size(): number {
    return this.#open.size
  }

  /** Enters a finding: a new alert, or one row more of a known one, which it returns. */
  enter(detection: Detection, row: ViewRow, hour: number, agent: Agent, finding: Finding): OpenAlert {
    const sighting = { detection, row, hour, agent, finding }
    const key = keyOf(sighting)
    const open = this.#open.get(key)
    if (open) return this.#update(key, open, sighting)
    if (this.#hasRoom(sighting)) return this.#raise(key, hour, newAlert(key, sighting))
    return this.#rollUp(sighting)
  }

  /** Writes into an agent's open alerts of hours from `from` on what its risk is. */
  setRisks({ tenantId, id }: Agent, from: number, riskAt: (hour: number) => Risk): void {
    for (const [hour, { keysOf }] of this.#byHour) {
      const keys = hour >= from ? keysOf.get(agentKey(tenantId, id)) : undefined
      if (!keys) continue
      const risk = riskAt(hour)
      for (const key of keys) {
        this.#open.get(key)!.risk = risk
        this.#changed(key, hour)
      }
    }
  }

  /** Takes out the alerts of all hours before `hour`, in order of time. */
  close(hour: number): Alert[] {
    const closed: Alert[] = []
    for (const [open, { keys }] of this.#byHour) {
      if (open >= hour) continue
      for (const key of keys) closed.push(this.#take(key))
      this.#byHour.delete(open)
    }
    return closed.sort(compareAlerts)
  }

  /** The open alerts with their keys and hours, for saving. */
  saved(): Iterable<OpenEntry> {
    return this.ofHours(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  }

  /** The alerts of hours from `from` up to, but without, `to`. */
  *ofHours(from: number, to: number): Iterable<OpenEntry> {
    for (const [hour, { keys }] of this.#byHour)
      if (hour >= from && hour < to) for (const key of keys) yield [key, hour, this.#open.get(key)!]
  }

  /** From now on keeps what changes, for `takeChanges`. */
  trackChanges(): void {
    this.#raised ??= new Map()
    this.#updated ??= new Map()
  }

  /** How many alerts were raised since changes were taken last, and are open still. */
  get raised(): number {
    return this.#raised?.size ?? 0
  }

  /** What changed since the last call. The alerts are the book's own, which later rows change. */
  takeChanges(): BookChanges {
    const entries = (keys: ReadonlyMap<string, number> | undefined) =>
      Array.from(keys ?? [], ([key, hour]): OpenEntry => [key, hour, this.#open.get(key)!])
    const changes = { raised: entries(this.#raised), updated: entries(this.#updated) }
    this.#raised = new Map()
    this.#updated = new Map()
    return changes
  }

  /** Takes up a saved alert, also one beyond the bounds. */
  restore(key: string, hour: number, alert: Alert): void {
    this.#start(key, hour, { ...alert })
  }

  #hasRoom({ detection, row, hour }: Sighting): boolean {
    if (this.#open.size >= this.#limits.maxOpenAlerts) return false
    const ofAgent =
      this.#byHour.get(hour)?.ofAgents.get(groupOf(detection.id, row.TenantId, row.AgentId)) ?? 0
    return ofAgent < this.#limits.maxAlertsOfHour
  }

  /** Counts a finding into the alert that stands for all further ones of its agent, or of all agents. */
  #rollUp(sighting: Sighting): OpenAlert {
    increment(this.rolledUp, sighting.detection.id)
    const { maxAlertsOfHour, maxOpenAlerts } = this.#limits
    const ofAgent = moreOfAgent(sighting, maxAlertsOfHour)
    const isFull = this.#open.size >= maxOpenAlerts
    if (isFull) this.rolledUpWhenFull++
    const canStand = !isFull || this.#open.has(keyOf(ofAgent))
    return this.#count(canStand ? ofAgent : moreOfAll(sighting, maxOpenAlerts))
  }

  /** Enters a finding of which is observed how many there are. */
  #count(sighting: Sighting): OpenAlert {
    const key = keyOf(sighting)
    const open = this.#open.get(key)
    const finding = { ...sighting.finding, observed: (open?.count ?? 0) + 1 }
    if (open) return this.#update(key, open, { ...sighting, finding })
    return this.#raise(key, sighting.hour, newAlert(key, { ...sighting, finding }))
  }

  #update(key: string, alert: OpenAlert, sighting: Sighting): OpenAlert {
    update(alert, sighting)
    this.#changed(key, sighting.hour)
    return alert
  }

  #changed(key: string, hour: number): void {
    if (this.#updated && !this.#raised!.has(key)) this.#updated.set(key, hour)
  }

  #raise(key: string, hour: number, alert: OpenAlert): OpenAlert {
    this.#raised?.set(key, hour)
    this.#start(key, hour, alert)
    return alert
  }

  #start(key: string, hour: number, alert: OpenAlert): void {
    this.#open.set(key, alert)
    const { keys, ofAgents, keysOf } = getOrAdd(this.#byHour, hour, newHour)
    keys.push(key)
    getOrAdd(keysOf, agentKey(alert.tenantId, alert.agentId), () => []).push(key)
    increment(ofAgents, groupOf(alert.detection, alert.tenantId, alert.agentId))
  }

  #take(key: string): Alert {
    const alert = this.#open.get(key)!
    this.#open.delete(key)
    this.#raised?.delete(key)
    this.#updated?.delete(key)
    return alert
  }
}

/** Stands for a row that did not come. */
export const NO_TABLE = ''

/** The alert key: detection, tenant, agent, entity and hour. */
function keyOf({ detection, row, hour, finding }: Sighting): string {
  const key = JSON.stringify([detection.id, row.TenantId, row.AgentId, finding.entity, hour])
  return key.length <= MAX_KEY_LENGTH ? key : hashOf(key)
}

function newHour(): OpenHour {
  return { keys: [], ofAgents: new Map(), keysOf: new Map() }
}

function agentKey(tenantId: string, agentId: string): string {
  return JSON.stringify([cut(tenantId), cut(agentId)])
}

/** What alerts of one detection and agent have in common. Ids are cut, as in alerts. */
function groupOf(detection: string, tenantId: string, agentId: string): string {
  return JSON.stringify([detection, cut(tenantId), cut(agentId)])
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The finding that there are too many of this detection, agent and hour. */
function moreOfAgent(sighting: Sighting, max: number): Sighting {
  const basis = `at most ${max} alerts of one detection, agent and hour are kept apart`
  const detection = { ...sighting.detection, alert: MORE_OF_AGENT }
  return { ...sighting, detection, finding: { entity: {}, observed: 1, expected: { max, basis } } }
}

/** The finding that there are too many in all, of whichever tenant and agent. */
function moreOfAll({ detection, row, hour, agent }: Sighting, max: number): Sighting {
  return {
    detection: { ...detection, alert: MORE_OF_ALL },
    row: { ...row, TenantId: '', AgentId: '', AppId: undefined },
    hour,
    agent: { ...agent, name: undefined },
    finding: { entity: {}, observed: 1, expected: { max, basis: `at most ${max} alerts are kept open` } },
  }
}

function newAlert(key: string, sighting: Sighting): OpenAlert {
  const { detection, row, hour, agent, finding } = sighting
  return {
    id: hashOf(key).slice(0, 32),
    detection: detection.id,
    title: detection.title,
    severity: detection.severity,
    tenantId: cut(row.TenantId),
    agentId: cut(row.AgentId),
    ...(agent.name === undefined ? {} : { agentName: cut(agent.name) }),
    ...(row.AppId === undefined ? {} : { appId: cut(row.AppId) }),
    time: new Date(row.EventTime).toISOString(),
    hour: hourText(hour),
    entity: finding.entity,
    observed: finding.observed,
    expected: finding.expected,
    reason: reasonOf(sighting),
    count: 1,
    evidence: row.Type === NO_TABLE ? [] : [evidenceOf(row)],
    mitre: mitreOf(detection),
  }
}

function update(alert: OpenAlert, sighting: Sighting): void {
  const { row, finding } = sighting
  alert.count++
  if (alert.evidence.length < MOST_EVIDENCE) alert.evidence = [...alert.evidence, evidenceOf(row)]
  if (finding.observed === alert.observed) return
  alert.observed = finding.observed
  alert.expected = finding.expected
  alert.reason = reasonOf(sighting)
}

function evidenceOf(row: ViewRow): Evidence {
  const time = new Date(row.EventTime).toISOString()
  return row.Id === undefined ? { table: row.Type, time } : { table: row.Type, id: cut(row.Id), time }
}

function reasonOf({ detection, row, agent, finding }: Sighting): string {
  const value = (name: string): unknown => {
    if (name === 'AgentName') return agent.name ?? row.AgentId
    if (name === 'observed') return finding.observed
    return finding.expected[name] ?? row[name]
  }
  return render(detection.alert, value)
}

function mitreOf({ attack }: Detection): Alert['mitre'] {
  return { tactics: [...attack.keys()], techniques: [...new Set([...attack.values()].flat())] }
}
