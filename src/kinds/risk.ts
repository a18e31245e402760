import { z } from 'zod'
import { SEVERITIES } from '../alerts/alert.js'
import {
  HALF_LIFE,
  LEVEL_FROM,
  levelOf,
  mostOf,
  pointsOf,
  REPETITIONS,
  RISK_LEVELS,
  RISK_POINTS,
  RISK_WINDOW,
  sumOf,
  UNITS_PER_POINT,
  weightOf,
} from '../alerts/risk.js'
import { literal } from '../kql/text.js'
import { hourOf } from '../records/time.js'
import { activeHours } from '../scoring/explanation.js'
import { defineKind } from '../scoring/kind.js'
import type { ViewRow } from '../views/view.js'

const parameters = {
  /** The level that is reached. */
  level: z.enum(['low', 'medium', 'high']).default('high'),
}

/** The weight of an alert by its age, as `weightOf` has it. */
function weightText(): string {
  const starts = Array.from({ length: Math.ceil(RISK_WINDOW / HALF_LIFE) }, (_, half) => half * HALF_LIFE)
  const factors = starts.map((start) => weightOf(start) / (2 * HALF_LIFE))
  const cases = starts.slice(1).map((start, half) => `Age < ${start}, ${factors[half]}`)
  return `let Weight = (Age: long) { (${2 * HALF_LIFE} - Age % ${HALF_LIFE}) * case(${cases.join(', ')}, ${factors.at(-1)}) };`
}

function severityText(): string {
  const { informational, ...others } = RISK_POINTS
  const cases = Object.entries(others).map(([name, points]) => `AlertSeverity =~ ${literal(name)}, ${points}`)
  return `case(${cases.join(', ')}, ${informational})`
}

interface Part {
  readonly detection: string
  readonly points: number
  readonly how: string
}

const sum = (parts: readonly Part[]) => parts.reduce((total, { points }) => total + points, 0)
const rounded = (points: number) => Math.round(points * 100) / 100

/** What each detection contributes by its definition, most first. */
function partsOf(rows: readonly ViewRow[], hour: number): Part[] {
  const names = [...new Set(rows.map(({ Detection }) => String(Detection)))]
  return names
    .map((name) =>
      partOf(
        name,
        rows.filter(({ Detection }) => Detection === name),
        hour,
      ),
    )
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || (a.detection < b.detection ? -1 : 1))
}

function partOf(detection: string, rows: readonly ViewRow[], hour: number): Part {
  const share = (age: number) =>
    age >= RISK_WINDOW ? 0 : (1 - (age % HALF_LIFE) / (2 * HALF_LIFE)) / 2 ** Math.floor(age / HALF_LIFE)
  const ages = activeHours(rows).map((one) => hour - one)
  const values = ages.map((age) => share(age) * mostPoints(rows, hour - age)).sort((a, b) => b - a)
  const [most = 0, ...others] = values.slice(0, REPETITIONS + 1)
  const repeated = others.reduce((total, one) => total + one, 0)
  return {
    detection,
    points: most + repeated / REPETITIONS,
    how: `${rounded(most)} + ${rounded(repeated)} / ${REPETITIONS}: alerts ${ages.reverse().join(', ')} hours ago, the weightiest in full and at most ${REPETITIONS} others an eighth each`,
  }
}

function mostPoints(rows: readonly ViewRow[], hour: number): number {
  const within = rows.filter(({ EventTime }) => hourOf(EventTime) === hour)
  return Math.max(...within.map(({ AlertSeverity }) => pointsOfSeverity(AlertSeverity)))
}

function pointsOfSeverity(text: unknown): number {
  const found = SEVERITIES.find((one) => one === String(text).toLowerCase())
  return RISK_POINTS[found ?? 'informational']
}

/**
 * The agent's alerts of the last 13 days add up to a level of risk: the score is the sum over its detections of
 * `unitsOf`, and it was below the level an hour before. Alerts of this kind do not count themselves.
 *
 * Stream: O(detections) an alert; remembers of each detection the newest alert hours.
 */
