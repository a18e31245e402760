import { describe, expect, it } from 'vitest'
import type { EventHubsServer } from '../support/event-hubs-server/server.js'
import { enqueue, events, RecordingPort, read, serve, until, untilTaken } from './support.js'

/** Each takes a link or connection away, or makes the server deaf for a time, after which all is well again. */
const FAULTS: readonly {
  fault: string
  begin(server: EventHubsServer): unknown
  end?(server: EventHubsServer): unknown
}[] = [
  {
    fault: 'its link is detached by force',
    begin: (server) => server.detach('0', 'amqp:link:detach-forced'),
  },
  { fault: 'the hub is busy', begin: (server) => server.detach('0', 'com.microsoft:server-busy') },
  { fault: 'the hub has an internal error', begin: (server) => server.detach('0', 'amqp:internal-error') },
  { fault: 'sockets are lost', begin: (server) => server.loseSockets() },
  { fault: 'connections are closed by force', begin: (server) => server.closeConnections() },
  {
    fault: 'the listener is away, longer than the client itself tries',
    begin: (server) => server.away(),
    end: (server) => server.listen(),
  },
  {
    fault: '$cbs is silent',
    begin: (server) => silence(server, 'cbs'),
    end: (server) => server.faults.silent.clear(),
  },
  {
    fault: '$management is silent',
    begin: (server) => silence(server, 'management'),
    end: (server) => server.faults.silent.clear(),
  },
  {
    fault: 'its right is taken away for a time',
    begin: (server) => server.revoke(),
    end: (server) => {
      server.faults.tokensRefused = false
    },
  },
]

/** Sockets are lost, and what is asked on new ones is not answered. */
function silence(server: EventHubsServer, what: 'cbs' | 'management'): void {
  server.faults.silent.add(what)
  server.loseSockets()
}

const NEEDS_END = FAULTS.filter(({ end, fault }) => end && !fault.startsWith('$management'))

describe('nothing is lost or taken twice', () => {
  it.each(FAULTS)('when $fault while nothing happens', async ({ begin, end }) => {
    const server = await serve()
    enqueue(server, 0, 4)
    const { port } = await read(server)
    await untilTaken(port, events(0, 4))
    await begin(server)
    enqueue(server, 5, 9)
    await end?.(server)
    await untilTaken(port, events(0, 9))
    expect(port.gaps).toEqual([])
  })

  it.each(FAULTS)('when $fault in the middle of a batch', async ({ begin, end }) => {
    const server = await serve()
    enqueue(server, 0, 49)
    const port = new RecordingPort()
    port.full = true
    await read(server, { port })
    await until(() => expect(port.taken.length).toBeGreaterThan(0))
    await begin(server)
    enqueue(server, 50, 99)
    await end?.(server)
    port.drain()
    await untilTaken(port, events(0, 99))
    expect(port.gaps).toEqual([])
  })

  it.each(NEEDS_END)('when $fault until the loss was told', async ({ begin, end }) => {
    const server = await serve()
    const { port } = await read(server)
    await until(() => expect(port.connections.at(-1)?.up).toBe(true))
    await begin(server)
    enqueue(server, 0, 9)
    await until(() => expect(port.connections.at(-1)?.up).toBe(false))
    await end!(server)
    await untilTaken(port, events(0, 9))
    await until(() => expect(port.connections.at(-1)?.up).toBe(true))
  })

  it('and how much is unread is not known while a partition can not be read', async () => {
    const server = await serve()
    const { port } = await read(server)
    await until(() => expect(port.unread.get('logs/0')).toBe(0))
    await server.away()
    await until(() => expect(port.unread.get('logs/0')).toBeUndefined())
    await server.listen()
    await until(() => expect(port.unread.get('logs/0')).toBe(0))
  })

  it('when each event comes several times', async () => {
    const server = await serve()
    server.faults.repeats = 2
    enqueue(server, 0, 49)
    const { port, around } = await read(server)
    await untilTaken(port, events(0, 49))
    await until(() => expect(around.counts.get('repeated')).toBeGreaterThanOrEqual(100))
    expect(port.texts).toEqual(events(0, 49))
  })

  it('when a new link begins before the position it asked for', async () => {
    const server = await serve()
    enqueue(server, 0, 9)
    const { port, around } = await read(server)
    await untilTaken(port, events(0, 9))
    server.faults.rewind = 6
    server.detach('0', 'amqp:link:detach-forced')
    enqueue(server, 10, 14)
    await untilTaken(port, events(0, 14))
    expect(around.counts.get('repeated')).toBe(6)
  })

  it('when the port throws what the client takes for an error that may be retried', async () => {
    const server = await serve()
    enqueue(server, 0, 29)
    const port = new RecordingPort()
    port.failure = Object.assign(new Error('a nested error of the SDK'), { retryable: true })
    await read(server, { port })
    await untilTaken(port, events(0, 29))
  })

  it('when partitions fail one after the other', async () => {
    const server = await serve({ partitions: 3 })
    const { port } = await read(server)
    await until(() => expect(port.connections.at(-1)?.up).toBe(true))
    for (const partition of ['0', '1', '2', '0']) {
      server.detach(partition, 'amqp:link:detach-forced')
      server.enqueue(partition, `of ${partition}`)
    }
    await until(() => expect(port.texts.sort()).toEqual(['of 0', 'of 0', 'of 1', 'of 2']))
  })
})

