import type { Alert } from '../alerts/alert.js'
import { CLOSING_HOURS, WINDOW_HOURS } from '../baselines/window.js'
import type { Detection } from '../detections/detection.js'
import { arrivedWithin, type CompiledQuery, evaluatedAt } from '../kql/compile.js'
import { HOUR_MS } from '../records/time.js'
import { tables } from '../tables/index.js'
import type { Period } from '../workspace/client.js'
import { pooled } from '../workspace/pool.js'
import type { Asking } from '../workspace/slices.js'
import { keysIn } from './keys.js'
import {
  compiledRules,
  difference,
  type ParityResult,
  type ParitySetting,
  readsAlerts,
  streamAlerts,
} from './parity.js'
import { type Pull, pulledSource, tenantText } from './pull.js'

const MINUTE_MS = 60_000

/** Of the five queries that a user may run at once, the others are left to people. */
const AT_A_TIME = 3

/** What is compared in a workspace. */
export interface WorkspaceParity extends Omit<ParitySetting, 'language'> {
  /** The hours that are judged, in milliseconds since 1970. */
  readonly hours: Period
}

/** A rule, and what the workspace is asked for it. */
interface Rule {
  readonly detection: Detection
  readonly compiled: CompiledQuery
  readonly queries: readonly string[]
}

/**
 * How the rules that run in a workspace compare with the streaming engine on the rows that lie in it. The rules run once
 * for each hour, those of rows as they come in once for all; the rows are pulled for the hours and the window before.
 * Rules that read what other rules have raised are left out: which of these are deployed is not known.
 * @throws WorkspaceError
 */
export async function parityIn(
  setting: WorkspaceParity,
  asking: Asking,
  progress: (done: number, total: number, note: string) => void,
): Promise<ParityResult[]> {
  const rules = rulesOf(setting, asking.until)
  const total = rules.reduce((sum, { queries }) => sum + queries.length, 0)
  const sources = await sourcesOf(rules, setting, asking)
  const { alerts, newest } = await streamAlerts(sources, setting, { now: asking.until })
  let done = 0
  const results: ParityResult[] = []
  for (const rule of rules) {
    const hours = judgedHours(rule, setting.hours, newest)
    const keys = await keysOf(rule, hours, asking, () => progress(++done, total, rule.detection.id))
    const wanted = alerts.get(rule.detection.id)!.filter((alert) => isWithin(alert, hours))
    const runs = rule.queries.length
    results.push({ ...difference(rule.detection, wanted, keys), runs, runsInAll: runs })
  }
  return results
}

function rulesOf(setting: WorkspaceParity, now: number): Rule[] {
  return compiledRules(setting)
    .filter((rule) => !readsAlerts(rule))
    .map((rule) => ({ ...rule, queries: queriesOf(rule.compiled, setting.hours, now) }))
}

/** What is judged once later rows have come is not yet judged of the last hours. */
function judgedHours({ compiled }: Rule, { from, to }: Period, newest: number): Period {
  return { from, to: compiled.whenOver ? Math.min(to, (newest - CLOSING_HOURS) * HOUR_MS) : to }
}

/** What happened in an hour may have come in until now. */
function queriesOf({ query, frequency, delay }: CompiledQuery, { from, to }: Period, now: number): string[] {
  if (frequency !== HOUR_MS / MINUTE_MS) return [arrivedWithin(query, from, now)]
  const hours = Array.from({ length: (to - from) / HOUR_MS }, (_, at) => from + at * HOUR_MS)
  return hours.map((hour) => evaluatedAt(query, hour + HOUR_MS + delay * MINUTE_MS))
}

async function sourcesOf(rules: readonly Rule[], setting: WorkspaceParity, asking: Asking) {
  const { population, inventory, hours } = setting
  const words = new Set(rules.flatMap(({ compiled }) => compiled.query.match(/\w+/g) ?? []))
  const names = new Set(rules.flatMap(({ compiled }) => compiled.tables))
  const period = { from: hours.from - WINDOW_HOURS * HOUR_MS, to: hours.to }
  const tenant = await tenantIn(period, asking)
  return tables
    .filter(({ name }) => names.has(name))
    .map((table) => {
      const always = ['TimeGenerated', table.eventTime, ...table.id]
      const columns = [...table.columns.keys()].filter((name) => always.includes(name) || words.has(name))
      const pull: Pull = { table, columns, population, inventory }
      return pulledSource(pull, period, asking, tenant)
    })
}

/** The tenant, if the workspace has the logs of one only. */
async function tenantIn(period: Period, { workspace, signal, until }: Asking): Promise<string | undefined> {
  const { rows } = await workspace.query(tenantText(period), { from: period.from, to: until }, signal)
  return rows.length === 1 ? String(rows[0]![0]) : undefined
}

/** Rows that a rule is asked about may be newer than any that was pulled: they are told by their hours. */
async function keysOf(
  { compiled, queries }: Rule,
  hours: Period,
  { workspace, signal, until }: Asking,
  done: () => void,
): Promise<Set<string>> {
  const exported = { from: hours.from - compiled.period * MINUTE_MS, to: until }
  const answers = await pooled(queries, AT_A_TIME, async (query) => {
    const answer = await workspace.query(query, exported, signal)
    done()
    return answer
  })
  const found = answers.flatMap(({ columns, rows }) => keysIn(compiled, columns, rows))
  return new Set(found.filter(({ hour }) => hour >= hours.from && hour < hours.to).map(({ key }) => key))
}

function isWithin({ hour }: Alert, { from, to }: Period): boolean {
  const time = Date.parse(hour)
  return time >= from && time < to
}
