import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../../src/alerts/alert.js'
import { alertsOf, cli, inTempFolder, linesOf } from '../support/cli.js'
import { writeSensitivePack } from '../support/detection-files.js'
import { graphCall } from '../support/records.js'
import { ndjson, type SimulatedRecord, simulatedRecords } from '../support/simulated.js'

inTempFolder()
writeSensitivePack('pack')
beforeEach(() => rmSync('state', { recursive: true, force: true }))

const FILE = 'state/replay-state.ndjson'
const records = simulatedRecords()
const PACK = ['--detections', 'pack']

/** Replays parts one after another, with the state kept in between. Returns what each reported. */
async function inParts(
  parts: readonly (readonly SimulatedRecord[])[],
  flags: string[] = [],
): Promise<Alert[][]> {
  const reported: Alert[][] = []
  for (const [index, part] of parts.entries()) {
    writeFileSync(`part-${index}.ndjson`, ndjson(part))
    reported.push(await alertsOf([`part-${index}.ndjson`, ...PACK, '--state', 'state', ...flags]))
  }
  return reported
}

/** Cuts the log, in order of arrival, where these shares of it have come. */
function cut(...shares: number[]): SimulatedRecord[][] {
  const ends = [...shares.map((share) => Math.floor(share * records.length)), records.length]
  return ends.map((end, index) => records.slice(index === 0 ? 0 : ends[index - 1], end))
}

/** What was reported last under each id. */
function latest(reports: readonly (readonly Alert[])[]): Map<string, Alert> {
  return new Map(reports.flat().map((alert) => [alert.id, alert]))
}

describe('the ids of alerts', () => {
  it('are the same in every replay, and each is there once', async () => {
    writeFileSync('log.ndjson', ndjson(records))
    const [one, two] = [await alertsOf(['log.ndjson', ...PACK]), await alertsOf(['log.ndjson', ...PACK])]
    expect(two).toEqual(one)
    expect(new Set(one.map(({ id }) => id)).size).toBe(one.length)
    for (const { id } of one) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })

  it('do not depend on how severe or how well described the alert is', async () => {
    writeFileSync('log.ndjson', ndjson(records))
    writeSensitivePack('pack-2')
    const text = readFileSync('pack-2/every.yaml', 'utf8')
    writeFileSync(
      'pack-2/every.yaml',
      text.replace('severity: medium', 'severity: high').replace('title: A', 'title: The'),
    )
    const before = await alertsOf(['log.ndjson', ...PACK])
    const after = await alertsOf(['log.ndjson', '--detections', 'pack-2'])
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(after).not.toEqual(before)
  })
})

