import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { getOrAdd, increment } from '../collections.js'
import { COUNTERS, type Definition, type Facts, GAUGES, type Sample } from './metric-definitions.js'
import type { OutgoingAlert } from './sink.js'

/** Most names that sources and sinks may count under. */
const MOST_EVENTS = 200

/**
 * The figures of a daemon for Prometheus, in a registry of its own. Every label has a bounded number of values,
 * whatever strangers send.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #events = new Map<string, Map<string, number>>()
  readonly #alerts = new Map<string, number>()
  readonly #saves: Histogram
  readonly #reloads: Counter

  readonly #read: () => Facts
  /** Read once for all metrics of a page. */
  #facts: Facts | undefined

  constructor(read: () => Facts, version: string) {
    this.#read = read
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    for (const definition of COUNTERS) this.#define(Counter, definition)
    for (const definition of GAUGES) this.#define(Gauge, definition)
    this.#define(Counter, this.#alertsDefinition())
    this.#define(Counter, this.#eventsDefinition())
    this.#saves = new Histogram({
      name: 'agentwarden_save_seconds',
      help: 'How long saves of the state took',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    })
    this.#reloads = new Counter({
      name: 'agentwarden_reloads_total',
      help: 'Reloads of configuration, detections and inventory, by whether they were taken',
      labelNames: ['result'],
      registers,
    })
    new Gauge({
      name: 'agentwarden_info',
      help: 'The version that runs',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1)
  }

  /** The page that Prometheus reads. */
  async page(): Promise<{ type: string; body: string }> {
    this.#facts = this.#read()
    return { type: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  /** Counts what a source or sink told under a name of its own. */
  countEvent(owner: string, event: string, by: number): void {
    const ofOwner = getOrAdd(this.#events, owner, () => new Map<string, number>())
    increment(ofOwner, ofOwner.has(event) || ofOwner.size < MOST_EVENTS ? event : 'others', by)
  }

  /** Counts alerts that go out. */
  countAlerts(alerts: readonly OutgoingAlert[]): void {
    for (const { detection, severity, state } of alerts)
      increment(this.#alerts, JSON.stringify([detection, severity, state]))
  }

  /** Notes how long a save took. */
  saved(seconds: number): void {
    this.#saves.observe(seconds)
  }

  /** Counts a reload. */
  reloaded(result: 'success' | 'failure'): void {
    this.#reloads.inc({ result })
  }

  close(): void {
    this.#registry.clear()
  }

  /** Values are absolute and taken when they are asked for. */
  #define(Type: typeof Counter | typeof Gauge, { name, help, labels, samples }: Definition): void {
    const facts = () => this.#facts ?? this.#read()
    new Type({
      name: `agentwarden_${name}`,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const [values, value] of samples(facts()))
          this.inc(Object.fromEntries(labels.map((label, index) => [label, values[index]!])), value)
      },
    } as ConstructorParameters<typeof Counter>[0])
  }

  #alertsDefinition(): Definition {
    return {
      name: 'alerts_total',
      help: 'Alerts that go to the sinks, by detection, severity and whether new or updated',
      labels: ['detection', 'severity', 'state'],
      samples: () => Array.from(this.#alerts, ([key, value]): Sample => [JSON.parse(key) as string[], value]),
    }
  }

  #eventsDefinition(): Definition {
    return {
      name: 'events_total',
      help: 'What sources and sinks tell of themselves, such as reconnects',
      labels: ['owner', 'event'],
      samples: () =>
        [...this.#events].flatMap(([owner, counts]) =>
          Array.from(counts, ([event, value]): Sample => [[owner, event], value]),
        ),
    }
  }
}