export const kind = defineKind<typeof parameters>({
  name: 'risk',
  summary: "the agent's alerts add up to `level`, and did not an hour before",
  parameters,
  columns: () => ['Detection', 'AlertSeverity'].map((column) => ({ parameter: 'kind', column })),
  placeholders: ['level', 'least', 'causes'],
  observes: 'long',
  kql: ({ level }, scope) => ({
    entity: [],
    text: `${weightText()}
let Judged = Rows(Start, End)
    | summarize ${scope.first([])} by TenantId, AgentId;
let Hours = materialize(Rows(WindowStart, End)
    | join kind=leftsemi Judged on TenantId, AgentId
    | extend Detection = ${scope.text('Detection')}, Points = ${severityText()}
    | summarize Points = max(Points) by TenantId, AgentId, Detection, Hour = bin(EventTime, 1h));
let Risk = (Last: datetime) {
    Hours
    | extend Age = tolong((Last - Hour) / 1h)
    | where Age >= 0 and Age < ${RISK_WINDOW}
    | extend Value = Points * Weight(Age)
    | sort by TenantId asc, AgentId asc, Detection asc, Value desc
    | extend Place = row_number(0, TenantId != prev(TenantId) or AgentId != prev(AgentId) or Detection != prev(Detection))
    | where Place <= ${REPETITIONS}
    | summarize Units = sum(Value * iff(Place == 0, ${REPETITIONS}, 1)) by TenantId, AgentId, Detection
    | sort by TenantId asc, AgentId asc, Units desc, Detection asc
    | summarize Detections = count(), Causes = make_list(strcat(Detection, " (", Units / ${UNITS_PER_POINT}, ")")), Units = sum(Units) by TenantId, AgentId
    | where Units >= ${LEVEL_FROM[level] * UNITS_PER_POINT}
};
Judged
| join kind=inner Risk(Start) on TenantId, AgentId
| join kind=leftanti Risk(Start - 1h) on TenantId, AgentId
| extend Observed = Units / ${UNITS_PER_POINT}, Level = ${literal(level)}, Least = ${LEVEL_FROM[level]}, Causes = strcat_array(array_slice(Causes, 0, 4), ", ")
| extend Basis = strcat("alerts of ", Detections, " detections in the 13 days before")`,
  }),
  explain: ({ level }, { hour, before, within }) => {
    const rows = [...before, ...within]
    const parts = partsOf(rows, hour)
    const earlier = partsOf(before, hour - 1)
    const whole = (points: number) => Math.floor(points + 1e-9)
    return [
      ...parts.map(({ detection, points, how }) => ({ name: detection, value: rounded(points), how })),
      { name: 'observed', value: whole(sum(parts)), how: 'the sum of these, rounded down' },
      { name: 'before', value: whole(sum(earlier)), how: 'the same an hour before; less than `least`' },
      { name: 'level', value: level, how: 'the level that was reached (level)' },
      { name: 'least', value: LEVEL_FROM[level], how: `points from which on the risk is ${level}` },
      {
        name: 'causes',
        value: parts
          .slice(0, 5)
          .map(({ detection, points }) => `${detection} (${whole(points)})`)
          .join(', '),
        how: 'the detections that contribute most, at most five',
      },
    ]
  },
  prepare: ({ level }, memory) => {
    const recall = memory.alertHours()
    const reaches = (units: number) => RISK_LEVELS.indexOf(levelOf(units)) >= RISK_LEVELS.indexOf(level)
    return (_row, hour, agent) => {
      const hours = recall(agent)
      const now = hours.at(hour)
      if (!reaches(sumOf(now)) || reaches(sumOf(hours.at(hour - 1)))) return undefined
      return {
        entity: {},
        observed: pointsOf(sumOf(now)),
        expected: {
          level,
          least: LEVEL_FROM[level],
          causes: mostOf(now)
            .map(({ detection, units }) => `${detection} (${pointsOf(units)})`)
            .join(', '),
          basis: `alerts of ${now.length} detections in the 13 days before`,
        },
      }
    }
  },
})
