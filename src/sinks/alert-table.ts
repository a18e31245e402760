import Table from 'cli-table3'
import type { Alert } from '../alerts/alert.js'
import { riskText } from '../alerts/risk.js'
import { sanitise } from '../alerts/template.js'

/** More alerts than a person reads; the others are counted. */
const MOST_ROWS = 1_000

const COLUMNS = ['Time (UTC)', 'Agent', 'Detection', 'Severity', 'Risk', 'What happened'] as const

/** Widths of all columns but the last, with their borders and padding. */
const FIXED = [18, 26, 30, 10, 13]

/** Alerts as a table for people, `width` characters wide (at least 100). */
export function alertTable(alerts: readonly Alert[], width: number): string {
  if (alerts.length === 0) return 'No alerts.'
  const rest = Math.max(100, width) - FIXED.reduce((sum, one) => sum + one, 0) - FIXED.length - 2
  const table = new Table({
    head: [...COLUMNS],
    colWidths: [...FIXED, rest],
    wordWrap: true,
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const alert of alerts.slice(0, MOST_ROWS)) table.push(cells(alert))
  const more = alerts.length - MOST_ROWS
  return more > 0
    ? `${table.toString()}\n… and ${more} more: write them to a file with --out`
    : table.toString()
}

function cells(alert: Alert): string[] {
  const time = alert.time.slice(0, 16).replace('T', ' ')
  const agent = sanitise(alert.agentName ?? alert.agentId)
  return [time, agent, alert.detection, alert.severity, riskText(alert.risk), alert.reason]
}
