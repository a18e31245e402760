import { appendFileSync, readdirSync } from 'node:fs'
import { pino } from 'pino'
import { DeadLetterFile } from '../../src/daemon/dead-letter-file.js'
import { Engine } from '../../src/daemon/engine.js'
import { loadDetections } from '../../src/detections/load.js'
import { source } from '../../src/sources/kafka.js'
import { StateStore } from '../../src/state/store.js'
import { deliver, SELECTOR } from '../support/daemon.js'
import { NOW } from '../support/now.js'

/** What the process is told on its command line, as JSON. */
export interface SoakOptions {
  /** Where the state is, and beside it what was delivered and what could not be read. */
  readonly state: string
  readonly detections: string
  readonly broker: string
  readonly topic: string
  readonly reorderHours: number
  /** Milliseconds between two reports. */
  readonly every: number
}

/** What the process reports, a line each time. */
export interface Report {
  readonly rss: number
  readonly heap: number
  readonly files: number
  readonly messages: number
  readonly duplicates: number
  readonly deadLetters: number
  readonly agents: number
  readonly stateBytes: number
  readonly connected: boolean
  /** Offset of the next message to be scored, by partition. */
  readonly next: Readonly<Record<string, number>>
}

/** A daemon in a process of its own, until it is told to stop. */
async function run(options: SoakOptions): Promise<void> {
  const settings = { brokers: [options.broker], group: 'soak', topics: [options.topic], look_every: '500ms' }
  const log = pino({ level: 'silent' })
  const engine = new Engine({
    sources: [source.open('kafka', source.settings.parse(settings), { log, count: () => {} })],
    store: new StateStore(options.state),
    detections: await loadDetections(options.detections),
    selector: SELECTOR,
    sinks: ['wire'],
    deadLetters: new DeadLetterFile(`${options.state}.dead-letters`),
    stream: { reorderHours: options.reorderHours },
    now: () => NOW,
  })
  const { begin } = deliver(engine, (alerts) => {
    appendFileSync(`${options.state}.wire`, alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(''))
  })
  await engine.start()
  begin()
  const reporting = setInterval(
    () => process.stdout.write(`${JSON.stringify(report(engine))}\n`),
    options.every,
  )
  process.once('SIGTERM', () => void engine.stop())
  const { reason, error } = await engine.ended
  clearInterval(reporting)
  if (reason !== 'stopped') throw error ?? new Error(reason)
}

function report(engine: Engine): Report {
  const { messages, rows, agents, state, partitions, deadLetters, connections } = engine.status()
  const { rss, heapUsed: heap } = process.memoryUsage()
  return {
    rss,
    heap,
    files: readdirSync('/dev/fd').length,
    messages,
    duplicates: rows.duplicates,
    deadLetters: [...deadLetters.values()].reduce((sum, count) => sum + count, 0),
    agents,
    stateBytes: state.bytes,
    connected: [...connections.values()].every(({ up }) => up),
    next: Object.fromEntries(
      partitions.map(({ partition, position }) => [partition, Number(position ?? -1) + 1]),
    ),
  }
}

await run(JSON.parse(process.argv[2]!) as SoakOptions)
