import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Source } from '../../src/daemon/source.js'
import { source as files } from '../../src/sources/tail.js'
import { TailFile } from '../../src/sources/tail-file.js'
import { inTempFolder } from '../support/cli.js'
import { CollectingPort } from '../support/collecting-port.js'
import { surroundings } from '../support/surroundings.js'

inTempFolder()

const started: Source[] = []
const counted = new Set<string>()

beforeEach(() => {
  counted.clear()
  mkdirSync('logs')
})

afterEach(async () => {
  await Promise.all(started.splice(0).map((source) => source.stop()))
  rmSync('logs', { recursive: true })
})

/** Follows the folder `logs`. */
async function follow(port: CollectingPort, said: object = {}): Promise<Source> {
  const around = { ...surroundings(), count: (event: string) => void counted.add(event) }
  const settings = files.settings.parse({ paths: ['logs'], every: '50ms', settle: '0s', ...said })
  const source = files.open('files', settings, around)
  started.push(source)
  await source.start(port)
  return source
}

/** Waits until as many messages came and every file is read to its end; returns them. */
async function messages(port: CollectingPort, count: number): Promise<string[]> {
  await vi.waitFor(() => expect([port.all.length, port.atEnd]).toEqual([count, true]), {
    timeout: 10_000,
    interval: 10,
  })
  return port.all
}

