import type { Random } from './random.js'
import { redelivered, type WireRecord } from './records/index.js'
import { HOUR, MINUTE, SECOND } from './time.js'

export interface Arrival {
  readonly category: string
  /** When it reaches the reader, epoch ms. */
  readonly arrival: number
  readonly record: WireRecord
}

/** Share of records that Entra delivers again. */
const redelivery = 0.035

/** Further copies of a repeated record, with weights. */
const copiesOf = [
  [1, 86],
  [2, 11],
  [3, 3],
] as const

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

/** Milliseconds from event to delivery, as measured and documented for each category. */
export function lag(category: string, random: Random): number {
  if (category === 'AuditLogs') return random.between(2, 5) * MINUTE
  if (category === 'MicrosoftGraphActivityLogs') {
    if (random.chance(0.008)) return random.between(30, 120) * MINUTE
    return clamp(random.logNormal(5 * MINUTE, 0.7), 30 * SECOND, 30 * MINUTE)
  }
  if (category.endsWith('SignInLogs'))
    return clamp(random.logNormal(110 * SECOND, 0.7), 28 * SECOND, 1077 * SECOND)
  return random.between(1, 3) * MINUTE
}

/** A record under way: written out only when it arrives, so that what waits stays small. */
interface Pending {
  readonly category: string
  readonly arrival: number
  /** When the first copy was written. */
  readonly written: number
  readonly make: (written: number) => WireRecord
}

function arrive({ category, arrival, written, make }: Pending): Arrival {
  const record = make(written)
  return { category, arrival, record: arrival === written ? record : redelivered(record, arrival) }
}

/** The hub between Entra and a reader: delays, repeats and reorders, and holds only what is still under way. */
export class Delivery {
  private readonly waiting = new Map<number, Pending[]>()

  constructor(
    private readonly start: number,
    private readonly end: number,
  ) {}

  /**
   * Sends what happened at `time`; `make` gets the time of writing and must give the same record each time.
   * Events outside the window are dropped.
   */
  send(category: string, time: number, random: Random, make: (written: number) => WireRecord): void {
    const written = Math.floor(time + lag(category, random))
    if (time <= this.start || time >= this.end) return
    this.hold({ category, arrival: written, written, make })
    if (random.chance(redelivery)) this.repeat({ category, arrival: written, written, make }, random)
  }

  /** One to three further copies, each one to ten minutes after the last. */
  private repeat(first: Pending, random: Random): void {
    const copies = random.weighted(copiesOf)
    let { arrival } = first
    for (let i = 0; i < copies; i++) {
      arrival = Math.floor(arrival + random.between(1, 10) * MINUTE)
      this.hold({ ...first, arrival })
    }
  }

  private hold(item: Pending): void {
    const hour = Math.floor(item.arrival / HOUR)
    const list = this.waiting.get(hour)
    if (list) list.push(item)
    else this.waiting.set(hour, [item])
  }

  /** What arrives in the hour `hour`, in order; to be called when nothing that happens later can arrive in it. */
  *take(hour: number): Generator<Arrival> {
    const list = this.waiting.get(hour) ?? []
    this.waiting.delete(hour)
    list.sort((a, b) => a.arrival - b.arrival)
    for (const item of list) yield arrive(item)
  }

  /** The hours for which something still waits, in order. */
  hours(): number[] {
    return [...this.waiting.keys()].sort((a, b) => a - b)
  }

  /** How many records are under way. */
  get size(): number {
    let size = 0
    for (const list of this.waiting.values()) size += list.length
    return size
  }
}
