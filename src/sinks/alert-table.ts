import Table from 'cli-table3'
import type { Alert } from '../alerts/alert.js'
import { riskText } from '../alerts/risk.js'
import { sanitise } from '../alerts/template.js'

/** More alerts than a person reads; the others are counted. */
const MOST_ROWS = 1_000

interface Column {
  readonly head: string
  /** With borders and padding. */
  readonly width: number
  readonly cell: (alert: Alert) => string
}

/** All columns but the last, which takes what is left. */
const COLUMNS: readonly Column[] = [
  { head: 'Time (UTC)', width: 18, cell: ({ time }) => time.slice(0, 16).replace('T', ' ') },
  { head: 'Agent', width: 26, cell: ({ agentName, agentId }) => sanitise(agentName ?? agentId) },
  { head: 'Detection', width: 30, cell: ({ detection }) => detection },
  { head: 'Severity', width: 10, cell: ({ severity }) => severity },
]

/** Only where there is room for it. */
const RISK: Column = { head: 'Risk', width: 12, cell: ({ risk }) => riskText(risk) }
const ROOM_FOR_RISK = 130

/** Alerts as a table for people, `width` characters wide (at least 100). */
export function alertTable(alerts: readonly Alert[], width: number): string {
  if (alerts.length === 0) return 'No alerts.'
  const columns = width < ROOM_FOR_RISK ? COLUMNS : [...COLUMNS, RISK]
  const rest = columns.reduce((left, column) => left - column.width - 1, Math.max(100, width) - 2)
  const table = new Table({
    head: [...columns.map(({ head }) => head), 'What happened'],
    colWidths: [...columns.map((column) => column.width), rest],
    wordWrap: true,
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const alert of alerts.slice(0, MOST_ROWS))
    table.push([...columns.map(({ cell }) => cell(alert)), alert.reason])
  const more = alerts.length - MOST_ROWS
  return more > 0
    ? `${table.toString()}\n… and ${more} more: write them to a file with --out`
    : table.toString()
}
