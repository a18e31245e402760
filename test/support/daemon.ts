import { AgentSelector, Inventory } from '../../src/agents/inventory.js'
import type { DeadLetters } from '../../src/daemon/dead-letter-file.js'
import { Engine, type EngineOptions } from '../../src/daemon/engine.js'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import type { DeadLetter } from '../../src/replay/dead-letters.js'
import { StateStore } from '../../src/state/store.js'
import { NOW } from './now.js'

/** All workload identities are agents. */
export const SELECTOR = new AgentSelector('workloads', new Inventory([]))

/** Dead letters in memory: `written` are those that were flushed. */
export class Letters implements DeadLetters {
  readonly written: DeadLetter[] = []
  #added: DeadLetter[] = []

  get pending(): number {
    return this.#added.length
  }

  add(letter: DeadLetter): void {
    this.#added.push(letter)
  }

  async flush(): Promise<void> {
    this.written.push(...this.#added)
    this.#added = []
  }
}

/** An engine with what tests mostly want; `wire` is what was delivered, in order. */
export interface TestDaemon {
  readonly engine: Engine
  readonly letters: Letters
  readonly wire: OutgoingAlert[]
  /** Resolves once all is scored, saved and delivered. */
  settled(): Promise<void>
}

export type DaemonOptions = Partial<EngineOptions> & Pick<EngineOptions, 'sources' | 'detections'>

/** Makes an engine over a state directory, and delivers its alerts to `wire` as soon as they are on disk. */
export function daemon(directory: string, options: DaemonOptions): TestDaemon {
  const letters = new Letters()
  const wire: OutgoingAlert[] = []
  const engine = new Engine({
    store: new StateStore(directory),
    selector: SELECTOR,
    sinks: ['wire'],
    deadLetters: letters,
    saves: { saveEvery: 20, alertWithin: 5 },
    queues: { patience: 5_000 },
    now: () => NOW,
    ...options,
  })
  const { delivered } = deliver(engine, (alerts) => wire.push(...alerts))
  const settled = async () => {
    await readToEnd(engine)
    await engine.save()
    await until(() => delivered() === engine.outbox.newest, 'delivering all')
  }
  return { engine, letters, wire, settled }
}

export interface Delivering {
  /** The sequence number of the last alert that was delivered. */
  readonly delivered: () => number
  /** Delivers what an earlier run has left; once the engine has started. */
  readonly begin: () => void
}

/** Delivers all that comes into the outbox to the sink `wire`: `take` gets each alert once it is on disk. */
export function deliver(engine: Engine, take: (alerts: readonly OutgoingAlert[]) => void): Delivering {
  let running = Promise.resolve()
  let cursor = 0
  const drain = async () => {
    for (;;) {
      cursor = Math.max(cursor, engine.outbox.delivered('wire'))
      const entries = await engine.outbox.read(cursor, 100)
      if (entries.length === 0) return
      take(entries.map(({ alert }) => alert))
      cursor = entries.at(-1)!.sequence
      engine.outbox.advance('wire', cursor)
    }
  }
  const begin = () => {
    running = running.then(drain)
  }
  engine.outbox.onNew(begin)
  return { delivered: () => Math.max(cursor, engine.outbox.delivered('wire')), begin }
}

/** Resolves once a condition holds; looked at again and again. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const end = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what} did not come to hold within 20 s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves once all that the sources have is scored. */
export async function readToEnd(engine: Engine): Promise<void> {
  await until(() => isAtEnd(engine), 'reading to the end')
}

/** Whether all that the sources have is scored. */
export function isAtEnd(engine: Engine): boolean {
  const { partitions, queueBytes } = engine.status()
  return queueBytes === 0 && partitions.every(({ behind, assigned }) => behind === 0 || !assigned)
}
