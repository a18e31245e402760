import { z } from 'zod'
import type { Alert } from '../alerts/alert.js'
import { toOcsf } from '../alerts/ocsf.js'
import { sanitise } from '../alerts/template.js'
import type { OutgoingAlert } from '../daemon/sink.js'

/** The setting: how an alert is written as a line. */
export const lineFormatSetting = z
  .enum(['ndjson', 'ocsf', 'text'])
  .default('ndjson')
  .describe('ndjson: each alert as a line of JSON; ocsf: as an OCSF Detection Finding; text: for people.')

export type LineFormat = z.output<typeof lineFormatSetting>

const LINES: Readonly<Record<LineFormat, (alert: OutgoingAlert) => string>> = {
  ndjson: safeJson,
  ocsf: (alert) => safeJson(ocsfOf(alert)),
  text: textLine,
}

/** Alerts as lines, each with its line end. */
export function linesOf(alerts: readonly OutgoingAlert[], format: LineFormat): string {
  return alerts.map((alert) => `${LINES[format](alert)}\n`).join('')
}

/** What a terminal, a browser or an editor could take for more than text. */
const ACTIVE = /[<\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * JSON in which control, format and line-separating characters and `<` are escaped: the same value to every parser, but
 * it can be shown anywhere.
 */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(ACTIVE, (text) =>
    text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

/** Whom an alert is about, in words; a finding about the platform is about no agent. */
export function agentOf({ agentName, agentId }: Alert): string {
  return agentName ?? agentId
}

function ocsfOf(alert: OutgoingAlert): Record<string, unknown> {
  const finding = toOcsf(alert)
  return alert.state === 'raised' ? finding : { ...finding, activity_id: 2, type_uid: 200_402 }
}

function textLine(alert: OutgoingAlert): string {
  const { time, severity, detection, count, state } = alert
  const said = `${time} ${severity} ${detection} ${sanitise(alert.reason, 1_000)}`
  return state === 'raised' ? said : `${said} (${count} rows by the end of the hour)`
}
