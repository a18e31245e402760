import { simulate } from '../../src/simulate/index.js'

/** Attacks on agents of which the logs say little, so that a replay takes a tenth of a second. */
const ATTACKS = [
  'data-exfiltration',
  'new-graph-operation',
  'off-hours',
  'credential-added',
  'owner-added',
  'app-role-granted',
]

/** A record of the simulator as text, with what tests sort it by. */
export interface SimulatedRecord {
  readonly category: string
  /** When it reaches the reader, in milliseconds since 1970. */
  readonly arrival: number
  /** When it happened, in milliseconds since 1970. */
  readonly time: number
  readonly text: string
}

let made: SimulatedRecord[] | undefined

/**
 * All that the logs of 17 days say of six agents which are attacked in as many ways on the last three days, in
 * order of arrival, second deliveries included: about the least that makes the behavioural detections speak.
 */
export function simulatedRecords(): readonly SimulatedRecord[] {
  made ??= simulated()
  return made
}

function simulated(): SimulatedRecord[] {
  const simulation = simulate({ agents: 20, days: 17, seed: 6, attacks: ATTACKS })
  const ids = simulation.labels.flatMap(({ agent, appId }) => [agent, appId])
  const records: SimulatedRecord[] = []
  for (const { category, arrival, record } of simulation.records()) {
    const text = JSON.stringify(record)
    if (ids.some((id) => text.includes(id))) records.push({ category, arrival, time: timeOf(record), text })
  }
  return records
}

/** Where the categories keep the time of an event. */
const TIMES = [
  'createdDateTime',
  'timeGenerated',
  'activityDateTime',
  'riskLastUpdatedDateTime',
  'riskLastModifiedDateTime',
]

function timeOf({ properties }: { readonly properties: unknown }): number {
  const said = TIMES.map((name) => (properties as Record<string, string>)[name]).find(Boolean)
  const time = Date.parse(said ?? '')
  if (Number.isNaN(time)) throw new Error('a record without a time')
  return time
}

/** Records as NDJSON, one a line. */
export function ndjson(records: readonly SimulatedRecord[]): string {
  return records.map(({ text }) => `${text}\n`).join('')
}

/** Records as Event Hubs delivers them, 50 in a message, a message a line. */
export function asMessages(records: readonly SimulatedRecord[]): string {
  const lines: string[] = []
  for (let from = 0; from < records.length; from += 50) {
    const texts = records.slice(from, from + 50).map(({ text }) => text)
    lines.push(`{"records":[${texts.join(',')}]}\n`)
  }
  return lines.join('')
}
