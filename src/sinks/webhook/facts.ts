import { type Risk, reasonsText, riskText } from '../../alerts/risk.js'
import { sanitise } from '../../alerts/template.js'
import type { OutgoingAlert } from '../../daemon/sink.js'
import { agentOf } from '../line.js'

/** An alert for people, in plain words: no value is markup in any format, nor made a link by whoever shows it. */
export interface Facts {
  readonly title: string
  readonly reason: string
  readonly facts: readonly (readonly [label: string, value: string])[]
  /** What it is looked up by. */
  readonly footer: string
}

/** What is said of an alert to people. Everything is bounded: about 4 kB in all. */
export function factsOf(alert: OutgoingAlert): Facts {
  const { severity, title, reason, time, detection, id, state, count, mitre, risk } = alert
  const facts: [string, string][] = [
    ['Agent', inert(agentOf(alert), 200)],
    ['Agent id', inert(alert.agentId, 100)],
    ['Tenant', inert(alert.tenantId, 100)],
    ['Hour (UTC)', inert(alert.hour, 40)],
    ['About', pairs(alert.entity)],
    ['Observed', inert(String(alert.observed), 300)],
    ['Expected', pairs(alert.expected)],
    ['Rows', `${count}${state === 'updated' ? ' by the end of the hour' : ''}`],
    ['Risk of the agent', riskFact(risk)],
    ['ATT&CK', inert(mitre.techniques.join(', '), 200)],
  ]
  return {
    title: inert(`[${severity}] ${title}`, 140),
    reason: inert(reason, 1_000),
    facts: facts.filter(([, value]) => value !== ''),
    footer: inert(`${time} · ${detection} · ${id}`, 300),
  }
}

/** Nothing where there is no risk to speak of. */
function riskFact(risk: Risk | undefined): string {
  const text = riskText(risk)
  return text === '' ? '' : inert(`${text}: ${reasonsText(risk!.reasons)}`, 400)
}

function pairs(values: Readonly<Record<string, string | number>>): string {
  const texts = Object.entries(values).map(([name, value]) => `${name}: ${value}`)
  return inert(texts.join('; '), 400)
}

/** One line, nothing hidden, and links written as analysts do, so that nobody follows them unawares. */
function inert(text: string, most: number): string {
  return sanitise(text.replaceAll('://', '[:]//').replace(/\bwww\./gi, 'www[.]'), most)
}
