import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { loadDetections } from '../../src/detections/load.js'
import type { PieceSource } from '../../src/replay/merge.js'
import { Replay } from '../../src/replay/replay.js'
import { alertsOf, cli, inTempFolder, linesOf, NOW } from '../support/cli.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { chance, shuffled, shuffledWithin } from '../support/shuffle.js'
import { ndjson, type SimulatedRecord, simulatedRecords } from '../support/simulated.js'

inTempFolder()

const records = simulatedRecords()
const PACK = ['--detections', 'pack']
let expected: Alert[]

beforeAll(async () => {
  writeSensitivePack('pack')
  writeFileSync('expected.ndjson', ndjson(records))
  expected = await alertsOf(['expected.ndjson', ...PACK])
})

/** Writes records to a file each of their kind. */
function split(folder: string, nameOf: (record: SimulatedRecord) => string): string[] {
  const files = new Map<string, SimulatedRecord[]>()
  for (const record of records) {
    const name = `${folder}/${nameOf(record)}.ndjson`
    files.set(name, [...(files.get(name) ?? []), record])
  }
  for (const [name, content] of files) {
    mkdirSync(dirname(name), { recursive: true })
    writeFileSync(name, ndjson(content))
  }
  return [...files.keys()]
}

const dayOf = ({ arrival }: SimulatedRecord) => new Date(arrival).toISOString().slice(0, 10)

describe('one result', () => {
  it('of which these logs make a good deal: alerts of every detection of the pack', () => {
    const found = new Set(expected.map(({ detection }) => detection))
    expect([...found].sort()).toEqual(
      [
        'broad',
        'busy',
        'changed',
        'every',
        'far',
        'fresh',
        'heavy',
        'odd',
        'paired',
        'quiet',
        'rare',
        'unannounced',
      ].sort(),
    )
  })

  const random = chance(1)
  it.each([
    ['one file a day', split('days', dayOf)],
    ['one file a category', split('categories', ({ category }) => category)],
    ['one file a category and day', split('both', (one) => `${one.category}/${dayOf(one)}`)],
    ['files that each hold records of all times', split('any', () => `part-${Math.floor(4 * random())}`)],
    ['a name that says nothing of the order', split('hours', ({ arrival }) => `${(arrival * 7) % 11}`)],
  ])('whether the logs come in one file or in %s, in any order', async (_, files) => {
    expect(files.length).toBeGreaterThan(2)
    expect(await alertsOf([...shuffled(files, chance(2)), ...PACK])).toEqual(expected)
  })

  it.each([
    [0, 'in order of event time'],
    [1, 'shuffled within an hour'],
    [5, 'shuffled within five hours'],
  ])('whether the lines come as they arrived or up to %i hours late, %s', async (hours) => {
    writeFileSync('lines.ndjson', ndjson(shuffledWithin(records, hours, chance(3))))
    const { stdout, stderr } = await cli(['replay', 'lines.ndjson', ...PACK, '--format', 'ndjson'])
    expect(linesOf(stdout)).toEqual(expected)
    expect(stderr).toMatch(/\b0 late\b/)
  })

  it('whatever follows whatever, as long as all of it waits', async () => {
    const small = records.slice(-400)
    const run = async (order: readonly SimulatedRecord[]) => {
      writeFileSync('small.ndjson', ndjson(order))
      return alertsOf(['small.ndjson', ...PACK])
    }
    // The file is read in one go, and rows wait until the next one.
    expect(Buffer.byteLength(ndjson(small))).toBeLessThan(1024 * 1024)
    const inOrder = await run(small)
    expect(inOrder.length).toBeGreaterThan(5)
    expect(await run(shuffled(small, chance(4)))).toEqual(inOrder)
  })
})

/** A source that gives values in chunks of some sizes. */
function sourceOf(name: string, texts: readonly string[], sizes: readonly number[]): PieceSource {
  return {
    name,
    async *pieces() {
      for (let from = 0, turn = 0; from < texts.length; turn++) {
        const to = from + sizes[turn % sizes.length]!
        yield texts.slice(from, to).map((text, index) => {
          const bytes = Buffer.from(text)
          return { bytes, line: from + index + 1, offset: 0, length: bytes.length }
        })
        from = to
      }
    },
  }
}

