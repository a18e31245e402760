import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import type { SavedAlert } from '../../src/daemon/alert-feed.js'
import { ALERTS } from '../../src/state/keys.js'
import { StateStore } from '../../src/state/store.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { type DaemonOptions, daemon } from '../support/daemon.js'
import { detection } from '../support/detections.js'
import { temporaryFolders } from '../support/folders.js'
import { graphCall, type TestRecord } from '../support/records.js'

const newFolder = temporaryFolders()
const START = Date.UTC(2026, 9, 20, 3)
const HOUR = 3_600_000
const MEGABYTE = 1024 * 1024

const refused = detection({ kind: 'match', id: 'refused', where: { ResponseStatusCode: 403 } })
const fresh = detection({ kind: 'new_value', id: 'fresh', field: 'IPAddress', learn: '1h', min_hours: 1 })
const busy = detection({
  kind: 'spike',
  id: 'busy',
  metric: 'sum',
  column: 'ResponseSizeBytes',
  floor: 1,
  k: 3,
})

let calls = 0

/** One refused call of an agent. */
function call(properties: object = {}, time = START): TestRecord {
  const own = {
    timeGenerated: new Date(time).toISOString(),
    requestId: `call-${calls++}`,
    responseStatusCode: 403,
  }
  return graphCall({ ...own, ...properties })
}

const message = (...records: unknown[]) => JSON.stringify({ records })
const good = () => message(call())

/** What came of messages that stand in one partition, as a daemon that is stopped afterwards leaves it. */
async function reading(
  bodies: readonly (string | Buffer)[],
  {
    folder = newFolder(),
    from = START,
    ...options
  }: Partial<DaemonOptions> & { folder?: string; from?: number } = {},
) {
  const broker = new Broker()
  broker.send(
    'p',
    bodies.map((body, index) => ({ body, enqueued: from + index })),
  )
  const run = daemon(folder, {
    sources: [new BrokerSource(broker)],
    detections: [refused, fresh, busy],
    now: () => from + 24 * HOUR,
    ...options,
  })
  await run.engine.start()
  await run.settled()
  const status = run.engine.status()
  await run.engine.stop()
  return { ...run, status, folder }
}

/** All records that are on disk. */
async function saved(folder: string): Promise<[key: string, value: unknown][]> {
  const store = new StateStore(folder)
  const records: [string, unknown][] = []
  await store.open((key, value) => void records.push([key, value]))
  await store.close()
  return records
}

/** The alerts that are open on disk, with all that they count. */
async function openAlerts(folder: string): Promise<Alert[]> {
  const records = await saved(folder)
  return records.flatMap(([key, value]) => (key.startsWith(ALERTS) ? (value as SavedAlert).alert : []))
}

const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
const keys = (count: number) => `{${Array.from({ length: count }, (_, key) => `"k${key}":1`).join(',')}}`

