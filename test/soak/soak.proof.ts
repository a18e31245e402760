import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { linearRegression, mean, median } from 'simple-statistics'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { loadDetections } from '../../src/detections/load.js'
import type { DeadLetter } from '../../src/replay/dead-letters.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { temporaryFolders } from '../support/folders.js'
import { KafkaClients } from '../support/kafka/clients.js'
import { KafkaBroker } from '../support/kafka-broker.js'
import { actual, differences, expected } from '../support/oracle.js'
import { until } from '../support/until.js'
import type { Report, SoakOptions } from './daemon.js'
import { goodMessages, load, startOf } from './load.js'

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10)
const DURATION = MINUTES * 60_000
/** Simulated days: six a minute, so that windows are full after a quarter of the time. */
const DAYS = Math.min(300, Math.max(30, Math.round(6 * MINUTES)))
/** Between two bounces of the broker. */
const BOUNCE_EVERY = Math.min(300_000, Math.max(20_000, DURATION / 20))
const EVERY = 2_000
const PARTITIONS = 4
const MEGABYTE = 1024 * 1024

const repository = fileURLToPath(new URL('../..', import.meta.url))
const script = fileURLToPath(new URL('../../build/crash/test/soak/daemon.js', import.meta.url))
const newFolder = temporaryFolders()

let broker: KafkaBroker
let kafka: KafkaClients

beforeAll(async () => {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.crash.json'], { cwd: repository })
  broker = await KafkaBroker.start()
  kafka = new KafkaClients(broker.address)
  await kafka.connect()
})

afterAll(async () => {
  await kafka?.close()
  await broker?.remove()
})

/** The daemon in its process, with all that it has reported. */
class Daemon {
  readonly reports: (Report & { readonly minute: number })[] = []
  readonly #child
  readonly #started = performance.now()

  constructor(options: SoakOptions) {
    this.#child = spawn(process.execPath, [script, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    process.once('exit', () => this.#child.kill('SIGKILL'))
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#note(JSON.parse(line)))
  }

