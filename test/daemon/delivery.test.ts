import fc from 'fast-check'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { Delivery, type DeliveryOptions } from '../../src/daemon/delivery.js'
import { type OutgoingAlert, Refused, RetryLater, type Sink } from '../../src/daemon/sink.js'
import { FakeTimers, settle } from '../support/fake-timers.js'
import { MemoryOutbox } from '../support/memory-outbox.js'
import { outgoingOnes } from '../support/outgoing.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A receiver that keeps what it gets. What happens to a call before is up to the test. */
class Receiver implements Sink {
  readonly name: string
  readonly batch: number
  readonly got: string[] = []
  calls = 0
  closed = false
  before: (alerts: readonly OutgoingAlert[], signal: AbortSignal) => void | Promise<void> = () => {}

  constructor(name: string, batch = 10) {
    this.name = name
    this.batch = batch
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    this.calls++
    await this.before(alerts, signal)
    this.got.push(...alerts.map(({ id }) => id))
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

const down = () => {
  throw new Error('connect ECONNREFUSED')
}

function hangs(_: unknown, signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const deaf = () => new Promise<void>(() => {})

function running(sinks: readonly Receiver[], more: Partial<DeliveryOptions> = {}) {
  const timers = new FakeTimers()
  const outbox = (more.outbox as MemoryOutbox | undefined) ?? new MemoryOutbox()
  const dead: string[] = []
  const delivery = new Delivery({
    sinks,
    log: pino({ level: 'silent' }),
    deadLetters: async (sink, entries, reason) => {
      dead.push(...entries.map(({ sequence }) => `${sink} ${sequence} ${reason}`))
    },
    timers,
    random: () => 0.5,
    ...more,
    outbox,
  })
  delivery.start()
  return { timers, outbox, dead, delivery }
}

const idsOf = (count: number) => outgoingOnes(count).map(({ id }) => id)

describe('delivery', () => {
  it('brings every alert to every sink in order, in batches', async () => {
    const [one, other] = [new Receiver('one', 4), new Receiver('other', 100)]
    const { outbox, delivery } = running([one, other])
    outbox.add(...outgoingOnes(10))
    await settle()
    outbox.add(...outgoingOnes(5, 11))
    await settle()
    expect(one.got).toEqual(idsOf(15))
    expect(other.got).toEqual(idsOf(15))
    expect([...outbox.cursors]).toEqual([
      ['one', 15],
      ['other', 15],
    ])
    expect(delivery.figures()[0]).toEqual({
      sink: 'one',
      delivered: 15,
      retried: 0,
      refused: 0,
      waiting: 0,
      oldest: undefined,
      failingSince: undefined,
      lastError: undefined,
    })
  })

  it('goes on where an earlier run stopped', async () => {
    const outbox = new MemoryOutbox()
    outbox.add(...outgoingOnes(5))
    outbox.cursors.set('one', 3)
    const one = new Receiver('one')
    running([one], { outbox })
    await settle()
    expect(one.got).toEqual(['alert-4', 'alert-5'])
  })

  it('asks for nothing while there is nothing', async () => {
    const { outbox, timers } = running([new Receiver('one')])
    await timers.pass(DAY)
    expect(outbox.reads).toBe(1)
    expect(timers.pending).toEqual([])
  })

  it('makes pauses that double up to a minute, of which jitter takes a part', async () => {
    const one = new Receiver('one')
    one.before = down
    const { outbox, timers } = running([one])
    outbox.add(...outgoingOnes(1))
    const pauses: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      await settle()
      pauses.push(timers.pending[0]!)
      await timers.pass(timers.pending[0]!)
    }
    // Half of 1, 2, 4, … 60 seconds, as the jitter of this run is always one half.
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('begins with the shortest pause again after a success', async () => {
    const one = new Receiver('one')
    one.before = down
    const { outbox, timers } = running([one])
    outbox.add(...outgoingOnes(1))
    await timers.pass(10 * MINUTE)
    one.before = () => {}
    await timers.pass(MINUTE)
    one.before = down
    outbox.add(...outgoingOnes(1, 2))
    await settle()
    expect(timers.pending).toEqual([500])
  })

  it('does not try a failing sink earlier because there is something new', async () => {
    const one = new Receiver('one')
    one.before = down
    const { outbox } = running([one])
    for (let count = 1; count <= 20; count++) {
      outbox.add(...outgoingOnes(1, count))
      await settle()
    }
    expect(one.calls).toBe(1)
  })

  it.each([
    ['as long as the receiver asks for', 90_000, 90_000],
    ['an hour where it asks for a year', 365 * DAY, 3_600_000],
  ])('waits %s', async (_, asked, waited) => {
    const one = new Receiver('one')
    one.before = () => {
      throw new RetryLater(asked, 'the receiver answered 429')
    }
    const { outbox, timers } = running([one])
    outbox.add(...outgoingOnes(1))
    await settle()
    expect(timers.pending).toEqual([waited])
    one.before = () => {}
    await timers.pass(waited - 1)
    expect(one.got).toEqual([])
    await timers.pass(1)
    expect(one.got).toEqual(['alert-1'])
  })

  it('brings a sink that was down for a day everything in order, while the others wait for nothing', async () => {
    const [first, broken, last] = [new Receiver('first'), new Receiver('broken', 50), new Receiver('last', 1)]
    broken.before = down
    const { outbox, timers, delivery } = running([first, broken, last])
    for (let minute = 1; minute <= 1_440; minute++) {
      outbox.add(...outgoingOnes(1, minute))
      await timers.pass(MINUTE)
      expect(first.got.length).toBe(minute)
      expect(last.got.length).toBe(minute)
    }
    // At most a minute between two attempts; half of one with this jitter.
    expect(broken.calls).toBeGreaterThanOrEqual(1_440)
    expect(broken.calls).toBeLessThan(3_000)
    expect(delivery.figures()[1]).toEqual({
      sink: 'broken',
      delivered: 0,
      retried: broken.calls,
      refused: 0,
      waiting: 1_440,
      oldest: '2026-11-20T03:12:44.120Z',
      failingSince: Date.UTC(2026, 10, 20),
      lastError: 'connect ECONNREFUSED',
    })
    broken.before = () => {}
    await timers.pass(MINUTE)
    expect(broken.got).toEqual(idsOf(1_440))
    expect(delivery.figures()[1]).toMatchObject({ delivered: 1_440, waiting: 0, failingSince: undefined })
    expect(outbox.mostRead).toBe(50)
  })

  it('puts away what a sink refuses and delivers the rest of the batch', async () => {
    const one = new Receiver('one')
    const refused = new Set(['alert-1', 'alert-3'])
    one.before = (alerts) => {
      const ids = alerts.map(({ id }) => id).filter((id) => refused.has(id))
      if (ids.length > 0) throw new Refused(new Set(ids), 'too\nlarge')
    }
    const { outbox, dead, delivery } = running([one])
    outbox.add(...outgoingOnes(4))
    await settle()
    expect(one.got).toEqual(['alert-2', 'alert-4'])
    expect(dead).toEqual(['one 1 too large', 'one 3 too large'])
    expect(outbox.delivered('one')).toBe(4)
    expect(delivery.figures()[0]).toMatchObject({ delivered: 2, refused: 2, retried: 0, waiting: 0 })
  })

  it('keeps a refused alert in the outbox until the dead letters have it', async () => {
    const one = new Receiver('one')
    one.before = () => {
      throw new Refused(new Set(['alert-1']), 'never')
    }
    let full = true
    const dead: number[] = []
    const { outbox, timers } = running([one], {
      deadLetters: async (_, entries) => {
        if (full) throw new Error('ENOSPC')
        dead.push(...entries.map(({ sequence }) => sequence))
      },
    })
    outbox.add(...outgoingOnes(1))
    await timers.pass(10 * MINUTE)
    expect(outbox.delivered('one')).toBe(0)
    full = false
    await timers.pass(MINUTE)
    expect(dead).toEqual([1])
    expect(outbox.delivered('one')).toBe(1)
  })

  it('pauses before it asks a sink again that refuses alerts it was not given', async () => {
    const one = new Receiver('one')
    one.before = () => {
      throw new Refused(new Set(['another']), 'never')
    }
    const { outbox, timers, dead } = running([one])
    outbox.add(...outgoingOnes(1))
    await settle()
    expect([one.calls, timers.pending, dead]).toEqual([1, [500], []])
  })

  it('aborts a call that hangs, and tries again', async () => {
    const [hanging, other] = [new Receiver('hanging'), new Receiver('other')]
    hanging.before = hangs
    const { outbox, timers, delivery } = running([hanging, other], { deadline: 30_000 })
    outbox.add(...outgoingOnes(3))
    await timers.pass(29_999)
    expect([hanging.calls, other.got.length]).toEqual([1, 3])
    await timers.pass(1)
    expect(delivery.figures()[0]).toMatchObject({ retried: 1, lastError: 'not done within 30 s' })
    hanging.before = () => {}
    await timers.pass(MINUTE)
    expect(hanging.got).toEqual(idsOf(3))
  })

  it('never calls a sink twice at a time, and shows one that does not even end when it is told to', async () => {
    const stuck = new Receiver('stuck')
    stuck.before = deaf
    const { outbox, timers, delivery } = running([stuck], { deadline: 30_000 })
    outbox.add(...outgoingOnes(3))
    await timers.pass(DAY)
    expect(stuck.calls).toBe(1)
    expect(delivery.figures()[0]).toMatchObject({
      waiting: 3,
      lastError: 'not done within 30 s',
      failingSince: Date.UTC(2026, 10, 20, 0, 0, 30),
    })
  })

  it('survives an outbox that can not be read for a while', async () => {
    const outbox = new MemoryOutbox()
    outbox.add(...outgoingOnes(2))
    const read = outbox.read.bind(outbox)
    outbox.read = async () => {
      throw new Error('EIO')
    }
    const one = new Receiver('one')
    const { timers, delivery } = running([one], { outbox })
    await timers.pass(MINUTE)
    expect(delivery.figures()[0]).toMatchObject({ lastError: 'EIO' })
    outbox.read = read
    await timers.pass(MINUTE)
    expect(one.got).toEqual(idsOf(2))
  })

  it('loses and reorders nothing, whatever fails when', async () => {
    const fates = fc.array(fc.constantFrom('ok', 'fail', 'later', 'refuse', 'hang', 'more'), {
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(fates, fc.integer({ min: 1, max: 5 }), async (script, batch) => {
        const one = new Receiver('one', batch)
        const left = [...script]
        const { outbox, timers, dead } = running([one])
        one.before = (alerts, signal) => {
          const fate = left.shift()
          if (fate === 'fail') down()
          if (fate === 'later') throw new RetryLater(5_000, 'later')
          if (fate === 'refuse') throw new Refused(new Set([alerts.at(-1)!.id]), 'never')
          if (fate === 'more') outbox.add(...outgoingOnes(1, outbox.newest + 1))
          return fate === 'hang' ? hangs(alerts, signal) : undefined
        }
        outbox.add(...outgoingOnes(12))
        await timers.pass(DAY)
        const buried = dead.map((line) => `alert-${line.split(' ')[1]}`)
        const wanted = idsOf(outbox.newest).filter((id) => !buried.includes(id))
        expect(one.got).toEqual(wanted)
        expect(new Set(buried).size).toBe(buried.length)
        expect(outbox.delivered('one')).toBe(outbox.newest)
      }),
      { numRuns: 60 },
    )
  })
})

describe('the end of a delivery', () => {
  it('delivers what is left and closes the sinks', async () => {
    const one = new Receiver('one', 2)
    const { outbox, delivery } = running([one])
    outbox.add(...outgoingOnes(7))
    expect(await delivery.stop(1_000)).toBe(0)
    expect(one.got).toEqual(idsOf(7))
    expect(one.closed).toBe(true)
    outbox.add(...outgoingOnes(1, 8))
    await settle()
    expect(one.got.length).toBe(7)
  })

  it('does not wait for a sink that fails', async () => {
    const one = new Receiver('one')
    one.before = down
    const { outbox, delivery, timers } = running([one])
    outbox.add(...outgoingOnes(3))
    await settle()
    expect(await delivery.stop(1_000)).toBe(3)
    expect([one.calls, one.closed, timers.pending]).toEqual([1, true, []])
  })

  it.each([
    ['hangs', hangs],
    ['does not even end when it is told to', deaf],
  ])('gives up a sink that %s when the grace is over', async (_, before) => {
    const [bad, good] = [new Receiver('bad'), new Receiver('good')]
    bad.before = before
    const { outbox, delivery, timers } = running([bad, good])
    outbox.add(...outgoingOnes(3))
    await settle()
    const stopped = delivery.stop(5_000)
    await timers.pass(4_999)
    expect(good.closed).toBe(true)
    await timers.pass(1)
    expect(await stopped).toBe(3)
    expect(outbox.delivered('bad')).toBe(0)
  })

  it('notes nothing in the outbox any more after it was left', async () => {
    const late = new Receiver('late')
    let finish = () => {}
    late.before = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    const { outbox, delivery, timers } = running([late])
    outbox.add(...outgoingOnes(1))
    await settle()
    const stopped = delivery.stop(5_000)
    await timers.pass(5_000)
    await stopped
    finish()
    await settle()
    expect(outbox.cursors.size).toBe(0)
  })

  it('may be asked for twice, and before the start', async () => {
    const one = new Receiver('one')
    const { delivery } = running([one])
    expect(await Promise.all([delivery.stop(1_000), delivery.stop(1_000)])).toEqual([0, 0])
  })
})
