import { describe, expect, it } from 'vitest'
import { DEFAULT_QUEUES, PartitionQueues } from '../../src/daemon/queues.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { type DaemonOptions, daemon, readToEnd, until } from '../support/daemon.js'
import { temporaryFolders } from '../support/folders.js'
import { call, readAndSave, refused, runningIn, START } from '../support/refused-calls.js'

const newFolder = temporaryFolders()

const running = (sent: Parameters<typeof runningIn>[1], options: Partial<DaemonOptions> = {}) =>
  runningIn(newFolder(), sent, options)

describe('a source', () => {
  it('waits when there is no room, and goes on when there is', async () => {
    const sent = Array.from({ length: 100 }, (_, minute) => call(minute))
    const bytes = sent[0]!.body.length
    const most: number[] = []
    const run = running(sent, {
      queues: { maxBytes: 20 * bytes, maxPartitionBytes: 5 * bytes },
      hook: () => void most.push(run.engine.status().queueBytes),
      saves: { saveEvery: 0, alertWithin: 0 },
    })
    await readAndSave(run)
    await run.engine.stop()
    expect(run.engine.status().messages).toBe(100)
    // A batch of ten is taken as a whole.
    expect(Math.max(...most)).toBeLessThanOrEqual(15 * bytes + 100)
  })

  it('is told of positions only once they are on disk, and asked from there on', async () => {
    const run = running([call(0), call(1)], { saves: { saveEvery: 1e6, alertWithin: 1e6 } })
    await run.engine.start()
    await readToEnd(run.engine)
    expect(run.source.told.size).toBe(0)
    expect(run.source.port.position('p')).toBe('1')
    await run.engine.save()
    expect([...run.source.told]).toEqual([['p', '1']])
    expect(run.source.port.position('elsewhere')).toBeUndefined()
    await run.engine.stop()
  })

  it('that loses a partition has what waits of it dropped, and reads it from what was scored when it comes back', async () => {
    const run = running([], {})
    await run.engine.start()
    const { port } = run.source
    await port.assign(['a', 'b'])
    // Not at its end, so that `b` waits for it.
    port.behind('a', 1)
    await port.take('b', [{ body: Buffer.from(call(0).body), enqueued: START, position: '0' }])
    await port.assign(['a'])
    expect(run.engine.status().queueBytes).toBe(0)
    await port.take('b', [{ body: Buffer.from(call(0).body), enqueued: START, position: '0' }])
    await port.assign(['a', 'b'])
    expect(port.position('b')).toBeUndefined()
    await run.engine.stop()
    expect(run.engine.status().messages).toBe(0)
  })

  it('that has lost messages is told of in an alert', async () => {
    const run = running([])
    await run.engine.start()
    run.source.port.gap({ partition: 'p', from: '5', to: '9', detail: 'older than the retention' })
    await until(() => run.wire.length > 0)
    await run.engine.stop()
    expect(run.wire).toMatchObject([
      {
        detection: 'messages-lost',
        severity: 'high',
        reason: 'Messages 5 to 9 of p were gone before they could be read: older than the retention',
      },
    ])
  })

  it('shows how far it is behind, in messages and in seconds', async () => {
    const run = running([call(0)])
    await readAndSave(run)
    run.source.port.behind('p', 7)
    run.source.port.connection(false, 'gone')
    expect(run.engine.status()).toMatchObject({
      partitions: [
        { source: 'test', partition: 'p', behind: 7, behindSeconds: 24 * 3600 - 60, position: '0' },
      ],
    })
    expect(run.engine.status().connections.get('test')).toEqual({ up: false, detail: 'gone' })
    run.source.port.behind('p', 0)
    expect(run.engine.status().partitions[0]).toMatchObject({ behind: 0, behindSeconds: 0 })
    await run.engine.stop()
  })
})

describe('partitions', () => {
  it('are read by the time at which the broker took messages in, whichever comes first', async () => {
    const broker = new Broker()
    const order: string[] = []
    for (const [partition, first] of [
      ['late', 1],
      ['early', 0],
    ] as const)
      broker.send(
        partition,
        [0, 2, 4, 6].map((minute) => call(minute + first, { requestId: `${minute + first}` })),
      )
    const { engine, letters } = daemon(newFolder(), {
      sources: [new BrokerSource(broker, { batch: 1 })],
      detections: [
        { ...refused, kind: { ...refused.kind, prepare: () => (row) => void order.push(row.Id!) } },
      ],
      queues: { patience: 10_000 },
    })
    await engine.start()
    await readToEnd(engine)
    await engine.stop()
    expect(letters.written).toEqual([])
    expect(order).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  it('that were waited for, and then were at their end, are waited for anew when there is more', async () => {
    let time = 0
    const queues = new PartitionQueues({ ...DEFAULT_QUEUES, patience: 10 }, () => time)
    queues.assign('s', ['a', 'b'])
    const [a, b] = [queues.of('s', 'a'), queues.of('s', 'b')]
    await queues.take(a, [{ body: Buffer.from('1'), enqueued: 1, position: '0' }])
    await queues.take(a, [{ body: Buffer.from('2'), enqueued: 2, position: '1' }])
    queues.behind(b, 1)
    expect(queues.next()).toBe(10)
    queues.behind(b, 0)
    expect(queues.next()).toMatchObject({ message: { position: '0' } })
    time = 100
    queues.behind(b, 1)
    expect(queues.next()).toBe(10)
    time = 110
    expect(queues.next()).toMatchObject({ message: { position: '1' } })
  })

  it('that were at their end are waited for once they can not be read, but not again and again', async () => {
    let time = 0
    const queues = new PartitionQueues({ ...DEFAULT_QUEUES, patience: 10 }, () => time)
    queues.assign('s', ['a', 'b'])
    const [a, b] = [queues.of('s', 'a'), queues.of('s', 'b')]
    await queues.take(a, [{ body: Buffer.from('1'), enqueued: 1, position: '0' }])
    queues.behind(b, 0)
    queues.behind(b, undefined)
    expect(queues.next()).toBe(10)
    time = 9
    queues.behind(b, undefined)
    expect(queues.next()).toBe(1)
    time = 10
    expect(queues.next()).toMatchObject({ message: { position: '0' } })
    await queues.take(a, [{ body: Buffer.from('2'), enqueued: 2, position: '1' }])
    queues.behind(b, undefined)
    expect(queues.next()).toMatchObject({ message: { position: '1' } })
  })

  it('that bring nothing, though they are not at their end, hold the others up for a short time only', async () => {
    const run = running([call(0), call(1)], { queues: { patience: 20 } })
    await run.engine.start()
    await run.source.port.assign(['p', 'stuck'])
    run.source.port.behind('stuck', 5)
    await until(() => run.engine.status().messages === 2)
    await run.engine.stop()
  })
})
