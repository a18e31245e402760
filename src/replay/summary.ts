import type { Replay } from './replay.js'

/** What the summary says besides what the replay itself counted. */
export interface SummaryFacts {
  /** How long it took, in seconds. */
  readonly seconds: number
  /** The file with what could not be read, if anything could not. */
  readonly deadLetters: string | undefined
  /** Whether rows were left to wait for the next part of the replay. */
  readonly waiting: boolean
}

/** What was read, what came of it, and everything that was not used, in a few lines. */
export function summaryText(run: Replay, alerts: ReadonlyMap<string, number>, facts: SummaryFacts): string {
  return [
    ...recordLines(run, facts),
    ...rowLines(run, facts),
    ...alertLines(alerts),
    ...suppressedLines(run),
    ...learningLines(run),
    ...troubleLines(run, facts),
  ].join('\n')
}

function recordLines({ intake, stream }: Replay, { seconds }: SummaryFacts): string[] {
  const { byCategory } = intake.counters
  const total = sum(byCategory)
  const rate = Math.round(total / Math.max(seconds, 0.001))
  return [
    `Read ${count(total, 'record')} of ${count(stream.scorer.agentCount, 'agent')} and others in ${seconds.toFixed(1)} s (${number(rate)} a second)`,
    ...listed(byCategory),
  ]
}

function rowLines({ stream, outside }: Replay, { waiting }: SummaryFacts): string[] {
  const { rows, duplicates, reordered, late } = stream.counters
  const share = rows === 0 ? '' : ` (${((100 * duplicates) / rows).toFixed(1)} %)`
  const lines = [
    `Agent rows: ${number(rows)}, of which ${number(duplicates)} delivered twice${share}, ${number(reordered)} put in order, ${number(late)} late`,
  ]
  if (outside > 0) lines.push(`  ${number(outside)} rows lie outside of the wanted time`)
  if (waiting) lines.push(`  ${number(stream.reorder.waiting)} rows wait in the state for the next part`)
  return lines
}

function alertLines(alerts: ReadonlyMap<string, number>): string[] {
  return [`Alerts: ${number(sum(alerts))}`, ...listed(alerts)]
}

function suppressedLines({ suppressed }: Replay): string[] {
  if (suppressed.size === 0) return []
  return [`Alerts held back by exceptions: ${number(sum(suppressed))}`, ...listed(suppressed)]
}

function learningLines({ stream }: Replay): string[] {
  const { learning } = stream.scorer.counters
  if (learning.size === 0) return []
  return ['Rows that would have alerted, had more been known of the agent:', ...listed(learning)]
}

function troubleLines({ intake, stream }: Replay, { deadLetters }: SummaryFacts): string[] {
  const { rejected, unknown } = intake.counters
  const { tooLate, beyondAgents } = stream.scorer.counters
  const lines: string[] = []
  if (unknown.size > 0) lines.push('Records of other categories, passed over:', ...listed(unknown))
  if (rejected.size > 0) lines.push(`Dead letters, written to ${deadLetters}:`, ...listed(rejected))
  if (tooLate > 0) lines.push(`Rows more than a day late, seen by match detections only: ${number(tooLate)}`)
  if (beyondAgents > 0)
    lines.push(`Rows of agents beyond the bound, seen by match detections only: ${number(beyondAgents)}`)
  if (stream.scorer.stores.overflows > 0) {
    lines.push(`Values left out because there were too many: ${number(stream.scorer.stores.overflows)}`)
  }
  if (stream.counters.overflows > 0) {
    lines.push(`Hours judged early because too many rows waited: ${number(stream.counters.overflows)}`)
  }
  if (stream.seen.forgottenEarly > 0) {
    lines.push(
      `Events forgotten early, which count again if delivered again: ${number(stream.seen.forgottenEarly)}`,
    )
  }
  const { rolledUp } = stream.scorer.book
  if (rolledUp.size > 0)
    lines.push('Findings that share an alert, because there were too many for one each:', ...listed(rolledUp))
  return lines
}

function listed(counts: ReadonlyMap<string, number>): string[] {
  const width = Math.max(0, ...[...counts.keys()].map((key) => key.length))
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, value]) => `  ${key.padEnd(width)}  ${number(value).padStart(9)}`)
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, value) => total + value, 0)
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`
}
