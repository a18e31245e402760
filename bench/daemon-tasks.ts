import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { EachBatchPayload } from 'kafkajs'
import { pino } from 'pino'
import { loadConfig } from '../src/config/load.js'
import { loadContent } from '../src/daemon/assemble.js'
import { Daemon } from '../src/daemon/daemon.js'
import { kafkaAt } from './broker.js'
import { cpuSeconds } from './child.js'

/** Milliseconds between two looks at how far a daemon has got. */
const LOOK_EVERY = 5

export interface Reading {
  readonly messages: number
  /** Those that were understood: of some categories nothing is read. */
  readonly records: number
  /** From the first message to the last. */
  readonly seconds: number
  /** Seconds of the processor meanwhile, in all threads: what other programs do hardly changes it. */
  readonly cpu: number
  readonly alerts: number
}

/** Configuration of a daemon that reads one topic, has all else as by default, and its state in `folder`. */
export async function daemonConfig(
  folder: string,
  address: string,
  topic: string,
  sink: Record<string, unknown>,
): Promise<string> {
  const file = join(folder, 'agentwarden.json')
  const config = {
    state: { directory: join(folder, 'state') },
    sources: [{ kind: 'kafka', brokers: [address], topics: [topic] }],
    sinks: [sink],
    server: { enabled: false },
    log: { level: 'error' },
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

/** The least that any consumer does: parse each message. */
export async function bareConsumer(address: string, topic: string, messages: number): Promise<Reading> {
  const consumer = kafkaAt(address).consumer({ groupId: `bare-${process.pid}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let [start, used, read, records] = [0, 0, 0, 0]
  await new Promise<void>((done, failed) => {
    const eachBatch = async ({ batch }: EachBatchPayload) => {
      used ||= cpuSeconds()
      start ||= performance.now()
      for (const { value } of batch.messages) records += JSON.parse(value!.toString()).records.length
      read += batch.messages.length
      if (read === messages) done()
    }
    consumer.run({ autoCommit: false, eachBatch }).catch(failed)
  })
  const seconds = (performance.now() - start) / 1_000
  const cpu = cpuSeconds() - used
  await consumer.disconnect()
  return { messages: read, records, seconds, cpu, alerts: 0 }
}

/** The daemon of `agentwarden run`, all of it, until it has scored every message of the topic. */
export async function wholeDaemon(file: string, messages: number): Promise<Reading> {
  const config = await loadConfig(file)
  const world = { log: pino({ level: 'error' }), version: 'bench', now: Date.now }
  const daemon = new Daemon(config, await loadContent(config), world)
  await daemon.start()
  let start = performance.now()
  let used = cpuSeconds()
  for (let status = daemon.status(); status.messages < messages; status = daemon.status()) {
    if (status.messages === 0) [start, used] = [performance.now(), cpuSeconds()]
    await pause(LOOK_EVERY)
  }
  const seconds = (performance.now() - start) / 1_000
  const cpu = cpuSeconds() - used
  const { records, deadLetters, openAlerts } = daemon.status()
  await daemon.stop(60_000)
  if (deadLetters.size > 0) throw new Error(`dead letters: ${JSON.stringify([...deadLetters])}`)
  return { messages, records: sum(records), seconds, cpu, alerts: openAlerts }
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0)
}