describe('messages that are gone', () => {
  it('are told with the first and last of them, after an outage longer than the retention', async () => {
    const server = await serve()
    enqueue(server, 0, 9)
    const { port } = await read(server)
    await untilTaken(port, events(0, 9))
    await server.away()
    enqueue(server, 10, 39)
    server.log('0').expire(25)
    await server.listen()
    await untilTaken(port, [...events(0, 9), ...events(25, 39)])
    expect(port.gaps).toEqual([
      { partition: 'logs/0', from: '10', to: '24', detail: expect.stringContaining('15 messages') },
    ])
  })

  it('are told where the hub refuses a position that is too old', async () => {
    const server = await serve()
    server.faults.refuseExpired = true
    enqueue(server, 0, 39)
    server.log('0').expire(25)
    const port = new RecordingPort()
    port.positions.set('logs/0', '9/576')
    await read(server, { port })
    await untilTaken(port, events(25, 39))
    expect(port.gaps).toMatchObject([{ from: '10', to: '24' }])
  })

  it('are told where sequence numbers jump in the middle', async () => {
    const server = await serve()
    enqueue(server, 0, 1)
    server.log('0').leaveOut(1)
    enqueue(server, 3, 3)
    const { port } = await read(server)
    await untilTaken(port, ['event 0', 'event 1', 'event 3'])
    expect(port.gaps).toMatchObject([{ from: '2', to: '2' }])
  })

  it('are told where the hub was made anew, which is then read from its start', async () => {
    const server = await serve()
    enqueue(server, 0, 3)
    const port = new RecordingPort()
    port.positions.set('logs/0', '9/576')
    await read(server, { port })
    await untilTaken(port, events(0, 3))
    expect(port.gaps).toMatchObject([{ from: '10', to: 'unknown' }])
  })

  it('are not told for what came before the first start', async () => {
    const server = await serve()
    enqueue(server, 0, 9)
    server.log('0').expire(5)
    const { port } = await read(server)
    await untilTaken(port, events(5, 9))
    expect(port.gaps).toEqual([])
  })
})

describe('access', () => {
  it('that is refused is told in words, and asked for again', async () => {
    const server = await serve()
    server.faults.tokensRefused = true
    server.enqueue('0', 'event')
    const { port } = await read(server)
    await until(() => expect(port.connections[0]?.detail).toMatch(/^access is refused: .*InvalidSignature/))
    server.faults.tokensRefused = false
    await untilTaken(port, ['event'])
  })

  it('that is revoked in mid-run ends nothing but the reading', async () => {
    const server = await serve()
    const { port } = await read(server)
    await until(() => expect(port.connections.at(-1)?.up).toBe(true))
    server.revoke()
    await until(() => expect(port.connections.at(-1)?.detail).toMatch(/^partition 0: access is refused/))
    expect(port.connections.at(-1)?.up).toBe(false)
    expect(port.fatals).toEqual([])
  })
})