describe('the files source', () => {
  it('reads what is there, then what is appended', async () => {
    writeFileSync('logs/a.ndjson', '{"n":1}\n{"n":2}\n')
    const port = new CollectingPort()
    await follow(port)
    expect(await messages(port, 2)).toEqual(['{"n":1}', '{"n":2}'])
    appendFileSync('logs/a.ndjson', '{"n":3}\n')
    expect(await messages(port, 3)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it('finds new files, also in new folders', async () => {
    writeFileSync('logs/a.ndjson', '{"n":1}\n')
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 1)
    mkdirSync('logs/more')
    writeFileSync('logs/more/b.json', '{"n":2}\n')
    expect(await messages(port, 2)).toEqual(['{"n":1}', '{"n":2}'])
  })

  it('waits for a folder that is still empty', async () => {
    const port = new CollectingPort()
    await follow(port)
    await vi.waitFor(() => expect(port.up).toBe(true))
    writeFileSync('logs/a.ndjson', '{"n":1}\n')
    expect(await messages(port, 1)).toEqual(['{"n":1}'])
  })

  it('says that it has no connection while its folder is not there', async () => {
    const port = new CollectingPort()
    await follow(port, { paths: ['logs/later'] })
    await vi.waitFor(() => expect(port.up).toBe(false))
    mkdirSync('logs/later')
    await vi.waitFor(() => expect(port.up).toBe(true))
  })

  it('takes a line only when it is whole', async () => {
    writeFileSync('logs/a.ndjson', '{"n":1}\n{"n":')
    const port = new CollectingPort()
    await follow(port)
    await vi.waitFor(() => expect(port.all).toEqual(['{"n":1}']))
    appendFileSync('logs/a.ndjson', '2}\n')
    expect(await messages(port, 2)).toEqual(['{"n":1}', '{"n":2}'])
  })

  it('takes a whole last line without line feed once it is settled, and only once', async () => {
    writeFileSync('logs/a.ndjson', '{"n":1}')
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 1)
    appendFileSync('logs/a.ndjson', '\n{"n":2}\n')
    expect(await messages(port, 2)).toEqual(['{"n":1}', '{"n":2}'])
  })

  it('hands over a broken last line to which nothing was added for long, for the dead letters', async () => {
    writeFileSync('logs/a.ndjson', '{"n":1}\n{"n":')
    const long = new Date(Date.now() - 3_600_000)
    utimesSync('logs/a.ndjson', long, long)
    const port = new CollectingPort()
    await follow(port)
    expect(await messages(port, 2)).toEqual(['{"n":', '{"n":1}'])
  })

  it('hands over lines that are no JSON like others', async () => {
    writeFileSync('logs/a.ndjson', 'poison\n{"n":1}\n\u0000\u0001\n')
    const port = new CollectingPort()
    await follow(port)
    expect(await messages(port, 3)).toEqual(['\u0000\u0001', 'poison', '{"n":1}'].sort())
  })

  it('knows a renamed file again and reads the new one of its name from the start', async () => {
    writeFileSync('logs/a.log', '{"n":1}\n')
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 1)
    appendFileSync('logs/a.log', '{"n":2}\n')
    renameSync('logs/a.log', 'logs/a-1.log')
    writeFileSync('logs/a.log', '{"n":3}\n')
    expect(await messages(port, 3)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    expect([...port.bodies.values()]).toEqual([['{"n":1}', '{"n":2}'], ['{"n":3}']])
  })

  it('reads a truncated file from its start', async () => {
    writeFileSync('logs/a.log', '{"n":1}\n{"n":2}\n')
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 2)
    truncateSync('logs/a.log')
    appendFileSync('logs/a.log', '{"n":3}\n')
    expect(await messages(port, 3)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it('reads a file anew that was written over with more than it had', async () => {
    writeFileSync('logs/a.log', '{"n":1}\n')
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 1)
    writeFileSync('logs/a.log', '{"n":2}\n{"n":3}\n')
    expect(await messages(port, 3)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it('reads gzip when it is complete', async () => {
    const bytes = gzipSync('{"n":1}\n{"n":2}\n')
    writeFileSync('logs/a.ndjson.gz', bytes.subarray(0, 25))
    const port = new CollectingPort()
    await follow(port)
    await vi.waitFor(() => expect(port.assigned).toHaveLength(1))
    appendFileSync('logs/a.ndjson.gz', bytes.subarray(25))
    expect(await messages(port, 2)).toEqual(['{"n":1}', '{"n":2}'])
  })

  it.each([
    ['damaged', Buffer.concat([gzipSync('{"n":1}\n').subarray(0, 12), Buffer.alloc(40, 7)]), 'corrupt-gzip'],
    ['broken off for long', gzipSync('{"n":1}\n').subarray(0, 20), 'cut-gzip'],
  ])('counts gzip that is %s, and goes on with other files', async (_, bytes, event) => {
    writeFileSync('logs/a.ndjson.gz', bytes)
    writeFileSync('logs/b.ndjson', '{"n":2}\n')
    const long = new Date(Date.now() - 3_600_000)
    utimesSync('logs/a.ndjson.gz', long, long)
    const port = new CollectingPort()
    await follow(port)
    await vi.waitFor(() => expect(port.all).toContain('{"n":2}'))
    await vi.waitFor(() => expect([...counted]).toEqual([event]))
  })

  it('goes on with other files when one can not be read, and reads that once it can', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may read anything')
    writeFileSync('logs/a.ndjson', '{"n":1}\n', { mode: 0o200 })
    writeFileSync('logs/b.ndjson', '{"n":2}\n')
    const port = new CollectingPort()
    await follow(port)
    await vi.waitFor(() => expect([...counted]).toEqual(['unreadable']))
    chmodSync('logs/a.ndjson', 0o600)
    appendFileSync('logs/a.ndjson', '{"n":3}\n')
    expect(await messages(port, 3)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })

  it('takes a file that is gone between two looks at it for as old as its last change', async () => {
    const gone = new TailFile('logs/gone.ndjson', undefined, (path) => path)
    expect(await gone.begins({ size: 1, modified: 5 })).toBe(5)
  })

  it.each([
    ['lines', '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n'],
    ['lines, the last without line feed', '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}'],
    ['an array', '[{"n":1},\n{"n":2},\n{"n":3},{"n":4}]\n'],
    ['pretty-printed objects', '{\n"n":1}\n{\n"n":2}\n{\n"n":3}\n{\n"n":4}\n'],
    ['gzip', gzipSync('{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n')],
  ])('goes on after any message: %s', async (_, content) => {
    writeFileSync('logs/a.json', content)
    const whole = new CollectingPort()
    await follow(whole)
    const all = await messages(whole, 4)
    for (const [index, { position }] of whole.messages.entries()) {
      const port = new CollectingPort(new Map([[whole.assigned[0]!, position]]))
      await follow(port)
      expect(await messages(port, 3 - index)).toEqual(all.slice(index + 1))
    }
  })

  it('goes on after a restart although the file was renamed and grew meanwhile', async () => {
    writeFileSync('logs/a.log', '{"n":1}\n')
    const before = new CollectingPort()
    const source = await follow(before)
    await messages(before, 1)
    await source.stop()
    appendFileSync('logs/a.log', '{"n":2}\n')
    renameSync('logs/a.log', 'logs/b.log')
    const port = new CollectingPort(before.positions)
    await follow(port)
    expect(await messages(port, 1)).toEqual(['{"n":2}'])
  })

  it('reads large files in order, in chunks', async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `{"n":${n},"text":"${'x'.repeat(50)}"}`)
    writeFileSync('logs/a.ndjson', `${lines.join('\n')}\n`)
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 20_000)
    expect(port.messages.map(({ body }) => body.toString('utf8'))).toEqual(lines)
  })

  it.each([
    [
      'the newest of its records',
      ['2026-11-20T03:14:12.5Z', '2026-11-20T02:00:00Z'],
      Date.UTC(2026, 10, 20, 3, 14, 12, 500),
    ],
    ['that of the last change if no record has one', [], Date.UTC(2026, 10, 21)],
  ])('takes for the time at which a message came in %s', async (_, times, expected) => {
    const records = times.map((time) => ({ time }))
    writeFileSync('logs/a.ndjson', `${JSON.stringify({ records })}\n`)
    utimesSync('logs/a.ndjson', new Date(), new Date(Date.UTC(2026, 10, 21)))
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 1)
    expect(port.messages[0]!.enqueued).toBe(expected)
  })

  it('takes no time that lies in the future', async () => {
    writeFileSync('logs/a.ndjson', '{"records":[{"time":"2999-01-01T00:00:00Z"}]}\n')
    const port = new CollectingPort()
    await follow(port)
    await messages(port, 1)
    expect(port.messages[0]!.enqueued).toBeLessThanOrEqual(Date.now())
  })

  it('stops although there is no room', async () => {
    writeFileSync('logs/a.ndjson', '{"n":1}\n')
    const port = new CollectingPort()
    port.room = new Promise(() => {})
    const source = await follow(port)
    await vi.waitFor(() => expect(port.left.size).toBe(1))
    await source.stop()
    expect(port.all).toEqual([])
  })

  it('counts its files when asked whether it works', async () => {
    writeFileSync('logs/a.ndjson', '')
    const check = (paths: string[]) => files.check(files.settings.parse({ paths }), surroundings())
    expect(await check(['logs'])).toBe('1 file')
    await expect(check(['elsewhere'])).rejects.toThrow('elsewhere: no such file or directory')
  })
})
