import { readFile } from 'node:fs/promises'
import { Inventory } from '../../agents/inventory.js'
import type { Alert } from '../../alerts/alert.js'
import { ProblemsError, YamlFile } from '../../config/yaml.js'
import { HOUR_MS, hourOf, hourText } from '../../records/time.js'
import type { PieceSource } from '../../replay/merge.js'
import { Replay } from '../../replay/replay.js'
import type { Detection } from '../detection.js'
import { type Case, type CaseFile, readCases } from './case-file.js'
import { type CaseRecord, caseRecords, DAY_ZERO } from './events.js'

/** A present after all cases, milliseconds since 1970. */
export const AFTER_ALL_CASES = DAY_ZERO + 100 * 24 * HOUR_MS

/** How one case of a detection went. */
export interface CaseResult {
  readonly detection: string
  readonly name: string
  /** What was wrong, in a sentence each; empty if the case holds. */
  readonly failures: readonly string[]
  readonly alerts: readonly Alert[]
  /** Whether the case is one that fires. */
  readonly fires: boolean
}

/** The file of events beside a detection. */
export function casesFile(detection: Detection): string {
  return detection.file.replace(/\.ya?ml$/, '.test.yaml')
}

/** A case as both engines take it. */
export interface CaseLog {
  readonly name: string
  readonly records: readonly CaseRecord[]
  readonly inventory: Inventory
}

/**
 * Runs a detection on its own events: through the decoder, as records in the wire format.
 * @throws ProblemsError if the file of events is missing or wrong.
 */
export async function runCases(detection: Detection): Promise<CaseResult[]> {
  const logs = await caseLogs(detection)
  return Promise.all(logs.map((log) => runCase(detection, log)))
}

/**
 * The events of a detection's cases as records in the wire format.
 * @throws ProblemsError if the file of events is missing or wrong.
 */
export async function caseLogs(detection: Detection): Promise<CaseLog[]> {
  const file = casesFile(detection)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) {
    throw new ProblemsError([
      { file, line: 1, column: 1, message: `${detection.id} has no events that it fires on` },
    ])
  }
  const yaml = new YamlFile(file, text)
  const cases = readCases(yaml)
  if (!cases || yaml.problems.length > 0) throw new ProblemsError(yaml.problems)
  const records = cases.cases.map((one, index) => recordsOf(yaml, cases, one, index))
  if (yaml.problems.length > 0) throw new ProblemsError(yaml.problems)
  const inventory = new Inventory(cases.inventory)
  return cases.cases.map(({ name }, index) => ({ name, records: records[index]!, inventory }))
}

/** The records of a case; what they can't be made of is noted in the file. */
function recordsOf(yaml: YamlFile, { base }: CaseFile, { events }: Case, index: number): CaseRecord[] {
  try {
    return caseRecords(base, events)
  } catch (error) {
    yaml.report(['cases', index], (error as Error).message)
    return []
  }
}

/** The records of a case as a source that can be read again, one a message. */
export function caseSource({ name, records }: CaseLog): PieceSource {
  return { name, pieces: () => piecesOf(records) }
}

async function runCase(detection: Detection, log: CaseLog): Promise<CaseResult> {
  const { name, records, inventory } = log
  const alerts: Alert[] = []
  const failures: string[] = []
  const run = new Replay(
    { detections: [detection], inventory, population: 'workloads', now: AFTER_ALL_CASES },
    {
      alerts: (some) => void alerts.push(...some),
      deadLetter: ({ reason, detail }) =>
        void failures.push(`a record is a dead letter: ${reason}, ${detail}`),
    },
  )
  await run.read([caseSource(log)])
  await run.finish()
  failures.push(...missing(records, alerts), ...unexpected(records, alerts))
  return {
    detection: detection.id,
    name,
    failures,
    alerts,
    fires: records.some(({ alert }) => alert !== undefined),
  }
}

async function* piecesOf(records: readonly CaseRecord[]) {
  for (const [index, { record }] of records.entries()) {
    if (record === undefined) continue
    const bytes = Buffer.from(JSON.stringify({ records: [record] }))
    yield [{ bytes, line: index + 1, offset: 0, length: bytes.length }]
  }
}

function missing(records: readonly CaseRecord[], alerts: readonly Alert[]): string[] {
  return records.flatMap((wanted) => {
    if (wanted.alert === undefined) return []
    const when = new Date(wanted.time).toISOString()
    const raised = alerts.filter(({ evidence, time }) =>
      wanted.record ? evidence.some((one) => one.time === when) : evidence.length === 0 && time === when,
    )
    if (raised.length === 0) return [`no alert at ${when}`]
    const differences = raised.map((alert) => difference(wanted, alert))
    return differences.includes(undefined) ? [] : [`at ${when}: ${differences[0]}`]
  })
}

function difference({ alert: wanted }: CaseRecord, alert: Alert): string | undefined {
  if (wanted === undefined || wanted === true) return undefined
  for (const [key, value] of Object.entries(wanted.entity ?? {})) {
    if (alert.entity[key] !== value) return `entity ${key} is ${alert.entity[key]}, not ${value}`
  }
  if (wanted.observed !== undefined && alert.observed !== wanted.observed) {
    return `observed is ${alert.observed}, not ${wanted.observed}`
  }
  if (wanted.reason !== undefined && !alert.reason.includes(wanted.reason)) {
    return `the reason is "${alert.reason}", without "${wanted.reason}"`
  }
  return undefined
}

/** An alert is unexpected if no event of its hour is said to raise one. */
function unexpected(records: readonly CaseRecord[], alerts: readonly Alert[]): string[] {
  const wanted = records.filter(({ alert }) => alert !== undefined).map(({ time }) => hourText(hourOf(time)))
  const extra = alerts.filter(({ hour }) => !wanted.includes(hour))
  const surplus = extra.map(({ time, reason }) => `unexpected alert at ${time}: ${reason}`)
  if (alerts.length - extra.length <= wanted.length) return surplus
  return [...surplus, `${alerts.length} alerts where ${wanted.length} were expected`]
}
