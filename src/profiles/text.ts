import { reasonsText } from '../alerts/risk.js'
import { bytesText, sanitise } from '../alerts/template.js'
import type { AgentEntry } from './entry.js'
import type { KnownValues, Profile, UsualVolume } from './profile.js'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

/** Never, on one day of the two weeks, on both. */
const SHADES = ['·', '▒', '█'] as const

/** More values than a person reads; `--json` has all. */
const MOST_VALUES = 12

/** Agents as lines for people. */
export function listText(agents: readonly AgentEntry[]): string {
  if (agents.length === 0) return 'No agents.'
  const head = line('risk', 'score', 'open alerts', 'rows', 'first seen', 'last seen', 'id', 'name')
  return [head, ...agents.map(entryLine)].join('\n')
}

function entryLine({ risk, openAlerts, rows, firstSeen, lastSeen, agentId, agentName }: AgentEntry): string {
  const times = [firstSeen, lastSeen].map(minute) as [string, string]
  const [score, open, all] = [risk.score, openAlerts, rows].map(number) as [string, string, string]
  return line(risk.level, score, open, all, ...times, sanitise(agentId), sanitise(agentName ?? '')).trimEnd()
}

function line(
  risk: string,
  score: string,
  open: string,
  rows: string,
  first: string,
  last: string,
  id: string,
  name: string,
): string {
  const numbers = [score.padStart(5), open.padStart(11), rows.padStart(10)]
  return [risk.padEnd(6), ...numbers, first.padEnd(16), last.padEnd(16), id.padEnd(36), name].join('  ')
}

/** What is known of an agent, for people. Times are UTC. */
export function profileText(profile: Profile): string {
  const { agentName, agentId, tenantId, firstSeen, lastSeen, rows, risk } = profile
  const reasons = risk.reasons.length > 0 ? `: ${reasonsText(risk.reasons)}` : ''
  const sections = [
    [
      sanitise(agentName ?? agentId),
      `  id ${sanitise(agentId)}, tenant ${sanitise(tenantId)}`,
      `  seen from ${minute(firstSeen)} to ${minute(lastSeen)} UTC in ${number(rows)} rows`,
      `  risk ${risk.level}, score ${risk.score}${reasons}`,
    ],
    ['Active hours of the last 13 days, UTC (· never, ▒ on one day, █ on both)', ...heatMap(profile.hours)],
    ['Known values of the last 13 days, the newest first', ...profile.values.map(valuesLine)],
    ['Usual in an hour of activity', ...profile.volumes.map(volumeLine)],
    ['Open alerts', ...profile.alerts.map(alertLine)],
  ]
  return sections.map((lines) => (lines.length > 1 ? lines : [...lines, '  none']).join('\n')).join('\n\n')
}

function heatMap(hours: Profile['hours']): string[] {
  const head = Array.from({ length: 24 }, (_, hour) => (hour % 6 === 0 ? String(hour).padEnd(6) : '')).join(
    '',
  )
  return [
    `       ${head}`.trimEnd(),
    ...hours.map(
      (day, index) => `  ${DAYS[index]}  ${day.map((days) => SHADES[Math.min(days, 2)]).join('')}`,
    ),
  ]
}

function valuesLine({ view, columns, values }: KnownValues): string {
  const shown = values.slice(0, MOST_VALUES).map(({ value }) => sanitise(value, 60))
  const more = values.length > MOST_VALUES ? `, and ${number(values.length - MOST_VALUES)} more` : ''
  return `  ${columns.join(' and ')} (${view}): ${shown.join(', ')}${more}`
}

function volumeLine({ detection, unit, hours, median, mad, limit }: UsualVolume): string {
  const amount = (value: number) =>
    /Bytes$/.test(unit) ? bytesText(value) : number(Math.round(value * 100) / 100)
  const usual = `median ${amount(median)}, MAD ${amount(mad)} over ${hours} hours`
  const above = limit === undefined ? 'too little is known to alert' : `alerts above ${amount(limit)}`
  return `  ${unit}: ${usual}; ${above} (${detection})`
}

function alertLine({ time, severity, detection, reason }: Profile['alerts'][number]): string {
  return `  ${minute(time)}  ${severity}  ${detection}  ${sanitise(reason, 300)}`
}

/** `2026-11-20 03:00`. */
function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
