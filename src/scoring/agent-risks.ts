import { type AgentRisk, type Risk, riskOf } from '../alerts/risk.js'
import type { Suppression } from '../alerts/suppression.js'
import { suppresses } from '../alerts/suppression.js'
import { LATE_HOURS } from '../baselines/window.js'
import type { Detection } from '../detections/detection.js'
import { hourText } from '../records/time.js'
import { agentAlerts, alertRow } from '../views/agent-alerts.js'
import type { ViewRow } from '../views/view.js'
import type { AlertBook, OpenAlert } from './alert-book.js'
import type { AlertHours } from './alert-hours.js'
import type { Finding } from './kind.js'
import type { Agent, Recall } from './memory.js'

/** Of an agent without alerts: the same for all, as most have none. */
const NO_RISK: Risk = riskOf([])

/** Which alerts add to the risk of agents. */
export interface RiskOptions {
  /** Those that an operator has suppressed don't. */
  readonly suppressions?: readonly Suppression[] | undefined
  /** Whether those of a detection do, by its id; all unless given. */
  readonly counts?: ((detection: string) => boolean) | undefined
}

/** A finding that was entered into the book. */
export interface Entered {
  readonly detection: Detection
  readonly row: ViewRow
  readonly hour: number
  readonly finding: Finding
  /** The alert that it counts into. */
  readonly alert: OpenAlert
}

/**
 * The risk of agents: what their alerts say together. An alert adds to it once for each detection, agent and hour,
 * however many rows or entities it counts; one that an operator has suppressed adds nothing.
 */
export class AgentRisks {
  readonly #recall: Recall<AlertHours>
  readonly #book: AlertBook
  readonly #suppressions: readonly Suppression[]
  readonly #counts: (detection: string) => boolean

  constructor(recall: Recall<AlertHours>, book: AlertBook, { suppressions, counts }: RiskOptions) {
    this.#recall = recall
    this.#book = book
    this.#suppressions = suppressions ?? []
    this.#counts = counts ?? (() => true)
  }

  /** The row about an alert, as the view `AgentAlerts` has it; nothing if it adds nothing to the risk. */
  rowOf(entered: Entered, agent: Agent): ViewRow | undefined {
    const { detection, row, hour, alert } = entered
    if (detection.view === agentAlerts || !this.#counts(detection.id)) return undefined
    if (this.#recall.peek(agent)?.has(detection.id, hour) || this.#isSuppressed(entered)) return undefined
    return alertRow({
      Type: agentAlerts.name,
      Id: alert.id,
      EventTime: row.EventTime,
      TenantId: agent.tenantId,
      AgentId: agent.id,
      AgentName: agent.name,
      AppId: row.AppId,
      Detection: detection.id,
      AlertSeverity: detection.severity,
    })
  }

  /** Writes the risk into an alert, and into the agent's open ones that it may have changed: those of the last day. */
  changed({ alert, hour }: Entered, agent: Agent, newest: number): void {
    const from = Math.max(hour, newest - LATE_HOURS)
    this.#book.setRisks(agent, from, (at) => this.at(agent, at))
    if (alert.agentId !== '') alert.risk ??= this.at(agent, from)
  }

  /** The risk of an agent at an hour, which lies at most a day before its newest alert. */
  at(agent: Agent, hour: number): Risk {
    const hours = this.#recall.peek(agent)
    return hours ? riskOf(hours.at(hour)) : NO_RISK
  }

  /** The same, to be shown by itself. */
  of(agent: Agent, hour: number): AgentRisk {
    const { tenantId, id, name } = agent
    const named = name === undefined ? {} : { agentName: name }
    return { tenantId, agentId: id, ...named, time: hourText(hour), ...this.at(agent, hour) }
  }

  /** In how many hours the agent had alerts, by what is remembered of them. */
  hoursOf(agent: Agent): number {
    return this.#recall.peek(agent)?.size ?? 0
  }

  #isSuppressed({ detection, row, hour, finding }: Entered): boolean {
    if (this.#suppressions.length === 0) return false
    const { id, severity } = detection
    const alert = {
      detection: id,
      severity,
      agentId: row.AgentId,
      entity: finding.entity,
      hour: hourText(hour),
    }
    return this.#suppressions.some((entry) => suppresses(entry, alert))
  }
}
