import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../src/daemon/engine.js'
import type { Detection } from '../../src/detections/detection.js'
import { loadDetections } from '../../src/detections/load.js'
import { EventHubsSource } from '../../src/sources/event-hubs.js'
import { daemon } from '../support/daemon.js'
import { writeSensitivePack } from '../support/detection-files.js'
import type { EventHubsServer } from '../support/event-hubs-server/server.js'
import { temporaryFolders } from '../support/folders.js'
import { simulatedMessages } from '../support/load.js'
import { actual, differences, expected, type Input, type Result } from '../support/oracle.js'
import { surroundings } from '../support/surroundings.js'
import { until } from '../support/until.js'
import { QUICK, serve, settingsFor } from './support.js'

const PARTITIONS = 3
const newFolder = temporaryFolders()
const messages = simulatedMessages(10)
let detections: Detection[]
let input: Input
let wanted: Result

beforeAll(async () => {
  const pack = newFolder()
  writeSensitivePack(pack)
  detections = await loadDetections(pack)
  input = { detections, messages: messages.map(({ body }) => body), stream: { reorderHours: 12 } }
  wanted = await expected(input)
})

/** A hub over whose partitions the messages are spread; every tenth comes twice, the second time in another. */
async function hub(): Promise<EventHubsServer> {
  const server = await serve({ partitions: PARTITIONS })
  for (const [index, { body, enqueued }] of messages.entries()) {
    const partitions = index % 10 === 0 ? [index, index + 1] : [index]
    for (const partition of partitions) server.enqueue(String(partition % PARTITIONS), body, enqueued)
  }
  return server
}

/** An engine that reads a hub by the real client, in small batches. Its partitions wait for one another. */
function run(folder: string, server: EventHubsServer) {
  const source = new EventHubsSource('hub', settingsFor(server, { batch: 3 }), surroundings(), QUICK)
  return daemon(folder, { sources: [source], detections, stream: input.stream, queues: { patience: 10_000 } })
}

/** Waits until all that the hub holds is scored. */
function readAll(engine: Engine, server: EventHubsServer): Promise<void> {
  const ends = Array.from({ length: PARTITIONS }, (_, at) => server.log(String(at)).lastSequence)
  const scored = () => engine.status().partitions.map(({ position }) => Number(position?.split('/')[0] ?? -1))
  return until('all is scored', () => scored().sort().join() === ends.sort().join())
}

/** Each happens several times while messages are read. */
const FAULTS: readonly [string, (server: EventHubsServer, times: number) => unknown][] = [
  [
    'links are detached',
    (server, times) => server.detach(String(times % PARTITIONS), 'amqp:link:detach-forced'),
  ],
  ['sockets are lost', (server) => server.loseSockets()],
  [
    'events are delivered again and again',
    (server, times) => {
      server.faults.repeats = 1
      server.faults.rewind = 5
      server.detach(String(times % PARTITIONS), 'com.microsoft:server-busy')
    },
  ],
  [
    'the hub goes away and comes back',
    async (server) => {
      await server.away()
      await server.listen()
    },
  ],
]

describe('the daemon on Event Hubs remembers and finds what a plain replay does', () => {
  it.each(FAULTS)('when %s', async (_, fault) => {
    const server = await hub()
    const folder = newFolder()
    const { engine, wire } = run(folder, server)
    await engine.start()
    for (let times = 1; times <= 4; times++) {
      await until('some are scored', () => engine.status().messages > (times / 5) * messages.length)
      await fault(server, times)
    }
    await readAll(engine, server)
    await engine.stop()
    expect(differences(await actual(folder, input, wire), wanted)).toEqual([])
  })

  it('when it is stopped and started anew, whatever happens meanwhile', async () => {
    const server = await hub()
    const folder = newFolder()
    const delivered = []
    for (let starts = 1; starts <= 5; starts++) {
      const { engine, wire } = run(folder, server)
      await engine.start()
      await until('some are scored', () => engine.status().messages > messages.length / 10)
      if (starts % 2 === 0) server.loseSockets()
      await engine.stop()
      delivered.push(...wire)
    }
    const { engine, wire } = run(folder, server)
    await engine.start()
    await readAll(engine, server)
    await engine.stop()
    expect(differences(await actual(folder, input, [...delivered, ...wire]), wanted)).toEqual([])
  })
})
