import { SEVERITIES, type Severity } from '../alerts/alert.js'
import { type Contribution, REPETITIONS, unitsOf } from '../alerts/risk.js'
import { KEPT_HOURS, LATE_HOURS } from '../baselines/window.js'
import type { Feature, Stores } from './memory.js'
import { cut } from './values.js'

/** Most detections of which one agent's alerts are remembered. */
const MOST_DETECTIONS = 256

/** Of one detection so many hours count. */
const COUNTING = REPETITIONS + 1

/** `hour * 4 + severity`, newest first. */
type PackedHours = readonly number[]

/** As it is saved: each detection, and its packed hours after it. */
export type SavedAlertHours = readonly (string | PackedHours)[]

/**
 * In which hours an agent had alerts of which detection: what its risk is made of. A function of the set of these
 * hours, in whatever order they come. Of one detection those are kept that may count at an hour of the last day or
 * later: 34 where its severity never changes, about 300 bytes, and 61 at most.
 */
export class AlertHours {
  readonly #detections = new Map<string, PackedHours>()

  /** Whether an alert hour is known, so that it adds nothing. */
  has(detection: string, hour: number): boolean {
    return this.#detections.get(detection)?.some((packed) => hourIn(packed) === hour) === true
  }

  /** Adds an alert hour, or the higher severity of a known one; false if there are too many detections. */
  add(detection: string, severity: Severity, hour: number): boolean {
    this.#forget(hour)
    const known = this.#detections.get(detection)
    if (!known && this.#detections.size >= MOST_DETECTIONS) return false
    const packed = hour * SEVERITIES.length + SEVERITIES.indexOf(severity)
    const same = known?.find((one) => hourIn(one) === hour) ?? packed
    const others = known?.filter((one) => hourIn(one) !== hour) ?? []
    const all = [...others, Math.max(same, packed)].sort((a, b) => b - a)
    this.#detections.set(detection, counting(all))
    return true
  }

  /** What each detection contributes at an hour, which lies at most a day before the newest alert. */
  at(hour: number): Contribution[] {
    return Array.from(this.#detections, ([detection, all]) => {
      const before = all.filter((packed) => hourIn(packed) <= hour)
      const alerts = before.map((packed) => ({ severity: severityIn(packed), age: hour - hourIn(packed) }))
      return { detection, units: unitsOf(alerts) }
    }).filter(({ units }) => units > 0)
  }

  /** How many hours with an alert are remembered, of all detections together. */
  get size(): number {
    return [...this.#detections.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** Plain data that `restore` takes back, in the order of the alphabet. */
  saved(): SavedAlertHours {
    const newest = Math.max(...[...this.#detections.values()].map(([first]) => hourIn(first!)))
    this.#forget(newest)
    return [...this.#detections].sort(([a], [b]) => (a < b ? -1 : 1)).flat()
  }

  restore(saved: SavedAlertHours): void {
    for (let at = 0; at < saved.length; at += 2)
      this.#detections.set(saved[at] as string, saved[at + 1] as PackedHours)
  }

  /** What counts at no hour that may still be asked for. */
  #forget(hour: number): void {
    for (const [detection, [newest]] of this.#detections)
      if (hour - hourIn(newest!) >= KEPT_HOURS) this.#detections.delete(detection)
  }
}

/** The alert hours of an agent as a thing to remember, of rows of the view `AgentAlerts`. */
export function alertHoursOf(stores: Stores): Feature<AlertHours> {
  return {
    key: 'alert hours',
    create: () => new AlertHours(),
    record: (hours, { Detection, AlertSeverity }, hour) => {
      if (!hours.add(cut(String(Detection)), severityOf(AlertSeverity), hour)) stores.overflows++
    },
    past: { columns: ['Detection', 'AlertSeverity'], hours: KEPT_HOURS },
    ids: () => [],
    release: () => {},
    save: (hours) => hours.saved(),
    load: (saved) => {
      const hours = new AlertHours()
      hours.restore(saved as SavedAlertHours)
      return hours
    },
  }
}

/**
 * Without the hours that weigh less than nine others whenever it may be asked: those of the last day are no such others,
 * as they lie after some hours that may be asked for.
 */
function counting(all: PackedHours): PackedHours {
  const settled = hourIn(all[0]!) - LATE_HOURS
  const weightier: number[] = []
  return all.filter((packed) => {
    if (hourIn(packed) > settled) return true
    const severity = packed % SEVERITIES.length
    const isKept = weightier.filter((one) => one >= severity).length < COUNTING
    if (isKept) weightier.push(severity)
    return isKept
  })
}

function hourIn(packed: number): number {
  return Math.floor(packed / SEVERITIES.length)
}

function severityIn(packed: number): Severity {
  return SEVERITIES[packed % SEVERITIES.length]!
}

/** Sentinel writes severities in capitals; what is none counts least. */
function severityOf(text: unknown): Severity {
  const found = SEVERITIES.find((one) => one === String(text).toLowerCase())
  return found ?? 'informational'
}
