import type { Buffer } from 'node:buffer'
import type { AgentSelector } from '../agents/inventory.js'
import { increment } from '../collections.js'
import { type Decoded, decodeMessage, pathsOf, rejection, type TimeBounds } from '../records/decode.js'
import { RecordError, type Rejection } from '../records/record.js'
import { SelectiveReader } from '../records/selective.js'
import { sourcesOf, viewReaders } from '../views/index.js'
import type { ViewRow, ViewSource } from '../views/view.js'

/** What the intake counted: every record is in exactly one of these. */
export interface IntakeCounters {
  messages: number
  /** Records that were understood, by category. */
  readonly byCategory: Map<string, number>
  /** Records of categories that are passed over, by category. */
  readonly unknown: Map<string, number>
  /** Messages and records that could not be read, by reason. */
  readonly rejected: Map<string, number>
}

/** What came of one message. */
export interface Taken {
  readonly rejected: readonly Rejection[]
  /** Newest event time of its records, in milliseconds since 1970. */
  readonly newest: number | undefined
}

/** Nothing else of a record is looked at on the way to its rows. */
const WANTED = pathsOf(viewReaders)

/** Most names of unknown categories that are counted apart: a stranger could send any number. */
const MOST_UNKNOWN = 100

/** Turns messages into agent rows: decode, normalise, views, selection. Counts all that passes. */
export class Intake {
  readonly counters: IntakeCounters
  readonly #selector: AgentSelector
  readonly #bounds: TimeBounds
  readonly #selective = new SelectiveReader(WANTED)

  constructor(selector: AgentSelector, bounds: TimeBounds, counters: IntakeCounters = newCounters()) {
    this.#selector = selector
    this.#bounds = bounds
    this.counters = counters
  }

  /** The same with another selection of agents; goes on counting where this one stopped. */
  with(selector: AgentSelector): Intake {
    return new Intake(selector, this.#bounds, this.counters)
  }

  /**
   * Reads one message and hands each agent row to `deliver`. Never throws for what the message holds. What a live
   * message may say of time depends on when it came: it then brings its own bounds.
   */
  take(bytes: Buffer, deliver: (row: ViewRow) => void, bounds: TimeBounds = this.#bounds): Taken {
    const { selected, records, rejected, unknown } = decodeMessage(bytes, bounds, this.#selective)
    const problems: Rejection[] = []
    this.counters.messages++
    let newest: number | undefined
    for (const decoded of records) {
      const problem = this.#project(decoded, deliver)
      if (problem) problems.push(problem)
      else increment(this.counters.byCategory, decoded.record.category)
      if (decoded.eventTime !== undefined) newest = Math.max(newest ?? 0, decoded.eventTime)
    }
    for (const category of unknown) this.#countUnknown(category)
    const all = [...rejected, ...(selected ? withWholeRecords(problems, bytes, bounds) : problems)]
    for (const { reason } of all) this.reject(reason)
    return { rejected: all, newest }
  }

  /** The event time of the first record of a message that is understood; counts nothing. */
  peek(bytes: Buffer): number | undefined {
    return decodeMessage(bytes, this.#bounds, this.#selective).records[0]?.eventTime
  }

  /** Counts a message that was not even looked into. */
  rejectMessage(reason: string): void {
    this.counters.messages++
    this.reject(reason)
  }

  /** Counts something that could not be read. */
  reject(reason: string): void {
    increment(this.counters.rejected, reason)
  }

  #project(decoded: Decoded, deliver: (row: ViewRow) => void): Rejection | undefined {
    try {
      for (const source of sourcesOf(decoded.table)) {
        const row = this.#rowOf(source, decoded)
        if (row) deliver(row)
      }
      return undefined
    } catch (error) {
      return rejection(error, { index: decoded.index, record: decoded.record })
    }
  }

  #rowOf(source: ViewSource, { record, eventTime }: Decoded): ViewRow | undefined {
    const projected = source.project(record, eventTime ?? Number.NaN)
    const row = projected && this.#selector.select(projected)
    if (row && eventTime === undefined) {
      throw new RecordError('no-event-time', `a row of ${source.table.name} has no ${source.table.eventTime}`)
    }
    return row
  }

  #countUnknown(category: string): void {
    const { unknown } = this.counters
    increment(unknown, unknown.has(category) || unknown.size < MOST_UNKNOWN ? category : 'others')
  }
}

/** The same problems with all of their records, so that a dead letter loses nothing. Parses the message once. */
function withWholeRecords(
  problems: readonly Rejection[],
  bytes: Buffer,
  bounds: TimeBounds,
): readonly Rejection[] {
  if (problems.length === 0) return problems
  const whole = new Map(decodeMessage(bytes, bounds).records.map(({ index, record }) => [index, record]))
  return problems.map((problem) => ({ ...problem, record: whole.get(problem.index!) }))
}

function newCounters(): IntakeCounters {
  return { messages: 0, byCategory: new Map(), unknown: new Map(), rejected: new Map() }
}
