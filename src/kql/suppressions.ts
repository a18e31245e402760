import type { Suppression } from '../alerts/suppression.js'
import type { Detection } from '../detections/detection.js'
import { datetime, literal } from './text.js'

/**
 * Operators that leave out what entries suppress, over the columns of an alert: the same meaning as `suppresses`.
 *
 * @param entity - the columns that tell the alerts of one agent and hour apart
 */
export function suppressionLines(
  { id, severity }: Detection,
  entity: readonly string[],
  entries: readonly Suppression[],
): string[] {
  if (severity === 'high') return []
  return entries
    .filter(({ detection }) => detection === undefined || detection === id)
    .flatMap((entry) => lineOf(entry, entity) ?? [])
}

/** Nothing for an entry that names what alerts of the detection don't show. */
function lineOf({ agent, entity = {}, until }: Suppression, columns: readonly string[]): string | undefined {
  const parts = agent === undefined ? [] : [`AgentId =~ ${literal(agent)}`]
  for (const [name, value] of Object.entries(entity)) {
    const column = columns.find((one) => one.toLowerCase() === name.toLowerCase())
    if (column === undefined) return undefined
    parts.push(`tostring(${column}) == ${literal(String(value))}`)
  }
  return `| where not(${[...parts, `Hour + 1h <= ${datetime(until)}`].join(' and ')})`
}
