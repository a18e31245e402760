import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DeadLetterFile } from '../../src/daemon/dead-letter-file.js'
import type { Detection } from '../../src/detections/detection.js'
import { loadDetections } from '../../src/detections/load.js'
import { StateLocked, StateNewer } from '../../src/state/errors.js'
import { MIGRATIONS } from '../../src/state/migrations.js'
import { StateStore } from '../../src/state/store.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { daemon, readToEnd, until } from '../support/daemon.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { temporaryFolders } from '../support/folders.js'
import { simulatedMessages } from '../support/load.js'
import { actual, differences, expected, type Input, type Result } from '../support/oracle.js'
import { type SmallDisk, smallDisk } from '../support/small-disk.js'

const newFolder = temporaryFolders()
const messages = simulatedMessages(10)
let input: Input
let wanted: Result
let detections: Detection[]

beforeAll(async () => {
  const pack = newFolder()
  writeSensitivePack(pack)
  detections = await loadDetections(pack)
  input = { detections, messages: messages.map(({ body }) => body), stream: { reorderHours: 12 } }
  wanted = await expected(input)
})

/** A daemon over two partitions that hold so many of the messages. */
function reading(folder: string, count = messages.length) {
  const broker = new Broker()
  for (const [index, message] of messages.slice(0, count).entries()) broker.send(String(index % 2), [message])
  const source = new BrokerSource(broker, { batch: 5 })
  return { source, broker, ...daemon(folder, { sources: [source], detections, stream: input.stream }) }
}

/** Reads all, and stops. */
async function readAll(folder: string) {
  const run = reading(folder)
  await run.engine.start()
  await readToEnd(run.engine)
  await run.settled()
  await run.engine.stop()
  return run
}

const current = (folder: string, pattern: RegExp) => {
  const name = readdirSync(join(folder, 'current')).find((one) => pattern.test(one))
  return join(folder, 'current', name!)
}

describe('a daemon whose state is damaged', () => {
  it.each([
    ['bits of a table', /\.ldb$/, flipMany],
    ['the manifest', /^MANIFEST/, flipMiddle],
    ['the name of the manifest', /^CURRENT$/, (file: string) => writeFileSync(file, 'x')],
  ])(
    '(%s) puts it aside, says so, and learns anew from all that the broker still holds',
    async (_, pattern, damage) => {
      const folder = newFolder()
      await readAll(folder)
      // Opened once more, so that what is in the log gets into a table.
      const store = new StateStore(folder)
      await store.open()
      await store.close()
      damage(current(folder, pattern))
      const { wire } = await readAll(folder)
      expect(wire[0]).toMatchObject({ detection: 'state-damaged', severity: 'high' })
      const alerts = wire.filter(({ detection }) => detection !== 'state-damaged')
      expect(differences(await actual(folder, input, alerts), wanted)).toEqual([])
      expect(readdirSync(folder).filter((name) => name.startsWith('damaged-2026-'))).toHaveLength(1)
    },
  )

  it('(its log broken off) goes on from an earlier save, as after a crash', async () => {
    const folder = newFolder()
    const first = reading(folder)
    await first.engine.start()
    await until(() => first.engine.status().state.saves >= 5)
    await first.engine.stop()
    const log = current(folder, /\.log$/)
    truncateSync(log, Math.floor(statSync(log).size / 2))
    const second = await readAll(folder)
    expect(second.wire.map(({ detection }) => detection)).not.toContain('state-damaged')
    expect(differences(await actual(folder, input, [...first.wire, ...second.wire]), wanted)).toEqual([])
  })
})

/** Some of it may be records that newer ones have replaced, where damage does no harm. */
function flipMany(file: string): void {
  const bytes = readFileSync(file)
  for (let at = 0; at < bytes.length; at += 500) bytes[at]! ^= 4
  writeFileSync(file, bytes)
}

function flipMiddle(file: string): void {
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length / 2)]! ^= 4
  writeFileSync(file, bytes)
}

describe('a daemon that may not use the state', () => {
  it('does not start while another has it, and leaves it alone', async () => {
    const folder = newFolder()
    const first = reading(folder)
    await first.engine.start()
    const second = reading(folder)
    await expect(second.engine.start()).rejects.toThrow(StateLocked)
    await second.engine.stop()
    await readToEnd(first.engine)
    await first.settled()
    await first.engine.stop()
    expect(differences(await actual(folder, input, first.wire), wanted)).toEqual([])
  })

  it('does not start with a state of a newer layout, and leaves it alone', async () => {
    const folder = newFolder()
    const newer = new StateStore(folder, [...MIGRATIONS, (_, value) => value])
    await newer.open()
    await newer.close()
    const { engine } = reading(folder)
    await expect(engine.start()).rejects.toThrow(StateNewer)
    await newer.open()
    expect(newer.schema).toBe(MIGRATIONS.length + 2)
    await newer.close()
  })

  it('does not start where a file is in its way', async () => {
    const folder = newFolder()
    writeFileSync(folder, '')
    await expect(reading(folder).engine.start()).rejects.toThrow(/EEXIST|ENOTDIR/)
  })

  it.skipIf(process.getuid?.() === 0)('does not start in a directory that is read-only', async () => {
    const folder = newFolder()
    mkdirSync(folder)
    chmodSync(folder, 0o555)
    await expect(reading(folder).engine.start()).rejects.toThrow(/EACCES/)
  })
})

