import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { performance } from 'node:perf_hooks'
import { LATE_HOURS } from '../src/baselines/window.js'
import { HOUR_MS } from '../src/records/time.js'
import type { PieceSource } from '../src/replay/merge.js'
import { Replay } from '../src/replay/replay.js'
import { DEFAULT_LIMITS, Scorer } from '../src/scoring/scorer.js'
import { FileSource } from '../src/sources/files.js'
import type { Piece } from '../src/sources/splitter.js'
import type { ViewRow } from '../src/views/view.js'
import {
  type BenchAgent,
  benchAgents,
  busyRows,
  quietRows,
  type RowsOfHour,
  rowsOfHour,
  steadyRows,
  WINDOW_DAYS,
} from './agent-rows.js'
import { bytesInUse } from './child.js'
import { measuredDetections } from './pack.js'
import { START } from './records-file.js'

const READ_BYTES = 1024 * 1024
const LINE_FEED = 10
/** Garbage is collected and memory looked at once in so many chunks of a file. */
const CHUNKS_A_LOOK = 16
/** Agents that are scored beforehand, so that compiled code does not count as memory of agents. */
const WARM_UP = { quiet: 1_000, busy: 100 }
/**
 * Agents whose rows of an hour are made at once, however many there are: else the rows that wait to be scored, and
 * not what is remembered, would be most of what the garbage collector copies with many agents.
 */
const AGENTS_AT_A_TIME = 1_000

export interface Timing {
  readonly records: number
  readonly seconds: number
  readonly alerts: number
}

export interface FilePeak {
  readonly records: number
  /** Most bytes in use at any look. */
  readonly inUse: number
  /** Most memory that the process ever held. */
  readonly resident: number
}

export interface AgentBytes {
  readonly bytes: number
  readonly rows: number
  readonly alerts: number
  readonly seconds: number
}

/** The least that any reader does: split the file into lines and parse each. */
export async function bareLoop(path: string): Promise<Timing> {
  const start = performance.now()
  let records = 0
  let rest: Buffer | undefined
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    const bytes: Buffer = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      JSON.parse(bytes.toString('utf8', from, end))
      records++
      from = end + 1
    }
    rest = bytes.subarray(from)
  }
  return { records, seconds: (performance.now() - start) / 1000, alerts: 0 }
}

/** The whole path, with every detection of the pack. */
export async function wholePath(path: string): Promise<Timing> {
  let alerts = 0
  const run = await replay((count) => {
    alerts += count
  })
  const start = performance.now()
  await run.read([sourceOf(path)])
  await run.finish()
  return { records: recordsOf(run), seconds: (performance.now() - start) / 1000, alerts }
}

/** The same, looking at the memory on the way, up to a byte of the file at which a record ends. */
export async function filePeak(path: string, bytes: number): Promise<FilePeak> {
  const run = await replay(() => {})
  let inUse = 0
  await run.read([looking(sourceOf(path), bytes, () => (inUse = Math.max(inUse, bytesInUse())))])
  return { records: recordsOf(run), inUse, resident: process.resourceUsage().maxRSS * 1024 }
}

/** What an agent takes once the whole window is filled: bytes in use before and after, by agents. */
export async function agentBytes(kind: 'quiet' | 'busy', count: number): Promise<AgentBytes> {
  const rowsOf = kind === 'quiet' ? quietRows : busyRows
  await scoreAll(await newScorer(), benchAgents(WARM_UP[kind]), rowsOf)
  const scorer = await newScorer()
  const before = bytesInUse()
  const done = await scoreAll(scorer, benchAgents(count), rowsOf)
  const after = bytesInUse()
  if (scorer.agentCount !== count) throw new Error(`${scorer.agentCount} agents are remembered, not ${count}`)
  return { bytes: (after - before) / count, ...done }
}

/** Rows scored a second, over enough populations of this size for `rounds` times as many agents. */
export async function scoring(count: number, rounds: number): Promise<Timing> {
  let records = 0
  let seconds = 0
  let alerts = 0
  for (let round = 0; round < rounds; round++) {
    const done = await scoreAll(await newScorer(), benchAgents(count), steadyRows)
    records += done.rows
    seconds += done.seconds
    alerts += done.alerts
  }
  return { records, seconds, alerts }
}

async function newScorer(): Promise<Scorer> {
  return new Scorer(await measuredDetections(), DEFAULT_LIMITS)
}

/** Scores all rows of the window, hour by hour; only the scoring counts as time, not the making of the rows. */
async function scoreAll(scorer: Scorer, agents: readonly BenchAgent[], rowsOf: RowsOfHour) {
  let [rows, alerts, seconds] = [0, 0, 0]
  for (let hour = 0; hour < WINDOW_DAYS * 24; hour++) {
    for (let from = 0; from < agents.length; from += AGENTS_AT_A_TIME) {
      const due = rowsOfHour(agents.slice(from, from + AGENTS_AT_A_TIME), rowsOf, hour)
      const start = performance.now()
      scoreRows(scorer, due)
      alerts += scorer.book.close(scorer.newest - LATE_HOURS).length
      seconds += (performance.now() - start) / 1000
      rows += due.length
    }
  }
  return { rows, alerts: alerts + scorer.book.size, seconds }
}

function scoreRows(scorer: Scorer, rows: readonly ViewRow[]): void {
  for (const row of rows) scorer.score(row)
}

async function replay(count: (alerts: number) => void): Promise<Replay> {
  const detections = await measuredDetections()
  const deadLetter = (letter: unknown) => {
    throw new Error(`a record could not be read: ${JSON.stringify(letter).slice(0, 300)}`)
  }
  const now = START + 100 * 24 * HOUR_MS
  return new Replay({ detections, now }, { alerts: ({ length }) => count(length), deadLetter })
}

function sourceOf(path: string): FileSource {
  return new FileSource({ path, name: basename(path), size: undefined })
}

/** A source that ends after so many bytes, and calls `look` once in a while and at its end. */
function looking(source: PieceSource, bytes: number, look: () => void): PieceSource {
  async function* pieces(): AsyncGenerator<Piece[]> {
    let chunks = 0
    for await (const chunk of source.pieces()) {
      const wanted = chunk.filter(({ offset }) => offset < bytes)
      if (wanted.length < chunk.length) break
      yield chunk
      if (++chunks % CHUNKS_A_LOOK === 0) look()
    }
    look()
  }
  return { name: source.name, pieces }
}

function recordsOf({ intake }: Replay): number {
  return [...intake.counters.byCategory.values()].reduce((sum, count) => sum + count, 0)
}
