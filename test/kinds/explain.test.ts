import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { Detection } from '../../src/detections/detection.js'
import { stepsOf } from '../../src/detections/explain.js'
import type { SeenRows, Step } from '../../src/scoring/explanation.js'
import type { ViewRow } from '../../src/views/view.js'
import { detection } from '../support/detections.js'
import { stream } from '../support/engine.js'
import { type Choice, KINDS } from './choices.js'
import { aLog } from './logs.js'
import { isAccompanied, once, type Parameters } from './reference.js'

const RUNS = 70
const HOUR_MS = 3_600_000
const hourOf = (row: ViewRow) => Math.floor(row.EventTime / HOUR_MS)

type Values = ReadonlyMap<string, Step>
type Numbers = Readonly<Record<string, number>>

/**
 * What a person concludes who reads the steps of an explanation: whether there is an alert. The limits are those that
 * the parameters say; all else is taken from the steps.
 */
const DECISIONS: Readonly<Record<string, (steps: Values, p: Parameters, hour: number) => boolean>> = {
  new_value: (steps, p, hour) => {
    const known = steps.get('known')!.how.split('not among them this: ')[1]!.split(' | ')
    const oldest = steps.get('oldest')
    const isSteady = !oldest || hour - Date.parse(String(oldest.value)) / HOUR_MS <= p.steady!
    return isKnown(steps, p) && isSteady && !known.includes(String(steps.get('observed')!.value))
  },
  off_hours: (steps, p, hour) => {
    const { rows, active_days, max, days, other_days, unusual } = numbersOf(steps)
    const { weekday = 5, weekend = 2 } = p.min_days ?? {}
    const how = steps.get('unusual')!.how
    const least = how.includes('active hours on weekdays') ? weekday : weekend
    const share = unusual! <= (p.max_unusual ?? 1) * Number(/of its (\d+)/.exec(how)![1])
    const last = steps.get('last_usual_hour')?.value ?? 'none'
    const isRested = last === 'none' || hour - Date.parse(String(last)) / HOUR_MS > p.rest!
    const isActive = rows! >= (p.min_count ?? 1) && active_days! <= max!
    return isKnown(steps, p) && isActive && (days! || other_days!) >= least && share && isRested
  },
  spike: (steps, p) => isKnown(steps, p) && exceeds(steps),
  rare_volume: (steps, p) =>
    isKnown(steps, p) && numbersOf(steps).days! <= (p.max_days ?? 2) && exceeds(steps),
  quiet_return: (steps, { gap = 168, min_hours = 1 }) =>
    numbersOf(steps).active_hours! >= min_hours && Number.parseInt(steps.get('silent_days')!.how, 10) >= gap,
}

function numbersOf(steps: Values): Numbers {
  return Object.fromEntries(Array.from(steps, ([name, { value }]) => [name, Number(value)]))
}

function isKnown(steps: Values, { learn = 168, min_hours = 8 }: Parameters): boolean {
  const { known_for, active_hours } = numbersOf(steps)
  return active_hours! >= min_hours && known_for! >= learn
}

const exceeds = (steps: Values) => numbersOf(steps).observed! > numbersOf(steps).threshold!

/** What an alert could be about: each agent, hour and entity of which there is a row. */
interface Candidate {
  readonly key: string
  readonly seen: SeenRows
}

function candidates(
  { view, parameters }: Detection,
  meant: Parameters,
  log: readonly ViewRow[],
): Candidate[] {
  const events = once(log)
  const rows = events.filter((row) => row.View === view.name && (meant.where?.(row) ?? true))
  const found = new Map<string, Candidate>()
  for (const row of rows) {
    const entity = entityOf(row, parameters)
    const isJudged = isAccompanied(row, events, meant) && (meant.of?.(row) ?? true)
    if (!entity || !isJudged) continue
    const hour = hourOf(row)
    const own = rows
      .filter(({ TenantId, AgentId }) => TenantId === row.TenantId && AgentId === row.AgentId)
      .sort((a, b) => a.EventTime - b.EventTime)
    const before = own.filter((one) => hourOf(one) < hour && hourOf(one) >= hour - 312)
    const within = own.filter((one) => hourOf(one) === hour)
    const key = JSON.stringify([row.TenantId, row.AgentId, hour, entity])
    found.set(key, { key, seen: { hour, before, within, entity } })
  }
  return [...found.values()]
}

/** The entity of a row; nothing if it has none. */
function entityOf(row: ViewRow, { by, field }: Detection['parameters']): SeenRows['entity'] | undefined {
  const columns = [by ?? field ?? []].flat() as string[]
  if (columns.some((column) => row[column] === undefined || row[column] === '')) return undefined
  return Object.fromEntries(columns.map((column) => [column, row[column] as string | number]))
}

const keyOf = ({ tenantId, agentId, hour, entity, detection: id }: Alert) =>
  JSON.stringify([tenantId, agentId, Date.parse(hour) / HOUR_MS, id === 'test-off-hours' ? {} : entity])

/** The numbers that both name: what was seen, and what was expected. */
function namedByBoth({ observed, expected }: Alert, steps: Values): [unknown, unknown] {
  const told = Object.entries({ ...expected, observed }).filter(([name]) => steps.has(name))
  return [Object.fromEntries(told), Object.fromEntries(told.map(([name]) => [name, steps.get(name)!.value]))]
}

/** Parameters of a kind, of whichever sort. */
function choicesOf(kind: string): fc.Arbitrary<Choice[]> {
  const own = KINDS.filter(([, one]) => one === kind)
  return fc.oneof(...own.map(([, , choices]) => fc.tuple(...choices)))
}

describe.each(Object.keys(DECISIONS))('the explanation of %s', (kind) => {
  it('leads to an alert wherever the engine raises one, with its numbers, and nowhere else', () => {
    let alerting = 0
    fc.assert(
      fc.property(aLog, choicesOf(kind), (log, chosen) => {
        const one = detection(Object.assign({ kind, view: 'GraphCalls' }, ...chosen.map(([said]) => said)))
        const meant: Parameters = Object.assign({ view: 'GraphCalls' }, ...chosen.map(([, value]) => value))
        const alerts = new Map(stream([one], log).alerts.map((alert) => [keyOf(alert), alert]))
        for (const { key, seen } of candidates(one, meant, log)) {
          const alert = alerts.get(key)
          const hasPast = seen.before.some((row) => kind !== 'spike' || isSame(row, seen.entity))
          if (!hasPast) {
            expect(alert).toBeUndefined()
            continue
          }
          const steps = new Map(stepsOf(one, seen).map((step) => [step.name, step]))
          expect([key, DECISIONS[kind]!(steps, meant, seen.hour)]).toEqual([key, alert !== undefined])
          if (!alert) continue
          const [told, found] = namedByBoth(alert, steps)
          expect(found).toEqual(told)
          alerting++
        }
      }),
      { numRuns: RUNS },
    )
    expect(alerting).toBeGreaterThan(0)
  })
})

function isSame(row: ViewRow, entity: SeenRows['entity']): boolean {
  return Object.entries(entity).every(([column, value]) => row[column] === value)
}
