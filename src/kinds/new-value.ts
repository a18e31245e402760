import { z } from 'zod'
import { enoughHistory } from '../baselines/history.js'
import { windowStart } from '../baselines/window.js'
import { historyText } from '../kql/query.js'
import { defineKind, LEARNING } from '../scoring/kind.js'
import { history } from '../scoring/parameters.js'
import { valueIn } from '../scoring/values.js'

const parameters = { field: z.string(), ...history }

/**
 * A value that the agent shows in no row of the baseline window. Only rows that have a value count, also
 * towards enough history: when Entra begins to fill a column, nobody's first value is news.
 *
 * Stream: O(log values) a row; remembers each value and when it was last shown.
 */
export const kind = defineKind<typeof parameters>({
  name: 'new_value',
  summary: 'a row has a value of `field` that the agent showed in no row of the 13 days before',
  parameters,
  columns: ({ field }) => [{ parameter: 'field', column: field }],
  placeholders: ['known', 'hours'],
  observes: 'string',
  kql: (p, scope) => ({
    entity: [p.field],
    text: `let Judged = Rows(Start, End)
    | extend Value = ${scope.text(p.field)}
    | where isnotempty(Value)
    | summarize ${scope.first([p.field])} by TenantId, AgentId, Value;
let Hourly = materialize(Rows(WindowStart, Start)
    | extend Value = ${scope.text(p.field)}
    | where isnotempty(Value)
    | join kind=leftsemi Judged on TenantId, AgentId
    | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Value);
${historyText('Hourly\n    | distinct TenantId, AgentId, Hour', p)}
let Values = Hourly
    | distinct TenantId, AgentId, Value
    | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Value
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend ${p.field} = Value, Observed = Value, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")`,
  }),
  prepare: (p, memory) => {
    const { stores } = memory
    const filled = memory.having(p.field)
    const hours = filled.hours()
    const values = filled.values(p.field)
    return (row, hour, agent) => {
      const value = valueIn(row, p.field)
      if (value === undefined || values(agent).seenBefore(stores.id(value), hour)) return undefined
      if (!enoughHistory(stores.hours, hours(agent), hour, p)) return LEARNING
      const known = values(agent).before(hour).length
      const active = stores.hours.count(hours(agent), windowStart(hour), hour)
      const basis = `${known} known ${known === 1 ? 'value' : 'values'} in ${active} active hours of the 13 days before`
      return { entity: { [p.field]: value }, observed: value, expected: { known, hours: active, basis } }
    }
  },
})
