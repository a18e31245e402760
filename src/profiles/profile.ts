import { type Alert, compareAlerts } from '../alerts/alert.js'
import { usual } from '../baselines/statistics.js'
import { windowStart } from '../baselines/window.js'
import { hourText } from '../records/time.js'
import { unitOf } from '../report/build.js'
import { limitsAlong } from '../report/limits.js'
import type { Volume } from '../scoring/kind.js'
import type { Agent } from '../scoring/memory.js'
import type { Scorer } from '../scoring/scorer.js'
import { type AgentEntry, entryOf } from './entry.js'

/** What is known of an agent, and so what counts as normal: for a person to look at. */
export interface Profile extends AgentEntry {
  /** For each day of the week from Monday on, and each hour of the day (UTC): on how many days it was active. */
  readonly hours: readonly (readonly number[])[]
  readonly values: readonly KnownValues[]
  readonly volumes: readonly UsualVolume[]
  readonly alerts: readonly Alert[]
}

/** The values that columns of a view showed in the last 13 days, the newest first. */
export interface KnownValues {
  readonly view: string
  readonly columns: readonly string[]
  readonly values: readonly { readonly value: string; readonly lastSeen: string }[]
}

/** What an agent usually does in an hour of activity, and from where on a detection alerts. */
export interface UsualVolume {
  readonly detection: string
  /** What is measured. */
  readonly unit: string
  /** Active hours of the last 13 days. */
  readonly hours: number
  readonly median: number
  readonly mad: number
  /** Missing while too little is known of the agent. */
  readonly limit?: number
}

/** What a scorer remembers of an agent. Changes nothing. */
export function profileOf(scorer: Scorer, agent: Agent): Profile {
  const alerts = Array.from(scorer.book.saved(), ([, , alert]) => alert)
    .filter(({ tenantId, agentId }) => tenantId === agent.tenantId && agentId === agent.id)
    .sort(compareAlerts)
  return {
    ...entryOf(scorer, agent, alerts.length),
    hours: hoursOfWeek(scorer, agent),
    values: knownValues(scorer, agent),
    volumes: scorer.shown.flatMap(({ detection, shown: { volume } }) => {
      const found = volume && usualVolume(scorer, agent, volume)
      return found ? { detection: detection.id, unit: unitOf(detection, volume.metric), ...found } : []
    }),
    alerts,
  }
}

/** The hour that comes next is judged by the 13 days before it. */
function window({ newest }: Scorer): readonly [from: number, to: number] {
  return [windowStart(newest + 1), newest + 1]
}

function hoursOfWeek(scorer: Scorer, agent: Agent): number[][] {
  const { hours } = scorer.stores
  const slots = scorer.shown.flatMap(
    ({ shown }) => shown.hours?.peek(agent) ?? shown.volume?.hours.peek(agent) ?? [],
  )
  const active = new Set([...new Set(slots)].flatMap((slot) => hours.list(slot, ...window(scorer))))
  const week = Array.from({ length: 7 }, () => Array<number>(24).fill(0))
  for (const hour of active) week[weekday(hour)]![hour % 24]!++
  return week
}

/** 0 is Monday; 1970 began on a Thursday. */
function weekday(hour: number): number {
  return (Math.floor(hour / 24) + 3) % 7
}

function knownValues(scorer: Scorer, agent: Agent): KnownValues[] {
  const { texts } = scorer.stores
  const [from] = window(scorer)
  const sets = new Map<number, KnownValues>()
  for (const { detection, shown } of scorer.shown) {
    const seen = shown.values?.of.peek(agent)
    if (!shown.values || !seen || sets.has(shown.values.of.slot)) continue
    const values = Array.from(seen.saved(), ([id, newest]) => ({ value: texts.text(id), newest }))
      .filter(({ newest }) => newest >= from)
      .sort((a, b) => b.newest - a.newest || (a.value < b.value ? -1 : 1))
      .map(({ value, newest }) => ({ value, lastSeen: hourText(newest) }))
    const { columns, of } = shown.values
    if (values.length > 0) sets.set(of.slot, { view: detection.view.name, columns, values })
  }
  return [...sets.values()]
}

function usualVolume(
  scorer: Scorer,
  agent: Agent,
  volume: Volume,
): Omit<UsualVolume, 'detection' | 'unit'> | undefined {
  const [slot, totals] = [volume.hours.peek(agent), volume.totals.peek(agent)]
  if (slot === undefined || !totals) return undefined
  const [from, next] = window(scorer)
  const hours = scorer.stores.hours.list(slot, from, next)
  if (hours.length === 0) return undefined
  const measured = hours.map((hour) => totals.at(hour))
  const limit = limitsAlong([...hours, next], [...measured, 0], volume).at(-1)
  const { median, mad } = usual(measured)
  return { hours: hours.length, median, mad, ...(limit === undefined ? {} : { limit }) }
}
