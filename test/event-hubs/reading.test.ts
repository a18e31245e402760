import rhea from 'rhea'
import { describe, expect, it } from 'vitest'
import { enqueue, events, RecordingPort, read, serve, until, untilTaken } from './support.js'

const { types, message } = rhea

/** What publishers may send, by the sections of AMQP, and what the intake is given. */
const BODIES = [
  { body: message.data_section(Buffer.from([0xff, 0x00])), bytes: Buffer.from([0xff, 0x00]) },
  {
    body: message.data_sections([Buffer.from('{"a"'), Buffer.from(':1}')]),
    bytes: Buffer.from('{"a":1}'),
  },
  { body: message.data_section(Buffer.alloc(0)), bytes: Buffer.alloc(0) },
  { body: null, bytes: Buffer.alloc(0) },
  { body: '{"a":1}', bytes: Buffer.from('{"a":1}') },
  { body: 5, bytes: Buffer.from('5') },
  { body: { a: { b: true } }, bytes: Buffer.from('{"a":{"b":true}}') },
  // The largest number of AMQP, which JSON does not know.
  { body: types.wrap_ulong(Buffer.alloc(8, 0xff)), bytes: expect.any(Buffer) },
  { body: message.sequence_section([1, 'two']), bytes: Buffer.from('[1,"two"]') },
  { body: message.sequence_sections([[1], ['two']]), bytes: Buffer.from('[[1],["two"]]') },
  { body: message.data_section(Buffer.from('after them')), bytes: Buffer.from('after them') },
]

describe('an Event Hubs source', () => {
  it('reads every partition from its earliest event', async () => {
    const server = await serve({ partitions: 3 })
    for (const partition of ['0', '1', '2']) server.enqueue(partition, `of ${partition}`)
    const { port } = await read(server)
    await until(() => expect(port.taken.length).toBe(3))
    expect(port.taken.map(({ partition, message }) => `${partition} ${message.body}`).sort()).toEqual([
      'logs/0 of 0',
      'logs/1 of 1',
      'logs/2 of 2',
    ])
    expect(port.assigned).toEqual([['logs/0', 'logs/1', 'logs/2']])
  })

  it('goes on after the position of the state', async () => {
    const server = await serve()
    enqueue(server, 0, 9)
    const first = await read(server)
    await untilTaken(first.port, events(0, 9))
    await first.source.stop()
    const port = new RecordingPort()
    port.positions.set('logs/0', first.port.taken[6]!.message.position)
    await read(server, { port })
    await untilTaken(port, events(7, 9))
    expect(port.gaps).toEqual([])
  })

  it('tells when the broker took a message in', async () => {
    const server = await serve()
    server.enqueue('0', 'event', Date.UTC(2026, 9, 1, 8, 30))
    const { port } = await read(server)
    await until(() => expect(port.taken[0]?.message.enqueued).toBe(Date.UTC(2026, 9, 1, 8, 30)))
  })

  it('finds partitions that are added later', async () => {
    const server = await serve()
    const { port } = await read(server)
    await until(() => expect(port.assigned).toEqual([['logs/0']]))
    server.addPartitions(1)
    server.enqueue('1', 'new')
    await untilTaken(port, ['new'])
    expect(port.assigned.at(-1)).toEqual(['logs/0', 'logs/1'])
  })

  it('tells how many messages are unread, and that none is', async () => {
    const server = await serve()
    enqueue(server, 0, 99)
    const port = new RecordingPort()
    port.full = true
    await read(server, { port })
    await until(() => expect(port.unread.get('logs/0')).toBeGreaterThan(50))
    port.drain()
    await until(() => expect(port.unread.get('logs/0')).toBe(0))
  })

  it('tells that the hub is reached', async () => {
    const server = await serve({ partitions: 2 })
    const { port } = await read(server)
    await until(() => expect(port.connections.at(-1)).toEqual({ up: true, detail: '2 partitions' }))
  })

  it('takes a message of a megabyte', async () => {
    const server = await serve()
    const text = 'x'.repeat(1_000_000)
    server.enqueue('0', text)
    const { port } = await read(server)
    await untilTaken(port, [text])
  })

  it('makes bytes of every body, and goes on', async () => {
    const server = await serve()
    for (const { body } of BODIES) server.enqueue('0', { body })
    const { port } = await read(server)
    await until(() => expect(port.taken.length).toBe(BODIES.length))
    expect(port.taken.map(({ message }) => message.body)).toEqual(BODIES.map(({ bytes }) => bytes))
  })
})