describe('between two good messages, one dead letter and no other loss comes of', () => {
  it.each<[string, string, string | Buffer]>([
    ['no JSON', 'invalid-json', 'oops'],
    ['JSON that breaks off', 'invalid-json', good().slice(0, -5)],
    ['nothing', 'invalid-json', ''],
    ['null', 'not-an-object', 'null'],
    ['UTF-16', 'invalid-utf8', Buffer.from(`\ufeff${good()}`, 'utf16le')],
    ['invalid UTF-8', 'invalid-utf8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['gzip', 'invalid-utf8', gzipSync(good())],
    ['100,000 levels', 'too-deep', message(0).replace('0', deep(100_000))],
    ['17 MB', 'too-large', `${good()}${' '.repeat(17 * MEGABYTE)}`],
    ['100,000 keys and no category', 'no-category', message(0).replace('0', keys(100_000))],
  ])('a message of %s', async (_, reason, body) => {
    const { letters, status, folder } = await reading([good(), body, good()])
    expect(status.messages).toBe(3)
    expect(letters.written.map((letter) => [letter.reason, letter.position])).toEqual([[reason, '1']])
    expect(status.rows.rows).toBe(2)
    expect(await openAlerts(folder)).toMatchObject([{ detection: 'refused', count: 2 }])
  })

  it('one bad record among 500', async () => {
    const records: unknown[] = Array.from({ length: 500 }, () => call())
    records[250] = { category: 'MicrosoftGraphActivityLogs', properties: 7 }
    const { letters, status } = await reading([message(...records)])
    expect(letters.written).toMatchObject([{ reason: 'wrong-type', index: 250, position: '0' }])
    expect(status.rows.rows).toBe(499)
  })
})

describe('no dead letter and no loss comes of', () => {
  it.each<[string, string | Buffer]>([
    ['a byte order mark', `\ufeff${good()}`],
    ['a text of 10 MB', message(call({ userAgent: 'x'.repeat(10 * MEGABYTE) }))],
    ['100,000 more keys', message({ ...call(), more: JSON.parse(keys(100_000)) })],
    [
      'keys of every object',
      good().replace('{"category"', '{"__proto__":{"polluted":1},"constructor":1,"category"'),
    ],
  ])('a message with %s', async (_, body) => {
    const { letters, status } = await reading([good(), body, good()])
    expect(letters.written).toEqual([])
    expect(status.rows.rows).toBe(3)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('agents, addresses and resources that are called as what every object has, also after a restart', async () => {
    const names = ['__proto__', 'constructor', 'prototype', 'hasownproperty', 'tostring']
    const odd = names.map((name) =>
      message(call({ servicePrincipalId: name, ipAddress: name, userAgent: name })),
    )
    const { folder, wire } = await reading(odd)
    expect(wire.map(({ agentId }) => agentId).sort()).toEqual([...names].sort())
    const again = await reading([...odd, ...odd], { folder })
    expect(again.status.agents).toBe(names.length)
    expect(again.status.rows).toMatchObject({ rows: 5, duplicates: 5 })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('categories that nobody knows and fields that are new, which are counted', async () => {
    const other = { ...call(), category: 'SomeFutureLogs' }
    const { letters, status } = await reading([
      message(other, { ...call({ new: [] }), newer: {} }),
      message(other),
    ])
    expect(letters.written).toEqual([])
    expect(status.unknown).toEqual(new Map([['SomeFutureLogs', 2]]))
    expect(status.rows.rows).toBe(1)
  })
})

describe('values of the wrong type', () => {
  it.each([
    ['a number as text', '"12"'],
    ['a list', '[1]'],
    ['an object', '{}'],
    ['a number beyond all', '1e400'],
    ['less than nothing', '-1e400'],
    ['minus zero', '-0'],
    ['more than can be counted', '9007199254740993'],
    ['a truth', 'true'],
  ])('(%s) neither end anything nor leave what is no number in the state', async (_, value) => {
    const odd = message(call({ responseSizeBytes: 7777 })).replace('7777', value)
    const { folder, status } = await reading([good(), odd, good()])
    expect(status.messages).toBe(3)
    expect(JSON.stringify(await saved(folder))).not.toMatch(/\bnull\b|NaN|Infinity/)
  })
})

describe('events that come two days late', () => {
  it('are seen by detections that need no memory, counted, and change no baseline', async () => {
    const now = START + 72 * HOUR
    const late = call({}, START)
    const run = await reading([message(call({}, now)), message(late), message(call({}, now))], { from: now })
    expect(run.status.rows).toMatchObject({ rows: 3, tooLate: 1 })
    expect(run.letters.written).toEqual([])
    const hours = run.wire.filter(({ detection }) => detection === 'refused').map(({ hour }) => hour)
    expect(new Set(hours)).toEqual(new Set(['2026-10-20T03:00:00Z', '2026-10-23T03:00:00Z']))
  })
})

describe('very many', () => {
  it('agents stay within the bound; known ones go on, and an alert tells of it', async () => {
    const first = message(call({ servicePrincipalId: 'known' }))
    const strangers = Array.from({ length: 100 }, (_, part) =>
      message(
        ...Array.from({ length: 100 }, (_, index) =>
          call({ servicePrincipalId: `s-${part}-${index}`, responseStatusCode: 200 }),
        ),
      ),
    )
    const last = message(call({ servicePrincipalId: 'known' }))
    const { status, wire, folder } = await reading([first, ...strangers, last], {
      limits: { maxAgents: 1_000 },
    })
    expect(status.agents).toBe(1_000)
    expect(status.rows.beyondAgents).toBe(10_000 - 999)
    expect(wire.find(({ detection }) => detection === 'bound-reached')?.entity).toEqual({
      bound: 'maxAgents',
    })
    expect(await openAlerts(folder)).toMatchObject([{ agentId: 'known', count: 2 }])
  })

  it('addresses of one agent stay within the bound, as do its alerts of an hour, which roll up', async () => {
    const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
    const learnt = [message(call({}, START)), message(call({}, START + HOUR))]
    const many = Array.from({ length: 20 }, (_, part) =>
      message(
        ...Array.from({ length: 500 }, (_, index) =>
          call({ ipAddress: address(500 * part + index), responseStatusCode: 200 }, START + 2 * HOUR),
        ),
      ),
    )
    const limits = { maxValues: 100, maxAlertsOfHour: 10 }
    const { status, wire, folder } = await reading([...learnt, ...many], { limits, from: START + 2 * HOUR })
    const found = (await openAlerts(folder)).filter(({ detection }) => detection === 'fresh')
    expect(found).toHaveLength(11)
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(10_000)
    expect(status.bounds.get('maxValues')).toBeGreaterThan(9_000)
    expect([status.bounds.get('maxAlertsOfHour'), status.bounds.get('maxOpenAlerts')]).toEqual([9_990, 0])
    const reached = wire.filter(({ detection }) => detection === 'bound-reached')
    expect(reached.map(({ entity }) => entity.bound).sort()).toEqual(['maxAlertsOfHour', 'maxValues'])
    expect(JSON.stringify(await saved(folder)).match(/"10\.\d+\.\d+\.\d+"/g)!.length).toBeLessThan(1_000)
  })
})