describe('a log', () => {
  it('cut into any files, each in order and read in any chunks, gives what it gives whole', async () => {
    const detections = await loadDetections('pack')
    const log = records
      .filter(({ category }) => category !== 'MicrosoftGraphActivityLogs')
      .sort((a, b) => a.time - b.time)
    const run = async (sources: readonly PieceSource[]) => {
      const alerts: Alert[] = []
      const outputs = {
        alerts: (found: readonly Alert[]) => void alerts.push(...found),
        deadLetter: () => {},
      }
      const replay = new Replay({ detections, now: NOW, stream: { reorderHours: 0 } }, outputs)
      await replay.read(sources)
      await replay.finish()
      return { alerts, late: replay.stream.counters.late }
    }
    const whole = await run([
      sourceOf(
        'whole',
        log.map(({ text }) => text),
        [100],
      ),
    ])
    expect(whole.alerts.length).toBeGreaterThan(10)
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 6 }), sizes, async (seed, count, chunks) => {
        const random = chance(seed)
        const parts = Array.from({ length: count }, (): string[] => [])
        for (const { text } of log) parts[Math.floor(random() * count)]!.push(text)
        const sources = parts.map((texts, index) => sourceOf(`part ${index}`, texts, chunks))
        expect(await run(shuffled(sources, random))).toEqual({ alerts: whole.alerts, late: 0 })
      }),
      { numRuns: 30 },
    )
  })
})

describe('records that come later than the wait', () => {
  const line = (time: string, id: string) =>
    `${JSON.stringify({
      ...JSON.parse(records.find(({ category }) => category === 'MicrosoftGraphActivityLogs')!.text),
      properties: {
        timeGenerated: time,
        requestId: id,
        requestUri: 'https://graph.microsoft.com/v1.0/users',
        requestMethod: 'GET',
        responseStatusCode: 403,
        servicePrincipalId: 'bot',
      },
    })}\n`
  const inOrder = [line('2026-10-20T03:10:00Z', 'a'), line('2026-10-20T08:00:00Z', 'b')]

  it.each([
    ['0', '1 late'],
    ['4', '1 late'],
    ['5', '0 late'],
    ['6', '0 late'],
  ])(
    'are counted as late, and into the hour in which they happened, with --reorder %s',
    async (reorder, said) => {
      const stdin = [...inOrder, line('2026-10-20T03:40:00Z', 'c')]
      const args = ['replay', '-', ...PACK, '--format', 'ndjson', '--reorder', reorder]
      const { code, stdout, stderr } = await cli(args, { stdin })
      const found = linesOf<Alert>(stdout).filter(({ detection }) => detection === 'every')
      expect(found.map(({ hour, count }) => [hour, count])).toEqual([
        ['2026-10-20T03:00:00Z', 2],
        ['2026-10-20T08:00:00Z', 1],
      ])
      expect(stderr).toContain(said)
      expect(code).toBe(0)
    },
  )

  it('are told from those that come in time: a shuffled log without any wait has many', async () => {
    writeFileSync('shuffled.ndjson', ndjson(shuffled(records, chance(5))))
    const { code, stderr } = await cli(['replay', 'shuffled.ndjson', ...PACK, '--reorder', '0'])
    const rows = Number(/Agent rows: ([\d,]+)/.exec(stderr)![1]!.replaceAll(',', ''))
    const late = Number(/([\d,]+) late/.exec(stderr)![1]!.replaceAll(',', ''))
    // What an application did to an agent is a row of both: of AgentChanges and of DirectoryActions.
    const byApplications = records.filter(({ text }) => text.includes('"initiatedBy":{"app"')).length
    expect(rows).toBe(records.length + byApplications)
    // A file is read a megabyte at a time, and this one has five: after the first, nearly all comes late.
    expect(late).toBeGreaterThan(records.length / 2)
    expect(late).toBeLessThan(records.length)
    expect(code).toBe(0)
  })
})
