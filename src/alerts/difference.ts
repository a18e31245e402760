import { getOrAdd, increment } from '../collections.js'
import { type Alert, compareAlerts } from './alert.js'

/** An alert that both sides have, and that reads differently. */
export interface ChangedAlert {
  readonly before: Alert
  readonly after: Alert
}

/** What one side has of a detection and the other has not, each in order of time. */
export interface DetectionDifference {
  readonly detection: string
  readonly added: readonly Alert[]
  readonly removed: readonly Alert[]
  readonly changed: readonly ChangedAlert[]
  /** How many of these there are of each agent, most first. */
  readonly agents: readonly (readonly [agent: string, count: number])[]
}

/** How two sets of alerts differ. */
export interface Difference {
  readonly before: number
  readonly after: number
  readonly same: number
  /** Detections with a difference, by id. */
  readonly detections: readonly DetectionDifference[]
}

type Alerts = ReadonlyMap<string, Alert>

/**
 * How the alerts of two replays of the same logs differ. An alert is the same if its id is; it is changed if its
 * severity or its sentence is another.
 */
export function differenceOf(before: Alerts, after: Alerts): Difference {
  const added = [...after.values()].filter(({ id }) => !before.has(id))
  const removed = [...before.values()].filter(({ id }) => !after.has(id))
  const changed = [...after.values()].flatMap((one): ChangedAlert[] => {
    const other = before.get(one.id)
    return other && readsDifferently(other, one) ? [{ before: other, after: one }] : []
  })
  const same = after.size - added.length - changed.length
  return { before: before.size, after: after.size, same, detections: byDetection(added, removed, changed) }
}

function readsDifferently(one: Alert, other: Alert): boolean {
  return one.severity !== other.severity || one.reason !== other.reason
}

function byDetection(
  added: readonly Alert[],
  removed: readonly Alert[],
  changed: readonly ChangedAlert[],
): DetectionDifference[] {
  const ids = new Set(
    [...added, ...removed, ...changed.map(({ after }) => after)].map((one) => one.detection),
  )
  return [...ids].sort().map((detection) => {
    const own = {
      added: added.filter((one) => one.detection === detection).sort(compareAlerts),
      removed: removed.filter((one) => one.detection === detection).sort(compareAlerts),
      changed: changed
        .filter(({ after }) => after.detection === detection)
        .sort((a, b) => compareAlerts(a.after, b.after)),
    }
    return {
      detection,
      ...own,
      agents: agentsOf([...own.added, ...own.removed, ...own.changed.map((one) => one.after)]),
    }
  })
}

/** Agents of one name are told apart by their ids. */
function agentsOf(alerts: readonly Alert[]): [string, number][] {
  const counts = new Map<string, number>()
  const names = new Map<string, Set<string>>()
  for (const { agentId, agentName } of alerts) {
    increment(counts, agentId)
    getOrAdd(names, agentName ?? agentId, () => new Set()).add(agentId)
  }
  return [...names]
    .flatMap(([name, ids]) =>
      Array.from(ids, (id): [string, number] => [ids.size > 1 ? `${name} ${id}` : name, counts.get(id)!]),
    )
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
}