  get latest(): Report | undefined {
    return this.reports.at(-1)
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Its exit code. */
  async stop(): Promise<number | null> {
    if (!this.ended) {
      const exit = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await exit
    }
    return this.#child.exitCode
  }

  #note(report: Report): void {
    const minute = (performance.now() - this.#started) / 60_000
    const wholes = Math.floor(minute * 4) > Math.floor((this.reports.at(-1)?.minute ?? 0) * 4)
    this.reports.push({ ...report, minute })
    if (!wholes) return
    const { rss, heap, files, messages, duplicates, deadLetters, agents, stateBytes, connected } = report
    const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`
    console.log(
      `${minute.toFixed(2)} min: RSS ${megabytes(rss)}, heap ${megabytes(heap)}, ${files} files, ${messages} messages,`,
      `${duplicates} rows twice, ${deadLetters} dead letters, ${agents} agents, state ${megabytes(stateBytes)}`,
      connected ? '' : '(not connected)',
    )
  }
}

/**
 * Takes the broker away and brings it back, until it is told to stop; the next time only once the daemon reads again.
 * Resolves with the seconds that this took each time, from when the broker took connections.
 */
async function bounce(daemon: Daemon, signal: AbortSignal): Promise<readonly number[]> {
  const recoveries: number[] = []
  for (;;) {
    await pause(BOUNCE_EVERY, undefined, { signal }).catch(() => {})
    if (signal.aborted) return recoveries
    const times = recoveries.length
    await (times % 2 === 0 ? broker.kill() : broker.stop())
    await pause(times % 3 === 0 ? 5_000 : 0)
    await broker.restart()
    const back = performance.now()
    const { messages = 0 } = daemon.latest ?? {}
    const reads = () => daemon.ended || (daemon.latest!.connected && daemon.latest!.messages > messages)
    await until('the daemon reads again', () => signal.aborted || reads(), 600_000)
    recoveries.push((performance.now() - back) / 1_000)
  }
}

/** Sends until the broker has it: what it has twice then is a duplicate like others. */
async function send(
  topic: string,
  value: Buffer,
  arrival: number,
  partitions: readonly number[],
): Promise<void> {
  const messages = partitions.map((partition) => ({ value, partition, timestamp: String(arrival) }))
  for (;;) {
    try {
      await kafka.producer.send({ topic, messages, timeout: 5_000 })
      return
    } catch {
      await pause(200)
    }
  }
}

interface Sent {
  readonly messages: number
  readonly twice: number
  readonly poisons: readonly string[]
}

/** Sends the whole load, each message when it is due. */
async function sendAll(topic: string, daemon: Daemon): Promise<Sent> {
  const [began, start] = [performance.now(), startOf(DAYS)]
  const poisons: string[] = []
  let [messages, twice] = [0, 0]
  for (const { value, arrival, copies, poison } of load(DAYS)) {
    const due = began + ((arrival - start) / (DAYS * 24 * 3_600_000)) * DURATION
    const early = due - performance.now()
    if (early > 0) await pause(early)
    if (daemon.ended) throw new Error('the daemon has ended')
    const partitions = Array.from({ length: copies }, (_, copy) => (messages + copy) % PARTITIONS)
    await send(topic, value, arrival, partitions)
    messages++
    if (copies > 1) twice++
    if (poison !== undefined) poisons.push(poison)
  }
  return { messages, twice, poisons }
}

async function ends(topic: string): Promise<Map<string, number>> {
  const offsets = await kafka.admin.fetchTopicOffsets(topic)
  return new Map(offsets.map(({ partition, high }) => [`${topic}/${partition}`, Number(high)]))
}

function lines<Line>(file: string): Line[] {
  const texts = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return texts.map((text) => JSON.parse(text) as Line)
}

/** The names of the poison among dead letters, whichever way these tell their content. */
function poisonsIn(letters: readonly DeadLetter[]): Set<string> {
  const texts = letters.map(
    ({ text, base64, record }) =>
      text ?? (base64 ? Buffer.from(base64, 'base64').toString('latin1') : JSON.stringify(record)),
  )
  return new Set(texts.flatMap((text) => /poison-\d+;/.exec(text)?.[0] ?? []))
}

describe(`a daemon of which nothing is spared for ${MINUTES} minutes`, () => {
  it('loses nothing, finds what a plain replay finds, and needs no more than at first', async () => {
    const state = newFolder()
    const detections = newFolder()
    writeSensitivePack(detections)
    const topic = await kafka.createTopic(PARTITIONS)
    const daemon = new Daemon({
      state,
      detections,
      broker: broker.address,
      topic,
      reorderHours: 12,
      every: EVERY,
    })
    const over = new AbortController()
    const bouncing = bounce(daemon, over.signal)
    const sent = await sendAll(topic, daemon)
    over.abort()
    const recoveries = await bouncing
    const all = await ends(topic)
    await until(
      'all is scored',
      () => {
        if (daemon.ended) throw new Error('the daemon has ended')
        return [...all].every(([partition, end]) => daemon.latest?.next[partition] === end)
      },
      300_000,
    )
    const { reports } = daemon
    expect(await daemon.stop()).toBe(0)
    console.log(
      `${sent.messages} messages, ${sent.twice} of them twice, ${sent.poisons.length} poison, ${recoveries.length} bounces`,
    )

    if (recoveries.length > 0)
      console.log(
        `reads again after ${median([...recoveries]).toFixed(1)} s, at most ${Math.max(...recoveries).toFixed(1)} s`,
      )

    const texts = {
      *[Symbol.iterator]() {
        for (const { text } of goodMessages(DAYS)) yield text
      },
    }
    const input = {
      detections: await loadDetections(detections),
      messages: texts,
      stream: { reorderHours: 12 },
    }
    const wanted = await expected(input)
    const result = await actual(state, input, lines<Alert>(`${state}.wire`))
    console.log(`${wanted.agents.size} agents and ${wanted.alerts.length} alerts as in a plain replay`)
    expect(differences(result, wanted)).toEqual([])
    expect(result.alerts).toEqual(wanted.alerts)
    const found = poisonsIn(lines<DeadLetter>(`${state}.dead-letters`))
    expect(sent.poisons.filter((poison) => !found.has(poison))).toEqual([])

    // By then the windows of all detections are full, and the garbage of the start is collected.
    const third = (number: number) =>
      reports.slice(
        Math.floor((number * reports.length) / 3),
        Math.floor(((number + 1) * reports.length) / 3),
      )
    const later = [...third(1), ...third(2)]
    const slope = linearRegression(later.map(({ minute, rss }) => [minute, rss / MEGABYTE])).m
    const [before, after] = [third(1), third(2)].map((part) => mean(part.map(({ rss }) => rss)) / MEGABYTE)
    console.log(
      `RSS: ${slope.toFixed(2)} MB a minute; mean ${before!.toFixed(1)} MB, then ${after!.toFixed(1)} MB`,
    )
    const [filesBefore, filesAfter] = [third(1), third(2)].map((part) =>
      Math.max(...part.map(({ files }) => files)),
    )
    console.log(`open files: at most ${filesBefore}, then ${filesAfter}`)
    expect(after!).toBeLessThan(1.1 * before!)
    expect(filesAfter!).toBeLessThanOrEqual(filesBefore! + 3)
  })
})