describe('a replay in several parts', () => {
  let whole: Map<string, Alert>
  let all: Alert[]

  beforeAll(async () => {
    whole = latest(await inParts([records]))
    all = await alertsOf(['part-0.ndjson', ...PACK])
  })

  it.each([
    ['cut in the middle', [0.5]],
    ['cut while agents are still learnt', [0.2]],
    ['cut among the attacks', [0.9]],
    ['cut before its last records', [0.999]],
    ['cut after its first record', [1 / records.length]],
    ['in three parts', [0.3, 0.85]],
    [
      'in twelve parts, of which some last less than an hour',
      [0.1, 0.4, 0.6, 0.7, 0.8, 0.801, 0.802, 0.85, 0.9, 0.95, 0.96],
    ],
    ['with an empty part', [0.6, 0.6]],
  ])('%s finds what it finds in one, down to the last word', async (_, shares) => {
    const reports = await inParts(cut(...shares))
    expect(latest(reports)).toEqual(whole)
  })

  it('finds what a replay without state finds, but for the hours whose rows still wait', async () => {
    const waiting = all.filter(({ id }) => !whole.has(id)).map(({ hour }) => Date.parse(hour))
    expect([...whole.keys()].every((id) => all.some((alert) => alert.id === id))).toBe(true)
    expect(whole.size).toBeGreaterThan(100)
    // Rows wait for six hours of event time, and for the hour in which these end.
    expect(Math.min(...waiting, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(
      records.at(-1)!.time - 7 * 3_600_000,
    )
  })

  it('reports no id twice, however often it is cut, as long as nothing more came of it', async () => {
    const shares = Array.from({ length: 14 }, (_, index) => 0.8 + index / 75)
    const reports = await inParts(cut(...shares))
    expect(reports.flat()).toHaveLength(whole.size)
    expect(latest(reports)).toEqual(whole)
  })

  it('knows an event that the next part delivers again', async () => {
    const [first, second] = cut(0.9)
    const again = first!.slice(-20)
    expect(latest(await inParts([first!, [...again, ...second!]]))).toEqual(whole)
  })

  it('knows how far it got: what comes later than the wait is late in the next part too, and told once', async () => {
    const call = (time: string, requestId: string) =>
      `${JSON.stringify(graphCall({ timeGenerated: time, requestId, responseStatusCode: 403 }))}\n`
    const early = [call('2026-10-20T03:10:00Z', 'a'), call('2026-10-20T12:00:00Z', 'b')]
    const late = call('2026-10-20T03:40:00Z', 'c')
    const run = (stdin: string[], flags: string[]) =>
      cli(['replay', '-', ...PACK, '--format', 'ndjson', ...flags], { stdin })
    const said = ({ stdout }: { stdout: string }) =>
      linesOf<Alert>(stdout).map(({ detection, hour, count }) => [detection, hour, count])
    const first = await run(early, ['--state', 'state'])
    expect(said(first)).toEqual([['every', '2026-10-20T03:00:00Z', 1]])
    const second = await run([late], ['--state', 'state'])
    expect(second.stderr).toContain('1 late')
    expect(said(second)).toEqual([['every', '2026-10-20T03:00:00Z', 2]])
    const third = await run([late], ['--state', 'state'])
    expect(third.stderr).toContain('1 delivered twice')
    expect(said(third)).toEqual([])
  })

  it('reports the open alerts of its end only if they lie in the wanted time', async () => {
    const since = new Date(records.at(-1)!.time - 86_400_000).toISOString()
    const reports = await inParts(cut(0.9), ['--since', since])
    const wanted = [...whole.values()].filter(({ time }) => Date.parse(time) >= Date.parse(since))
    expect(latest(reports)).toEqual(new Map(wanted.map((alert) => [alert.id, alert])))
    expect(wanted.length).toBeGreaterThan(0)
  })

  it('says how many rows wait', async () => {
    const { stderr } = await cli(['replay', 'part-0.ndjson', ...PACK, '--state', 'state'])
    expect(stderr).toMatch(/^ {2}[1-9][\d,]* rows wait in the state for the next part$/m)
  })

  it('keeps the old state until the new one is whole', async () => {
    await inParts([records.slice(0, 100)])
    expect(existsSync(FILE)).toBe(true)
    expect(existsSync(`${FILE}.new`)).toBe(false)
  })
})

describe('names that hide line breaks', () => {
  it('do not damage the state', async () => {
    const name = 'bot\u2028 \u2029 \u0085 \r \v'
    const call = (day: number) =>
      `${JSON.stringify(
        graphCall({
          timeGenerated: `2026-10-0${day}T03:00:00Z`,
          requestId: name + day,
          userAgent: name,
          servicePrincipalId: name,
          responseStatusCode: 403,
        }),
      )}\n`
    const run = (day: number) => alertsOf(['-', ...PACK, '--state', 'state'], { stdin: [call(day)] })
    await run(1)
    expect(readFileSync(FILE, 'utf8')).toContain('\u2028')
    expect((await run(2)).map(({ hour }) => hour)).toEqual(['2026-10-01T03:00:00Z'])
  })
})

describe('a state is refused', () => {
  let saved: string
  beforeAll(async () => {
    await inParts([records.slice(0, 500)])
    saved = readFileSync(FILE, 'utf8')
  })

  const DAMAGED = /^error: state\/replay-state\.ndjson:\d+:1 the state is damaged; remove it to start anew\n$/
  const NEWER = 'error: state/replay-state.ndjson was written by a newer version (3; this one knows 2)\n'

  it.each([
    ['that is empty', () => ''],
    ['that is no JSON', () => 'Hello, world'],
    ['that is another JSON', () => '{"records":[]}\n'],
    ['that is null', () => 'null\n'],
    ['that breaks off within a line', () => saved.slice(0, saved.length / 2)],
    ['that breaks off between two lines', () => saved.slice(0, saved.indexOf('\n', saved.length / 2) + 1)],
    ['that lacks its first line', () => saved.slice(saved.indexOf('\n') + 1)],
    ['that lacks a line', () => saved.replace(/\n.*\n/, '\n')],
    ['that has a line twice', () => saved.replace(/\n(.*)\n/, '\n$1\n$1\n')],
    ['that goes on after its end', () => `${saved}{"type":"row"}\n`],
    ['of which a number changed', () => saved.replace(/"newest":(\d)/, '"newest":9$1')],
    ['of which an agent lacks its memory', () => saved.replace('"memory"', '"nemory"')],
  ])('%s', async (_, content) => {
    mkdirSync('state', { recursive: true })
    writeFileSync(FILE, content())
    expect(content()).not.toBe(saved)
    writeFileSync('old-results.ndjson', 'kept')
    const { code, stdout, stderr } = await cli([
      'replay',
      'part-0.ndjson',
      ...PACK,
      ...['--state', 'state', '--out', 'old-results.ndjson'],
    ])
    expect(stderr).toMatch(DAMAGED)
    expect([code, stdout]).toEqual([1, ''])
    expect(readFileSync(FILE, 'utf8')).toBe(content())
    expect(readFileSync('old-results.ndjson', 'utf8')).toBe('kept')
  })

  it('of a newer version', async () => {
    mkdirSync('state', { recursive: true })
    writeFileSync(FILE, saved.replace('"version":2', '"version":3'))
    const outcome = await cli(['replay', 'part-0.ndjson', ...PACK, '--state', 'state'])
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: NEWER })
  })
})
