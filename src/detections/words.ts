import type { Condition } from '../where/condition.js'
import type { Detection } from './detection.js'

/** The sentence of a detection's alerts, with its placeholders. */
export function sentence(parts: Detection['alert']): string {
  return parts.map((part) => (typeof part === 'string' ? part : `{${part.name}}`)).join('')
}

/** A detection's parameters and conditions in words; `no parameters` if it has none. */
export function settings({ parameters, where, after, unless }: Detection): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined)
  const words = set.map(([key, value]) => `${key} ${valueText(value)}`)
  const companions = Object.entries({ after, unless }).flatMap(([word, one]) =>
    one ? [`${word} a row of ${one.view.name} within ${one.within} h`] : [],
  )
  const all = [...words, ...(where === undefined ? [] : [`where ${conditionText(where)}`]), ...companions]
  return all.join(', ') || 'no parameters'
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ')
  if (typeof value !== 'object' || value === null) return String(value)
  return 'type' in value ? `(${conditionText(value as Condition)})` : JSON.stringify(value)
}

/** A condition in words, as `where` means it. */
export function conditionText(condition: Condition): string {
  if (condition.type === 'not') return `not (${conditionText(condition.of)})`
  if (condition.type === 'allowed') return `${condition.column} in ${condition.field}`
  if (condition.type !== 'compare') {
    return condition.of
      .map((part) => `(${conditionText(part)})`)
      .join(condition.type === 'all' ? ' and ' : ' or ')
  }
  const { column, operator, values, every } = condition
  const value = values.length === 1 ? String(values[0]) : `${every ? 'all' : 'any'} of ${values.join(', ')}`
  return `${column} ${operator} ${value}`
}
