import type { ReportCollector } from './collect.js'

/** What is not in the report though it was in the logs, a sentence each. */
export function missingLines({ missedAlerts, missedAgents, room: { missed } }: ReportCollector): string[] {
  const lines: [count: number, text: string][] = [
    [missedAlerts, 'alerts are beyond what a report holds; the output of replay has them'],
    [
      missedAgents.size,
      'agents are beyond what a report holds; their alerts are here, their behaviour is not',
    ],
    [missed.series, 'series of an agent were too many to be drawn'],
    [missed.values, 'sightings of values are left out, as there are too many values'],
  ]
  return lines
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${count.toLocaleString('en-US')} ${text}.`)
}
