import { z } from 'zod'
import { enoughHistory } from '../baselines/history.js'
import { windowStart } from '../baselines/window.js'
import { conditionText } from '../kql/condition.js'
import { historyText, type QueryScope } from '../kql/query.js'
import { timespan } from '../kql/text.js'
import { hourOf, hourText } from '../records/time.js'
import { activeHours, historySteps, type Step } from '../scoring/explanation.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { duration, history } from '../scoring/parameters.js'
import { historyTunables, spans } from '../scoring/tunable.js'
import { valueIn, valuesIn } from '../scoring/values.js'
import type { ViewRow } from '../views/view.js'
import type { Condition } from '../where/condition.js'

const parameters = {
  /** A column, or several whose values count together. */
  field: z.union([z.string(), z.array(z.string()).min(2).max(4)]),
  /** Only rows that satisfy this alert; the others are history all the same. */
  of: z.custom<Condition>().optional(),
  /**
   * How far back the agent may have shown any of its known values last. To one that returns to some of them less often,
   * a value that it has not shown in the window is hardly news.
   */
  steady: duration(312).optional(),
  ...history,
}

const fieldsOf = (field: string | string[]) => (typeof field === 'string' ? [field] : field)

/** Operators that leave the rows which have a value in each of the columns, as texts. */
function valueLines(fields: readonly string[], scope: QueryScope): string {
  const texts = fields.map((name) => `${name} = ${scope.text(name)}`).join(', ')
  const filled = fields.map((name) => `isnotempty(${name})`).join(' and ')
  return `| extend ${texts}\n    | where ${filled}`
}

/** A statement that binds `Values` to how many values are known of each agent that showed all of them within `steady`. */
function valuesText(names: string, steady: number | undefined): string {
  if (steady === undefined)
    return `let Values = Hourly
    | distinct TenantId, AgentId, ${names}
    | summarize Known = count() by TenantId, AgentId;`
  return `let Values = Hourly
    | summarize LastHour = max(Hour) by TenantId, AgentId, ${names}
    | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId
    | where Oldest >= Start - ${timespan(steady)};`
}

/** The step of an explanation that says which known value was not shown for longest. */
function steadySteps(
  steady: number | undefined,
  filled: readonly ViewRow[],
  fields: readonly string[],
): Step[] {
  if (steady === undefined) return []
  const lastHours = new Map(filled.map((row) => [valuesIn(row, fields), hourOf(row.EventTime)]))
  const [oldest] = [...lastHours].sort(([, a], [, b]) => a - b)
  if (oldest === undefined) return []
  const how = `when ${oldest[0]}, of these the one not shown for longest, was shown last; at most ${steady} hours ago (steady)`
  return [{ name: 'oldest', value: hourText(oldest[1]), how }]
}

/**
 * A value, or a combination of values, that the agent shows in no row of the baseline window. Only rows that have a
 * value count, also towards enough history: when Entra begins to fill a column, nobody's first value is news.
 *
 * Stream: O(log values) a row; remembers each value and when it was last shown.
 */
export const kind = defineKind<typeof parameters>({
  name: 'new_value',
  summary: 'a row has a value of `field` that the agent showed in no row of the 13 days before',
  parameters,
  conditions: ['of'],
  columns: ({ field }) => fieldsOf(field).map((column) => ({ parameter: 'field', column })),
  companions: 'possible',
  placeholders: ['known', 'hours'],
  observes: 'string',
  kql: (p, scope) => {
    const fields = fieldsOf(p.field)
    const names = fields.join(', ')
    return {
      entity: fields,
      required: fields,
      text: `let Judged = ${scope.judged}
    ${[valueLines(fields, scope), ...(p.of ? [`| where ${conditionText(p.of)}`] : [])].join('\n    ')}
    | summarize ${scope.first(fields)} by TenantId, AgentId, ${names};
let Hourly = materialize(Rows(WindowStart, Start)
    ${valueLines(fields, scope)}
    | join kind=leftsemi Judged on TenantId, AgentId
    | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), ${names});
${historyText('Hourly\n    | distinct TenantId, AgentId, Hour', p)}
${valuesText(names, p.steady)}
Judged
| join kind=leftanti Hourly on TenantId, AgentId, ${names}
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = ${fields.length === 1 ? names : `strcat_delim(" ", ${names})`}, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")`,
    }
  },
  shows: ({ field }, memory) => {
    const columns = fieldsOf(field)
    const filled = columns.reduce((narrower, column) => narrower.having(column), memory)
    return { values: { columns, of: filled.values(...columns) } }
  },
  tunables: (p) => [...spans('steady', p.steady, 312), ...historyTunables(p)],
  explain: (p, { hour, before, entity }) => {
    const fields = fieldsOf(p.field)
    const filled = before.filter((row) => valuesIn(row, fields) !== undefined)
    const known = [...new Set(filled.map((row) => String(valuesIn(row, fields))))].sort()
    const parts = fields.map((field) => entity[field]!)
    const value = parts.length === 1 ? parts[0]! : parts.join(' ')
    return [
      {
        name: 'observed',
        value,
        how: `${fields.join(', ')} in a row of the hour${p.of === undefined ? '' : ' that satisfies of'}`,
      },
      ...historySteps(filled, hour, p),
      { name: 'hours', value: activeHours(filled).length, how: 'active hours with a value' },
      {
        name: 'known',
        value: known.length,
        how: `values of the 13 days before, not among them this: ${known.join(' | ')}`,
      },
      ...steadySteps(p.steady, filled, fields),
    ]
  },
  prepare: (p, memory) => {
    const { stores } = memory
    const fields = fieldsOf(p.field)
    const filled = fields.reduce((narrower, field) => narrower.having(field), memory)
    const hours = filled.hours()
    const values = filled.values(...fields)
    const idOf = stores.idOf(fields)
    const alerts = p.of && stores.holds(p.of)
    return (row, hour, agent) => {
      if (alerts && !alerts(row)) return undefined
      const id = idOf(row)
      if (id === undefined || values(agent).seenBefore(id, hour)) return undefined
      if (!enoughHistory(stores.hours, hours(agent), hour, p)) return LEARNING
      if (p.steady !== undefined && values(agent).oldest(hour) < hour - p.steady) return LEARNING
      const known = values(agent).before(hour).length
      const active = stores.hours.count(hours(agent), windowStart(hour), hour)
      const basis = `${known} known ${known === 1 ? 'value' : 'values'} in ${active} active hours of the 13 days before`
      const entity = Object.fromEntries(fields.map((field) => [field, valueIn(row, field)!]))
      return { entity, observed: valuesIn(row, fields)!, expected: { known, hours: active, basis } }
    }
  },
})
