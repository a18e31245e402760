import type { TemplatePart } from '../alerts/template.js'
import type { Detection } from '../detections/detection.js'
import { COMPANION_PREFIX } from '../scoring/companion.js'
import { companionColumn } from './companions.js'
import { columnName } from './query.js'
import { literal } from './text.js'

/** The sentence of an alert as a KQL expression over the columns of its row. */
export function reasonText({ alert, kind }: Detection): string {
  const parts = alert.map((part) =>
    typeof part === 'string' ? literal(part) : valueText(part, kind.placeholders),
  )
  return `strcat(${parts.join(', ')})`
}

function valueText({ name, format }: Exclude<TemplatePart, string>, placeholders: readonly string[]): string {
  const column = columnOf(name, placeholders)
  if (format === 'bytes') return `strcat(round(${column} / 1000000.0, 1), " MB")`
  if (name === 'AgentName') return 'iff(isempty(AgentName), AgentId, AgentName)'
  return name === 'observed' || name === 'basis' || placeholders.includes(name)
    ? `tostring(${column})`
    : `iff(isempty(${column}), "unknown", tostring(${column}))`
}

function columnOf(name: string, placeholders: readonly string[]): string {
  if (name === 'observed') return 'Observed'
  if (name === 'basis') return 'Basis'
  if (name.startsWith(COMPANION_PREFIX)) return companionColumn(name)
  return placeholders.includes(name) ? columnName(name) : name
}
