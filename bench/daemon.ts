import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { loadDetections } from '../src/detections/load.js'
import { messages, simulate } from '../src/simulate/index.js'
import { KafkaBroker } from '../test/support/kafka-broker.js'
import { createTopic, type Filled, fill, producing } from './broker.js'
import { inChild, middle } from './child.js'
import { bareConsumer, daemonConfig, type Reading, wholeDaemon } from './daemon-tasks.js'
import { latency } from './latency.js'
import { atLeast, figure, type Line, lineText } from './report.js'
import { type StateFigures, stateFigures } from './state.js'

/**
 * The daemon with a real Kafka broker: how fast it reads against a consumer that only parses, how soon alerts come,
 * and what restarts and saves cost. Each measurement runs in a process of its own, one after the other.
 */
const SCRIPT = fileURLToPath(import.meta.url)

const DAY_MS = 24 * 60 * 60_000
const ROUNDS = 3
/** About two hundred thousand records, half a gigabyte: enough that getting up to speed counts for little. */
const WORLD = { agents: 400, days: 8, seed: 4, attacks: 'all' } as const
const RATE = 2_000
const ALERTS = 100
const AGENTS = 100_000
const CHANGED = 10_000
const THROUGHPUT = 0.6

const byName: Record<string, (...args: string[]) => Promise<unknown>> = {
  bareConsumer: (address, topic, count) => bareConsumer(address!, topic!, Number(count)),
  wholeDaemon: (file, count) => wholeDaemon(file!, Number(count)),
  stateFigures: (agents, changed) => stateFigures(Number(agents), Number(changed)),
}

function print(line: Line): void {
  console.log(lineText(line))
}

/** Records of the last days, in messages as Entra's. */
function* history(): Iterable<string> {
  const start = Math.floor(Date.now() / DAY_MS) * DAY_MS - WORLD.days * DAY_MS
  for (const { text } of messages(simulate({ ...WORLD, start }))) yield text
}

async function throughput(address: string, folder: string): Promise<void> {
  const topic = 'history'
  await createTopic(address, topic)
  const filled = await producing(address, (producer) => fill(producer, topic, history()))
  console.log(`\nThroughput: ${described(filled)}`)
  const bare: Reading[] = []
  const whole: Reading[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const count = String(filled.messages)
    bare.push(await inChild(SCRIPT, 'bareConsumer', address, topic, count))
    const own = await mkdtemp(join(folder, 'daemon-'))
    const sink = { kind: 'file', path: join(own, 'alerts.ndjson') }
    // Not in the group of the round before, which for a while still waits for its member.
    const file = await daemonConfig(own, address, topic, sink)
    whole.push(await inChild(SCRIPT, 'wholeDaemon', file, count))
  }
  const speed = (readings: readonly Reading[]) =>
    filled.records / middle(readings.map(({ seconds }) => seconds))
  const rate = (readings: readonly Reading[]) => `${(speed(readings) / 1_000).toFixed(1)} k/s`
  const cpu = (readings: readonly Reading[]) => middle(readings.map((one) => one.cpu))
  print(figure('consumer that only parses', rate(bare)))
  print(figure(`daemon (${whole[0]!.alerts} alerts open)`, rate(whole)))
  print(figure('processor time, consumer / daemon', (cpu(bare) / cpu(whole)).toFixed(2)))
  print(atLeast(`daemon / consumer, medians of ${ROUNDS}`, speed(whole) / speed(bare), THROUGHPUT))
}

function described({ messages: count, records, bytes }: Filled): string {
  return `${records} records in ${count} messages of ${(bytes / count / 1_000).toFixed(0)} kB`
}

async function alertTime(address: string, folder: string): Promise<void> {
  const { milliseconds, rate } = await latency(address, folder, RATE, ALERTS)
  console.log(`\nFrom produce to alert, ${milliseconds.length} alerts at ${rate.toFixed(0)} records a second`)
  const at = (share: number) => milliseconds[Math.ceil(share * milliseconds.length) - 1]!
  print(figure('median', `${at(0.5).toFixed(0)} ms`))
  print(figure('99 of 100', `${at(0.99).toFixed(0)} ms`))
}

async function state(): Promise<void> {
  const figures = await inChild<StateFigures>(SCRIPT, 'stateFigures', String(AGENTS), String(CHANGED))
  const { stateBytes, restart, restartCpu, save, blocked, saveCpu, saveBytes, longestSlice } = figures
  console.log(`\nState: ${AGENTS} agents, ${(stateBytes / 1e6).toFixed(0)} MB on disk`)
  print(figure('restart, of which processor', `${restart.toFixed(1)} / ${restartCpu.toFixed(1)} s`))
  print(
    figure(`save of ${CHANGED} changed agents`, `${save.toFixed(2)} s, ${(saveBytes / 1e6).toFixed(0)} MB`),
  )
  print(figure('of which nothing is scored', `${blocked.toFixed(2)} s`))
  print(figure('processor', `${saveCpu.toFixed(2)} s`))
  print(figure('longest time without the event loop', `${longestSlice.toFixed(0)} ms`))
}

async function main(): Promise<void> {
  const start = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'agentwarden-bench-'))
  const broker = await KafkaBroker.start()
  try {
    console.log(`Node ${process.version}, ${(await loadDetections()).length} detections`)
    await throughput(broker.address, folder)
    await alertTime(broker.address, folder)
  } finally {
    await broker.remove()
    await rm(folder, { recursive: true })
  }
  await state()
  console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s`)
}

const [task, ...args] = process.argv.slice(2)
if (task === undefined) await main()
else process.send!(await byName[task]!(...args), () => process.disconnect())
