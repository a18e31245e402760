import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentSelector, Inventory } from '../src/agents/inventory.js'
import { AlertFeed } from '../src/daemon/alert-feed.js'
import { NO_POLICY } from '../src/daemon/alert-policy.js'
import { DEFAULT_OUTBOX, DurableOutbox } from '../src/daemon/durable-outbox.js'
import { Pipeline } from '../src/daemon/pipeline.js'
import { DEFAULT_QUEUES, PartitionQueues } from '../src/daemon/queues.js'
import { SaveCycle } from '../src/daemon/save-cycle.js'
import { loadRecord, type SavedParts } from '../src/daemon/saved-state.js'
import type { Detection } from '../src/detections/detection.js'
import { loadDetections, PACK } from '../src/detections/load.js'
import { StateStore } from '../src/state/store.js'
import { benchAgents, quietRows, rowsOfHour, steadyRows, WINDOW_DAYS } from './agent-rows.js'
import { cpuSeconds } from './child.js'

/** Hours between two saves while the state is filled: most of it is then written several times over. */
const SAVE_HOURS = 72

/** What a restart and a save of the daemon take. */
export interface StateFigures {
  readonly agents: number
  readonly stateBytes: number
  /** Seconds until all is loaded and checked. */
  readonly restart: number
  /** Of which the processor worked for us; the same of a save. */
  readonly restartCpu: number
  readonly saveCpu: number
  readonly changed: number
  /** Seconds of a save of so many changed agents, of which `blocked` scored nothing; and its bytes. */
  readonly save: number
  readonly blocked: number
  readonly saveBytes: number
  /** The longest time in which the event loop could not run during that save, in milliseconds. */
  readonly longestSlice: number
}

/**
 * Measures the state of so many agents that sign in once or twice a day, of whom some work six times as much, after 13
 * days of them; all detections of the pack are on.
 */
export async function stateFigures(agents: number, changed: number): Promise<StateFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'agentwarden-bench-'))
  try {
    const detections = await loadDetections(PACK)
    const first = partsIn(folder, detections)
    await first.store.open()
    first.pipeline.begin()
    const all = benchAgents(agents)
    for (let hour = 0; hour < WINDOW_DAYS * 24; hour++) {
      for (const row of rowsOfHour(all, quietRows, hour)) first.pipeline.stream.add(row)
      if (hour % SAVE_HOURS === 0) await saved(first.cycle)
    }
    await saved(first.cycle)
    await first.store.close()
    const restarted = performance.now()
    const restartCpu = cpuSeconds()
    const second = partsIn(folder, detections)
    await second.store.open((key, value) => loadRecord(key, value, second.parts))
    const restart = (performance.now() - restarted) / 1_000
    const restartUsed = cpuSeconds() - restartCpu
    second.pipeline.begin()
    const some = all.slice(0, changed)
    for (let hour = 0; hour < 8; hour++)
      for (const row of rowsOfHour(some, steadyRows, WINDOW_DAYS * 24 + hour)) second.pipeline.stream.add(row)
    const saveCpu = cpuSeconds()
    const longestSlice = await longestPause(() => saved(second.cycle))
    const cpu = { restartCpu: restartUsed, saveCpu: cpuSeconds() - saveCpu }
    const { seconds, blocked, bytes } = second.cycle.last
    const stateBytes = await second.store.bytes()
    await second.store.close()
    const save = { save: seconds, blocked, saveBytes: bytes, longestSlice }
    return { agents, stateBytes, restart, changed, ...save, ...cpu }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function partsIn(folder: string, detections: readonly Detection[]) {
  const store = new StateStore(folder)
  const feed = new AlertFeed()
  const now = Date.now
  const monotonic = () => performance.now()
  const deadLetters = { pending: 0, add: () => {}, flush: async () => {} }
  const selector = new AgentSelector('workloads', new Inventory([]))
  const pipeline = new Pipeline({ detections, selector, deadLetters, feed, now })
  const queues = new PartitionQueues(DEFAULT_QUEUES, monotonic)
  const outbox = new DurableOutbox(store, [], DEFAULT_OUTBOX, () => {})
  const parts: SavedParts = { stream: pipeline.stream, feed, queues, outbox, policy: NO_POLICY }
  const cycle = new SaveCycle({
    ...{ store, deadLetters, now, monotonic, sources: [], hook: undefined },
    parts: () => parts,
    failed: (error) => {
      throw error
    },
    over: () => {},
  })
  return { store, pipeline, parts, cycle }
}

/** Saves all up to now. */
async function saved(cycle: SaveCycle): Promise<void> {
  await cycle.begin()
  await cycle.settled()
}

/** Runs work, and measures the longest time in milliseconds between two turns of the event loop. */
async function longestPause(work: () => Promise<void>): Promise<number> {
  let longest = 0
  let before = performance.now()
  let running = true
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - before)
    before = now
    if (running) setImmediate(turn)
  }
  turn()
  await work()
  running = false
  return longest
}

if (process.argv[1] === import.meta.filename) {
  const [agents = '100000', changed = '10000'] = process.argv.slice(2)
  process.stdout.write(
    `${JSON.stringify(await stateFigures(Number(agents), Number(changed)), undefined, 2)}\n`,
  )
}
