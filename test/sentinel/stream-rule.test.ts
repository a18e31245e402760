import { describe, expect, it } from 'vitest'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { Data, prepare } from '../../src/kql/evaluate/index.js'
import { language, logAnalyticsTables } from '../../src/kql/language.js'
import { packagePath } from '../../src/package-root.js'
import { armTemplate } from '../../src/sentinel/arm.js'
import { readRules } from '../../src/sentinel/check/files.js'
import { checkRule } from '../../src/sentinel/check/index.js'
import { customTables } from '../../src/sentinel/check/query-facts.js'
import { STREAM_RULE } from '../../src/sentinel/stream-rule.js'
import { yamlText } from '../../src/sentinel/yaml.js'
import { ALERTS, rowOf } from '../../src/sinks/log-analytics/tables.js'
import { armSchema } from '../support/arm-schema.js'
import { outgoing } from '../support/outgoing.js'

const files = [
  ['yaml', yamlText(STREAM_RULE)],
  ['json', armTemplate(STREAM_RULE)],
] as const

const query = prepare(STREAM_RULE.query, language([...logAnalyticsTables(), ...customTables]))

/** Alerts as the table holds them, each with when it was sent. */
function tableOf(sent: readonly (readonly [at: string, alert: OutgoingAlert])[]): Data {
  const rows = sent.map(([at, alert]) => {
    const row = rowOf(ALERTS, { alert, at: `2026-11-20T${at}Z` })
    return ALERTS.columns.map(({ name, type }) => cellOf(row[name], type))
  })
  const columns = ALERTS.columns.map(({ name, type }) => ({ name, type }))
  return new Data(new Map([[ALERTS.name, { columns, rows }]]))
}

function cellOf(value: unknown, type: string): unknown {
  if (value === undefined) return type === 'string' ? '' : null
  return type === 'datetime' ? Date.parse(String(value)) : value
}

/** What the rule raises in its run at a time, by column. */
function raised(at: string, sent: Parameters<typeof tableOf>[0]): Record<string, unknown>[] {
  const { columns, rows } = query.run(tableOf(sent), { now: `2026-11-20T${at}Z` })
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])))
}

describe('the rule over the alerts in Log Analytics', () => {
  it.each(files)('lies in deploy/rules as .%s', async (extension, text) => {
    await expect(text).toMatchFileSnapshot(packagePath('deploy', 'rules', `agentwarden-alerts.${extension}`))
  })

  it.each(files)('has nothing that rules check finds fault with, as .%s', (extension, text) => {
    const { rules, findings } = readRules(`agentwarden-alerts.${extension}`, text)
    expect(rules).toHaveLength(1)
    expect([...findings, ...rules.flatMap(checkRule)]).toEqual([])
  })

  it('holds to the published types', () => {
    expect(armSchema.safeParse(JSON.parse(armTemplate(STREAM_RULE))).error).toBeUndefined()
  })

  it('raises what has come in the five minutes before, with the severity of the alert', () => {
    const alert = outgoing({ severity: 'high', entity: { IPAddress: '192.0.2.7' }, appId: 'app' })
    expect(raised('10:06:00', [['10:02:00', alert]])).toMatchObject([
      {
        AlertId: alert.id,
        Severity: 'High',
        AgentName: 'invoice bot',
        AppId: 'app',
        IPAddress: '192.0.2.7',
        Tactics: 'LateralMovement',
        Reason: alert.reason,
      },
    ])
    expect(raised('10:04:00', [['10:02:00', alert]])).toEqual([])
    expect(raised('10:11:00', [['10:02:00', alert]])).toEqual([])
  })

  it('raises an alert once that is sent again, within one run and in a later one', () => {
    const twice = [
      ['10:01:00', outgoing()],
      ['10:02:00', outgoing({ state: 'updated', count: 9 })],
      ['10:07:00', outgoing({ state: 'updated', count: 9 })],
    ] as const
    expect(raised('10:05:30', twice).map(({ EventCount }) => EventCount)).toEqual([9])
    expect(raised('10:10:30', twice)).toEqual([])
  })

  it('raises what agentwarden says of itself, which has no agent', () => {
    const own = outgoing({ agentId: '', detection: 'alerts-held-back' })
    const { agentName: _, ...nameless } = own
    expect(raised('10:06:00', [['10:02:00', nameless]])).toMatchObject([{ AgentName: 'agentwarden' }])
  })
})
