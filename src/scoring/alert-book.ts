import { createHash } from 'node:crypto'
import { type Alert, compareAlerts, type Evidence } from '../alerts/alert.js'
import { render } from '../alerts/template.js'
import { getOrAdd } from '../collections.js'
import type { Detection } from '../detections/detection.js'
import { hourText } from '../records/time.js'
import type { ViewRow } from '../views/view.js'
import type { Finding } from './kind.js'
import type { Agent } from './memory.js'

const MOST_EVIDENCE = 10

/** An alert whose hour may still bring more rows. */
type OpenAlert = { -readonly [Key in keyof Alert]: Alert[Key] }

/**
 * The alerts of the hours that are still open: one for each key, updated by later rows. An alert leaves the
 * book when its hour is closed; should a row come even later, the alert opens again under the same id.
 */
export class AlertBook {
  readonly #open = new Map<string, OpenAlert>()
  readonly #byHour = new Map<number, string[]>()

  /** How many alerts are open. */
  get size(): number {
    return this.#open.size
  }

  /** Enters a finding: a new alert, or one row more of a known one. */
  enter(detection: Detection, row: ViewRow, hour: number, agent: Agent, finding: Finding): void {
    const key = keyOf(detection.id, row, hour, finding)
    const open = this.#open.get(key)
    if (open) update(open, detection, row, agent, finding)
    else this.#start(key, hour, newAlert(key, detection, row, hour, agent, finding))
  }

  /** Takes out the alerts of all hours before `hour`, in order of time. */
  close(hour: number): Alert[] {
    const closed: Alert[] = []
    for (const [open, keys] of this.#byHour) {
      if (open >= hour) continue
      for (const key of keys) closed.push(this.#take(key))
      this.#byHour.delete(open)
    }
    return closed.sort(compareAlerts)
  }

  /** The open alerts with their keys and hours, for saving. */
  *saved(): Iterable<[key: string, hour: number, alert: Alert]> {
    for (const [hour, keys] of this.#byHour) for (const key of keys) yield [key, hour, this.#open.get(key)!]
  }

  /** Takes up a saved alert. */
  restore(key: string, hour: number, alert: Alert): void {
    this.#start(key, hour, { ...alert })
  }

  #start(key: string, hour: number, alert: OpenAlert): void {
    this.#open.set(key, alert)
    getOrAdd(this.#byHour, hour, () => []).push(key)
  }

  #take(key: string): Alert {
    const alert = this.#open.get(key)!
    this.#open.delete(key)
    return alert
  }
}

/** The alert key: detection, tenant, agent, entity and hour. */
function keyOf(detection: string, row: ViewRow, hour: number, { entity }: Finding): string {
  return JSON.stringify([detection, row.TenantId, row.AgentId, entity, hour])
}

function newAlert(
  key: string,
  detection: Detection,
  row: ViewRow,
  hour: number,
  agent: Agent,
  finding: Finding,
): OpenAlert {
  return {
    id: createHash('sha256').update(key).digest('hex').slice(0, 32),
    detection: detection.id,
    title: detection.title,
    severity: detection.severity,
    tenantId: row.TenantId,
    agentId: row.AgentId,
    ...(agent.name === undefined ? {} : { agentName: agent.name }),
    ...(row.AppId === undefined ? {} : { appId: row.AppId }),
    time: new Date(row.EventTime).toISOString(),
    hour: hourText(hour),
    entity: finding.entity,
    observed: finding.observed,
    expected: finding.expected,
    reason: reasonOf(detection, row, agent, finding),
    count: 1,
    evidence: [evidenceOf(row)],
    mitre: mitreOf(detection),
  }
}

function update(alert: OpenAlert, detection: Detection, row: ViewRow, agent: Agent, finding: Finding): void {
  alert.count++
  if (alert.evidence.length < MOST_EVIDENCE) alert.evidence = [...alert.evidence, evidenceOf(row)]
  if (finding.observed === alert.observed) return
  alert.observed = finding.observed
  alert.expected = finding.expected
  alert.reason = reasonOf(detection, row, agent, finding)
}

function evidenceOf(row: ViewRow): Evidence {
  const time = new Date(row.EventTime).toISOString()
  return row.Id === undefined ? { table: row.Type, time } : { table: row.Type, id: row.Id, time }
}

function reasonOf(detection: Detection, row: ViewRow, agent: Agent, finding: Finding): string {
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
