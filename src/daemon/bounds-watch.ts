import type { Alert } from '../alerts/alert.js'
import { platformAlert } from '../alerts/platform.js'
import { hourOf } from '../records/time.js'
import type { RowStream } from '../replay/stream.js'

/** A bound on what strangers can fill, by its name among the limits, with how often it was met. */
interface Bound {
  readonly name: string
  readonly met: (stream: RowStream) => number
  readonly what: string
}

const BOUNDS: readonly Bound[] = [
  {
    name: 'maxAgents',
    met: ({ scorer }) => scorer.counters.beyondAgents,
    what: 'rows of agents beyond the most that are remembered were judged by match detections only',
  },
  {
    name: 'maxValues',
    met: ({ scorer }) => scorer.stores.overflows - scorer.stores.textOverflows,
    what: 'values of agents that have shown more than are kept were not remembered',
  },
  {
    name: 'maxTexts',
    met: ({ scorer }) => scorer.stores.textOverflows,
    what: 'texts beyond the most that are kept of all agents were not remembered',
  },
  {
    name: 'maxOpenAlerts',
    met: ({ scorer }) => scorer.book.rolledUpWhenFull,
    what: 'findings beyond the most alerts that are open were counted into shared ones',
  },
  {
    name: 'maxAlertsOfHour',
    met: ({ scorer: { book } }) =>
      Array.from(book.rolledUp.values()).reduce((sum, count) => sum + count, -book.rolledUpWhenFull),
    what: 'findings beyond the most alerts of one detection, agent and hour were counted into shared ones',
  },
  {
    name: 'maxWaiting',
    met: ({ counters }) => counters.overflows,
    what: 'hours were judged early because too many rows waited',
  },
  {
    name: 'maxSeen',
    met: ({ seen }) => seen.forgottenEarly,
    what: 'known events were forgotten early, so that a second delivery of them counts again',
  },
]

/** How often each bound was met so far. */
export function boundsMet(stream: RowStream): Map<string, number> {
  return new Map(BOUNDS.map(({ name, met }) => [name, met(stream)]))
}

/** Tells of each bound that is met, once an hour: someone may be filling the memory on purpose. */
export class BoundsWatch {
  #before = new Map<string, number>()
  readonly #hours = new Map<string, number>()

  /** The alerts that are due now, in milliseconds since 1970. */
  check(stream: RowStream, now: number): Alert[] {
    const met = boundsMet(stream)
    const due = BOUNDS.filter(({ name }) => {
      // Less than before is what was counted since a reload, which begins anew.
      const more = met.get(name)! !== (this.#before.get(name) ?? 0) && met.get(name)! > 0
      return more && this.#hours.get(name) !== hourOf(now)
    })
    for (const { name } of due) this.#hours.set(name, hourOf(now))
    this.#before = met
    return due.map(({ name, what }) => boundAlert(name, what, met.get(name)!, now))
  }
}

function boundAlert(name: string, what: string, observed: number, now: number): Alert {
  return platformAlert(
    {
      detection: 'bound-reached',
      title: 'A bound of agentwarden was reached',
      severity: 'medium',
      entity: { bound: name },
      observed,
      expected: { max: 0, basis: `the bound ${name} is not reached` },
      reason: `The bound ${name} was reached: ${observed.toLocaleString('en-US')} ${what}`,
    },
    now,
  )
}
