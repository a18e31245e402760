import type { HourSets } from '../baselines/hours.js'
import { type Agent, type Feature, havingText, type MemoryPlan, type Recall, type Scope } from './memory.js'

/** Stands for the hours of all rows, while no hour was without a row that has the columns. */
const ALL = -1

/** What `ALL` is in saved agents. */
const SAVED_ALL = '='

/**
 * In which hours rows came that have a value in some columns. Mostly these are the hours of all rows: an agent gets a
 * set of its own only once they differ. There are a dozen such features, and a set takes 48 bytes.
 */
export function hoursHaving(
  plan: MemoryPlan,
  scope: Scope,
  columns: readonly string[],
  all: Recall<number>,
): Recall<number> {
  const { hours } = plan.stores
  const has = plan.stores.has(columns)
  const own = plan.remember(scope, {
    key: `${havingText(columns)} hours`,
    create: () => hours.allocate(),
    record: () => {},
    next: (set, row, hour, agent) => {
      const others = all.peek(agent)
      return has(row) ? withHour(hours, set, others, hour) : withoutHour(hours, set, others, hour)
    },
    ids: () => [],
    release: (set) => {
      if (set !== ALL) hours.release(set)
    },
    save: (set) => (set === ALL ? SAVED_ALL : hours.saved(set)),
    load: (saved) => (saved === SAVED_ALL ? ALL : hours.restore(saved as string)),
  } satisfies Feature<number>)
  const recall = (agent: Agent) => {
    const set = own(agent)
    return set === ALL ? all(agent) : set
  }
  const peek = (agent: Agent) => (own.peek(agent) === ALL ? all.peek(agent) : own.peek(agent))
  return Object.assign(recall, { slot: own.slot, peek })
}

/** The set with an hour; that of all rows, to which it is yet to be added, has it anyhow. */
function withHour(hours: HourSets, set: number | undefined, all: number | undefined, hour: number): number {
  if (set === ALL) return ALL
  if (set === undefined && (all === undefined || hours.newest(all) === 0)) return ALL
  const own = set ?? hours.allocate()
  hours.add(own, hour)
  return own
}

/** The set once a row without the columns came: no longer that of all rows if those get an hour by it. */
function withoutHour(
  hours: HourSets,
  set: number | undefined,
  all: number | undefined,
  hour: number,
): number | undefined {
  return set === ALL && all !== undefined && !hours.has(all, hour) ? hours.copy(all) : set
}
