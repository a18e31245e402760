import { afterEach, expect, vi } from 'vitest'
import type { Message, Source, SourcePort } from '../../src/daemon/source.js'
import type { Pace } from '../../src/sources/event-hubs/pace.js'
import { type EventHubsSettings, EventHubsSource, source } from '../../src/sources/event-hubs.js'
import { EventHubsServer } from '../support/event-hubs-server/server.js'
import { NotingPort } from '../support/noting-port.js'
import { type NotingSurroundings, surroundings } from '../support/surroundings.js'

/** The real pace divided by twenty or so. */
export const QUICK: Pace = {
  wait: 100,
  gather: 5,
  silence: 5_000,
  look: 200,
  firstPause: 40,
  longestPause: 200,
  closing: 200,
  retries: { maxRetries: 1, retryDelayInMs: 50, timeoutInMs: 1_000 },
}

/** Notes what a source tells, and keeps it waiting while it is told to. */
export class RecordingPort extends NotingPort implements SourcePort {
  readonly positions = new Map<string, string>()
  readonly taken: { partition: string; message: Message }[] = []
  readonly assigned: (readonly string[])[] = []
  /** Set while there is no room. */
  full = false
  /** Thrown by the next `take`, against the contract. */
  failure: Error | undefined
  #waiting: (() => void)[] = []

  position(partition: string): string | undefined {
    return this.positions.get(partition)
  }

  async assign(partitions: readonly string[]): Promise<void> {
    this.assigned.push(partitions)
  }

  async take(partition: string, messages: readonly Message[]): Promise<void> {
    const { failure } = this
    this.failure = undefined
    if (failure) throw failure
    this.taken.push(...messages.map((message) => ({ partition, message })))
    if (this.full) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** There is room again. */
  drain(): void {
    this.full = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** What was taken, as text, in order. */
  get texts(): string[] {
    return this.taken.map(({ message }) => message.body.toString())
  }
}

const running: { stop(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
}, 30_000)

/** A server that goes away with the test. */
export async function serve(
  options?: ConstructorParameters<typeof EventHubsServer>[0],
): Promise<EventHubsServer> {
  const server = await new EventHubsServer(options).listen()
  running.unshift({ stop: () => server.away() })
  return server
}

/** The environment variable in which the connection string of a server stands. */
export function secretOf(server: EventHubsServer): string {
  return `HUB_${server.port}`
}

/** Settings by which a source reaches the server. */
export function settingsFor(
  server: EventHubsServer,
  more: Partial<EventHubsSettings> = {},
): EventHubsSettings {
  const env = secretOf(server)
  vi.stubEnv(env, server.connectionString)
  const authentication = { kind: 'connection-string', connection_string: { env } }
  return source.settings.parse({ hub: server.hub, authentication, ...more })
}

/** A source that reads from the server; stopped with the test. */
export async function read(
  server: EventHubsServer,
  {
    port = new RecordingPort(),
    pace = {},
    settings = {},
  }: { port?: RecordingPort; pace?: Partial<Pace>; settings?: Partial<EventHubsSettings> } = {},
): Promise<{ port: RecordingPort; source: Source; around: NotingSurroundings }> {
  const around = surroundings()
  const reading = new EventHubsSource('logs', settingsFor(server, settings), around, { ...QUICK, ...pace })
  running.unshift(reading)
  await reading.start(port)
  return { port, source: reading, around }
}

/** Waits until something is so. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 25_000, interval: 10 })
}

/** Waits until the port has taken these texts, in this order, each once. */
export async function untilTaken(port: RecordingPort, texts: readonly string[]): Promise<void> {
  await until(() => expect(port.taken.length).toBeGreaterThanOrEqual(texts.length))
  expect(port.texts).toEqual(texts)
}

/** `event 3`, `event 4`, ... */
export function events(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `event ${from + index}`)
}

/** Enqueues `event 3`, `event 4`, ... */
export function enqueue(server: EventHubsServer, from: number, to: number, partition = '0'): void {
  for (const text of events(from, to)) server.enqueue(partition, text)
}
