import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Producer } from 'kafkajs'
import { riskyServicePrincipal, servicePrincipalSignIn } from '../src/simulate/records/index.js'
import { createTopic, fill, producing } from './broker.js'
import { daemonConfig } from './daemon-tasks.js'

const CLI = join(import.meta.dirname, '..', 'src', 'cli.js')

/** Records of one message, as of one agent's category; and agents that sign in in turn. */
const RECORDS_A_MESSAGE = 20
const AGENTS = 2_000
/** Messages are sent together once in so many milliseconds. */
const TICK = 100
/** Between two records that raise an alert, in ticks. */
const TICKS_AN_ALERT = 4
/** Alerts before these are of a daemon that is still getting up to speed. */
const WARM_UP = 10

export interface Latency {
  /** Milliseconds from handing a record to the producer until its alert arrived at a webhook, ascending. */
  readonly milliseconds: readonly number[]
  /** Records a second that were sent meanwhile. */
  readonly rate: number
}

const actors = Array.from({ length: AGENTS }, (_, number) => ({
  servicePrincipalId: randomUUID(),
  servicePrincipalName: `bench-agent-${number}`,
  appId: randomUUID(),
  keyId: randomUUID(),
}))

/** Receives alerts, and notes when each agent's arrived. */
class Receiver {
  readonly arrived = new Map<string, number>()
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    response.end()
    const { agentId } = JSON.parse(Buffer.concat(chunks).toString()) as { agentId: string }
    if (!this.arrived.has(agentId)) this.arrived.set(agentId, performance.now())
  })

  async open(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/**
 * The time from produce to alert: a daemon in a process of its own reads a topic to which so many records a second are
 * sent; among them, each of an agent of its own, records that always raise an alert.
 */
export async function latency(
  address: string,
  folder: string,
  rate: number,
  alerts: number,
): Promise<Latency> {
  const receiver = new Receiver()
  const url = await receiver.open()
  await createTopic(address, 'latency')
  const sink = { kind: 'webhook', url, allow_http: true, allow_private: true }
  const config = await daemonConfig(folder, address, 'latency', sink)
  const daemon = spawn(process.execPath, [CLI, 'run', '--allow-unpatched-node', '--config', config], {
    stdio: 'inherit',
  })
  try {
    return await producing(address, async (producer) => {
      await untilAlerting(producer, receiver, daemon)
      return measure(producer, receiver, rate, alerts + WARM_UP)
    })
  } finally {
    daemon.kill('SIGKILL')
    receiver.close()
  }
}

async function untilAlerting(producer: Producer, receiver: Receiver, daemon: ChildProcess): Promise<void> {
  while (receiver.arrived.size === 0) {
    if (daemon.exitCode !== null) throw new Error(`the daemon ended with code ${daemon.exitCode}`)
    await fill(producer, 'latency', [alarming(randomUUID())])
    await pause(1_000)
  }
}

async function measure(
  producer: Producer,
  receiver: Receiver,
  rate: number,
  alerts: number,
): Promise<Latency> {
  const sent = new Map<string, number>()
  const start = performance.now()
  let records = 0
  for (let tick = 0; sent.size < alerts; tick++) {
    const late = performance.now() - start - tick * TICK
    if (late < 0) await pause(-late)
    const due = Math.round(((tick + 1) * TICK * rate) / 1_000)
    const texts = ordinary(records, due)
    records = due
    if (tick % TICKS_AN_ALERT === 0) {
      const agent = randomUUID()
      texts.push(alarming(agent))
      sent.set(agent, performance.now())
    }
    await fill(producer, 'latency', texts)
  }
  const seconds = (performance.now() - start) / 1_000
  const wanted = [...sent].slice(WARM_UP)
  while (wanted.some(([agent]) => !receiver.arrived.has(agent))) await pause(10)
  const milliseconds = wanted.map(([agent, time]) => receiver.arrived.get(agent)! - time)
  return { milliseconds: milliseconds.sort((a, b) => a - b), rate: records / seconds }
}

/** Sign-ins from number `from` up to `to`, in messages. */
function ordinary(from: number, to: number): string[] {
  const texts: string[] = []
  for (let first = from; first < to; first += RECORDS_A_MESSAGE) {
    const last = Math.min(to, first + RECORDS_A_MESSAGE)
    const numbers = Array.from({ length: last - first }, (_, index) => first + index)
    texts.push(JSON.stringify({ records: numbers.map(signIn) }))
  }
  return texts
}

function signIn(number: number): unknown {
  const ids = { id: randomUUID(), correlationId: randomUUID() }
  return servicePrincipalSignIn({ time: Date.now(), ...ids, ...actors[number % AGENTS]! })
}

/** A record that raises an alert by itself, whatever is known of the agent. */
function alarming(subjectId: string): string {
  const risk = { riskState: 'confirmedCompromised', riskLevel: 'high' }
  return JSON.stringify({ records: [riskyServicePrincipal({ time: Date.now(), subjectId, ...risk })] })
}