describe('a daemon whose disk is full', () => {
  let disk: SmallDisk | undefined
  afterEach(() => disk?.remove())

  it('stops reading, is not ready, tells sources nothing, and goes on when there is room', async ({
    skip,
  }) => {
    disk = smallDisk(newFolder(), 16 * 1024 * 1024)
    if (!disk) return skip()
    const folder = join(disk.folder, 'state')
    const half = Math.floor(messages.length / 2)
    const run = reading(folder, half)
    await run.engine.start()
    await readToEnd(run.engine)
    await run.settled()
    const told = new Map(run.source.told)
    disk.fill()
    for (const [index, message] of messages.entries())
      if (index >= half) run.broker.send(String(index % 2), [message])
    await until(() => run.engine.status().state.failures >= 3)
    const { ready, waitingFor, state } = run.engine.status()
    expect([ready, waitingFor]).toEqual([false, 'state'])
    expect(state.failure).toMatch(/no space left/i)
    const before = run.engine.status().messages
    await until(() => run.engine.status().state.failures >= 4)
    expect(run.engine.status().messages).toBe(before)
    expect(run.source.told).toEqual(told)
    disk.empty()
    await run.settled()
    expect(run.engine.status().ready).toBe(true)
    await run.engine.stop()
    expect(differences(await actual(folder, input, run.wire), wanted)).toEqual([])
  })

  it('ends with an error when it is told to stop, and loses nothing', async ({ skip }) => {
    disk = smallDisk(newFolder(), 16 * 1024 * 1024)
    if (!disk) return skip()
    const folder = join(disk.folder, 'state')
    const run = reading(folder)
    await run.engine.start()
    await until(() => run.engine.status().state.saves >= 3)
    disk.fill()
    await until(() => run.engine.status().state.failures >= 1)
    await expect(run.engine.stop()).rejects.toThrow()
    disk.empty()
    const again = await readAll(folder)
    expect(differences(await actual(folder, input, [...run.wire, ...again.wire]), wanted)).toEqual([])
  })

  it('keeps dead letters until they can be written', async ({ skip }) => {
    disk = smallDisk(newFolder(), 1024 * 1024)
    if (!disk) return skip()
    const file = join(disk.folder, 'letters', 'dead.ndjson')
    const letters = new DeadLetterFile(file)
    const add = (index: number) =>
      letters.add({ reason: 'invalid-json', detail: 'x'.repeat(5_000), source: `${index}` })
    add(0)
    await letters.flush()
    disk.fill()
    for (let index = 1; index < 10; index++) add(index)
    await expect(letters.flush()).rejects.toThrow(/ENOSPC/)
    add(10)
    disk.empty()
    await letters.flush()
    expect(letters.pending).toBe(0)
    const sources = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return [Number((JSON.parse(line) as { source: string }).source)]
        } catch {
          return []
        }
      })
    expect([...new Set(sources)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
})

describe('dead letters', () => {
  it('are rotated by size, and the oldest files removed', async () => {
    const folder = newFolder()
    const letters = new DeadLetterFile(join(folder, 'dead.ndjson'), { maxBytes: 10_000, maxFiles: 2 })
    for (let index = 0; index < 100; index++) {
      letters.add({ reason: 'invalid-json', detail: 'x'.repeat(1_000), source: `${index}` })
      if (index % 7 === 0) await letters.flush()
    }
    await letters.flush()
    const files = readdirSync(folder).filter((name) => name.endsWith('dead.ndjson'))
    expect(files).toHaveLength(3)
    const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('')
    for (const index of [90, 99]) expect(text).toContain(`"source":"${index}"`)
    for (const name of files) expect(statSync(join(folder, name)).size).toBeLessThan(12_000)
  })

  it('go on in a new line after a crash within one', async () => {
    const file = join(newFolder(), 'dead.ndjson')
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, '{"reason":"inv')
    const letters = new DeadLetterFile(file)
    letters.add({ reason: 'invalid-json', detail: '', source: 'a' })
    await letters.flush()
    expect(readFileSync(file, 'utf8').split('\n').slice(1)).toEqual([
      '{"reason":"invalid-json","detail":"","source":"a"}',
      '',
    ])
  })
})
