import { appendFileSync, readFileSync } from 'node:fs'
import { DeadLetterFile } from '../../src/daemon/dead-letter-file.js'
import { Engine } from '../../src/daemon/engine.js'
import type { SaveStep } from '../../src/daemon/saver.js'
import { loadDetections } from '../../src/detections/load.js'
import { StateStore } from '../../src/state/store.js'
import { Broker, BrokerSource } from './broker.js'
import { deliver, readToEnd, SELECTOR, until } from './daemon.js'
import { NOW } from './now.js'

/** What the process is told on its command line, as JSON. */
export interface CrashOptions {
  /** Where the state is, and beside it what was delivered, told to the source, and could not be read. */
  readonly state: string
  /** Lines of `[partition, body, enqueued]`. */
  readonly input: string
  readonly detections: string
  readonly reorderHours: number
  /** Where it is to be killed, and at which time there; nowhere if left out. */
  readonly step?: SaveStep
  readonly time?: number
}

/** A daemon in a process of its own, to be killed: reads all there is, delivers it, stops. */
async function run(options: CrashOptions): Promise<void> {
  const source = new ToldSource(readBroker(options.input), options)
  let left = options.time ?? 1
  const engine = new Engine({
    sources: [source],
    store: new StateStore(options.state),
    detections: await loadDetections(options.detections),
    selector: SELECTOR,
    sinks: ['wire'],
    deadLetters: new DeadLetterFile(`${options.state}.dead-letters`),
    stream: { reorderHours: options.reorderHours },
    saves: { saveEvery: 5, alertWithin: 2 },
    now: () => NOW,
    hook: (step) => {
      if (step === options.step && --left === 0) process.kill(process.pid, 'SIGKILL')
    },
  })
  const { begin } = deliver(engine, (alerts) => {
    appendFileSync(`${options.state}.wire`, alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(''))
  })
  await engine.start()
  begin()
  process.stdout.write('started\n')
  await readToEnd(engine)
  await engine.save()
  await until(() => engine.outbox.delivered('wire') === engine.outbox.newest, 'delivering all')
  await engine.stop()
  process.stdout.write('done\n')
}

/** Notes what it is told in a file. */
class ToldSource extends BrokerSource {
  readonly #file: string

  constructor(broker: Broker, { state }: CrashOptions) {
    super(broker, { batch: 3 })
    this.#file = `${state}.told`
  }

  override async saved(positions: ReadonlyMap<string, string>): Promise<void> {
    appendFileSync(this.#file, `${JSON.stringify([...positions])}\n`)
  }
}

function readBroker(file: string): Broker {
  const broker = new Broker()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue
    const [partition, body, enqueued] = JSON.parse(line) as [string, string, number]
    broker.send(partition, [{ body, enqueued }])
  }
  return broker
}

await run(JSON.parse(process.argv[2]!) as CrashOptions)
