import type { HourSets } from '../baselines/hours.js'
import { type Agent, type Feature, havingText, type MemoryPlan, type Recall, type Scope } from './memory.js'
import { activeHours } from './summary.js'

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
    past: {
      operators: ({ text }) => [
        ...columns.map((column) => `| where isnotempty(${text(column)})`),
        ...activeHours(),
      ],
      absorb: (set, { hour }) => hours.add(set, hour),
    },
    ids: () => [],
    release: (set) => {
      if (set !== ALL) hours.release(set)
    },
    save: (set, agent) => savedAs(hours, set, all.peek(agent)),
    load: (saved) => (saved === SAVED_ALL ? ALL : hours.restore(saved as string)),
  } satisfies Feature<number>)
  const recall = (agent: Agent) => {
    const set = own(agent)
    return set === ALL ? all(agent) : set
  }
  const peek = (agent: Agent) => (own.peek(agent) === ALL ? all.peek(agent) : own.peek(agent))
  return Object.assign(recall, { slot: own.slot, peek })
}

/** Equal hours are saved alike, whether or not they were found to be those of all rows. */
function savedAs(hours: HourSets, set: number, all: number | undefined): string {
  if (set === ALL) return SAVED_ALL
  const own = hours.saved(set)
  return all !== undefined && own === hours.saved(all) ? SAVED_ALL : own
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
