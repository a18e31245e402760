import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Sink } from '../../src/daemon/sink.js'
import { sink as kind } from '../../src/sinks/file.js'
import { madeFolders } from '../support/folders.js'
import { outgoing, outgoingOnes, patiently } from '../support/outgoing.js'
import { surroundings } from '../support/surroundings.js'

const scratch = madeFolders()

const opened: Sink[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

function file(path: string, said: object = {}): Sink {
  const sink = kind.open('file', kind.settings.parse({ path, ...said }), surroundings())
  opened.push(sink)
  return sink
}

const deliver = (sink: Sink, ...alerts: Parameters<Sink['deliver']>[0]) => sink.deliver(alerts, patiently())
const idsIn = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id)

/** The ids in each file of a folder that has any, by the first of them. */
function filesIn(folder: string): string[][] {
  const full = alertFiles(folder).filter((name) => statSync(join(folder, name)).size > 0)
  const number = ([id]: string[]) => Number(id!.split('-')[1])
  return full.map((name) => idsIn(join(folder, name))).sort((a, b) => number(a) - number(b))
}

const alertFiles = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith('.'))

describe('a file of alerts', () => {
  it('gets a line for each alert, in a folder that is made for it', async () => {
    const path = join(scratch(), 'new', 'alerts.ndjson')
    const sink = file(path)
    await deliver(sink, ...outgoingOnes(2))
    await deliver(sink, ...outgoingOnes(1, 3))
    expect(idsIn(path)).toEqual(['alert-1', 'alert-2', 'alert-3'])
  })

  it('is added to by the next run', async () => {
    const path = join(scratch(), 'alerts.ndjson')
    const first = file(path)
    await deliver(first, ...outgoingOnes(2))
    await first.close()
    await deliver(file(path), ...outgoingOnes(1, 3))
    expect(idsIn(path)).toEqual(['alert-1', 'alert-2', 'alert-3'])
  })

  it('begins on a new line wherever a crash has torn the last one', async () => {
    const line = `${JSON.stringify(outgoing({ id: 'torn' }))}\n`
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: line.length }), async (length) => {
        const path = join(scratch(), 'alerts.ndjson')
        writeFileSync(path, `{"id":"whole"}\n${line.slice(0, length)}`)
        await deliver(file(path), ...outgoingOnes(2))
        const lines = readFileSync(path, 'utf8').split('\n')
        expect(lines[0]).toBe('{"id":"whole"}')
        expect(lines.slice(-3).map((text) => (text ? JSON.parse(text).id : ''))).toEqual([
          'alert-1',
          'alert-2',
          '',
        ])
      }),
      { numRuns: 25 },
    )
  })

  it('is renamed when it is full, and the oldest are deleted', async () => {
    const folder = scratch()
    const sink = file(join(folder, 'alerts.ndjson'), { rotate_bytes: 1_000, keep: 3 })
    for (let count = 1; count <= 20; count++) await deliver(sink, ...outgoingOnes(2, 2 * count - 1))
    const names = alertFiles(folder)
    expect(names.filter((name) => /^alerts\.\d{8}T\d{6}Z\.\d+\.ndjson$/.test(name)).length).toBe(3)
    expect(names.filter((name) => name === 'alerts.ndjson').length).toBe(1)
    // Two alerts have more than 1,000 bytes: a file holds one delivery.
    expect(filesIn(folder)).toEqual([35, 37, 39].map((first) => [`alert-${first}`, `alert-${first + 1}`]))
  })

  it('loses no alert while it is renamed', async () => {
    const folder = scratch()
    const sink = file(join(folder, 'alerts.ndjson'), { rotate_bytes: 2_000, keep: 1_000 })
    for (let count = 1; count <= 60; count++) await deliver(sink, ...outgoingOnes(1, count))
    const all = filesIn(folder)
    expect(all.length).toBeGreaterThan(10)
    expect(all.flat()).toEqual(outgoingOnes(60).map(({ id }) => id))
  })

  it.each([
    ['hour', '20251119T220000Z'],
    ['day', '20251119T000000Z'],
    ['month', '20251101T000000Z'],
  ] as const)('of an earlier %s is renamed after it before anything is added', async (rotate_every, name) => {
    const folder = scratch()
    const path = join(folder, 'alerts.ndjson')
    writeFileSync(path, '{"id":"old"}\n')
    const then = new Date('2025-11-19T22:30:00Z')
    utimesSync(path, then, then)
    await deliver(file(path, { rotate_every }), ...outgoingOnes(1))
    const moved = readdirSync(folder).filter((one) => one.startsWith('alerts.20'))
    expect(moved).toEqual([`alerts.${name}.1.ndjson`])
    expect(idsIn(path)).toEqual(['alert-1'])
  })

  it('that can not be written to is tried again, and works once it can', async () => {
    const folder = scratch()
    const path = join(folder, 'alerts.ndjson')
    mkdirSync(path)
    const sink = file(path)
    await expect(deliver(sink, outgoing())).rejects.toThrow('EISDIR')
    await expect(sink.check!()).rejects.toThrow('EISDIR')
    execFileSync('rmdir', [path])
    await sink.check!()
    await deliver(sink, ...outgoingOnes(1))
    expect(idsIn(path)).toEqual(['alert-1'])
  })

  it('in a read-only folder is tried again', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may write anywhere')
    const folder = scratch()
    chmodSync(folder, 0o500)
    await expect(deliver(file(join(folder, 'alerts.ndjson')), outgoing())).rejects.toThrow('EACCES')
  })

  it('on a disk that gets full is tried again, and has every alert whole in the end', async (context) => {
    try {
      execFileSync('prlimit', ['--version'])
    } catch {
      context.skip('there is no prlimit here')
    }
    const path = join(scratch(), 'alerts.ndjson')
    const sink = file(path)
    await deliver(sink, ...outgoingOnes(2))
    const size = statSync(path).size
    // As on a full disk, a write first writes what still fits and says so, and the next one fails.
    for (const [room, message] of [
      [300, 'only a part'],
      [0, 'EFBIG'],
    ] as const) {
      fileSizeLimit(`${size + room}`)
      try {
        await expect(deliver(sink, ...outgoingOnes(2, 3))).rejects.toThrow(message)
      } finally {
        fileSizeLimit('unlimited')
      }
    }
    await deliver(sink, ...outgoingOnes(2, 3))
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const whole = lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line).id] : []))
    expect(whole).toEqual(['alert-1', 'alert-2', 'alert-3', 'alert-4'])
    expect(lines.length).toBe(5)
  })

  it('that somebody else truncates or removes is written on', async () => {
    const path = join(scratch(), 'alerts.ndjson')
    const sink = file(path)
    await deliver(sink, ...outgoingOnes(1))
    writeFileSync(path, '')
    await deliver(sink, ...outgoingOnes(1, 2))
    expect(idsIn(path)).toEqual(['alert-2'])
    execFileSync('rm', [path])
    // What was written to the removed file is noticed to be nowhere.
    await expect(deliver(sink, ...outgoingOnes(1, 3))).rejects.toThrow('only a part')
    await deliver(sink, ...outgoingOnes(1, 3))
    expect(idsIn(path)).toEqual(['alert-3'])
    appendFileSync(path, 'half a li')
    await sink.close()
    await deliver(file(path), ...outgoingOnes(1, 4))
    expect(readFileSync(path, 'utf8').split('\n')[1]).toBe('half a li')
  })
})

function fileSizeLimit(limit: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:unlimited`])
}
