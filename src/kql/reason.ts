import type { TemplatePart } from '../alerts/template.js'
import type { Detection } from '../detections/detection.js'
import { COMPANION_PREFIX } from '../scoring/companion.js'
import { companionColumn } from './companions.js'
import { columnName } from './query.js'
import { literal } from './text.js'

/** The sentence of an alert as a KQL expression over the columns of its row; `strcat` makes texts of numbers. */
export function reasonText(detection: Detection): string {
  const parts = detection.alert.map((part) =>
    typeof part === 'string' ? literal(part) : valueText(part, detection),
  )
  return `strcat(${parts.join(', ')})`
}

function valueText({ name, format }: Exclude<TemplatePart, string>, detection: Detection): string {
  const { placeholders } = detection.kind
  const column = columnOf(name, placeholders)
  if (format === 'bytes') return `strcat(round(${column} / 1000000.0, 1), " MB")`
  if (name === 'AgentName') return 'coalesce(AgentName, AgentId)'
  const isSure = ['observed', 'basis', `${COMPANION_PREFIX}minutes`, ...placeholders].includes(name)
  if (isSure) return column
  return `coalesce(${isNumber(name, detection) ? `tostring(${column})` : column}, "unknown")`
}

function isNumber(name: string, { view, after }: Detection): boolean {
  if (!name.startsWith(COMPANION_PREFIX)) return view.columns.get(name) === 'number'
  return after?.view.columns.get(name.slice(COMPANION_PREFIX.length)) === 'number'
}

function columnOf(name: string, placeholders: readonly string[]): string {
  if (name === 'observed') return 'Observed'
  if (name === 'basis') return 'Basis'
  if (name.startsWith(COMPANION_PREFIX)) return companionColumn(name)
  return placeholders.includes(name) ? columnName(name) : name
}
