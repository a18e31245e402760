import { HOUR_MS } from '../records/time.js'
import type { Answer, Period, Workspace } from './client.js'
import { WorkspaceError } from './errors.js'

/** A period in slices of a day, that begin at midnight but for the first. */
export function slicesOf({ from, to }: Period): Period[] {
  const length = 24 * HOUR_MS
  const slices: Period[] = []
  for (let start = from; start < to; start = slices.at(-1)!.to) {
    slices.push({ from: start, to: Math.min(to, Math.floor(start / length) * length + length) })
  }
  return slices
}

/** Where answers are kept that need not be asked for again. */
export interface Kept {
  get(query: string): Answer | undefined
  put(query: string, answer: Answer): Promise<void>
}

/** For what is soon done: each answer is asked for when it is needed. */
export const NOTHING_KEPT: Kept = { get: () => undefined, put: async () => {} }

/** What answers are asked with. */
export interface Asking {
  readonly workspace: Pick<Workspace, 'query'>
  readonly kept: Kept
  readonly signal: AbortSignal
  /** The present, until which rows may have been exported; milliseconds since 1970. */
  readonly until: number
}

/**
 * The answers to a query about a period; several, one after the other in time, where the workspace could not answer
 * for the whole of it. Then it is asked for each half, and for each half of that, down to an hour.
 * @throws WorkspaceError, `too-much` if an hour is too much
 */
export async function askInParts(
  query: (period: Period) => string,
  period: Period,
  asking: Asking,
): Promise<Answer[]> {
  try {
    return [await askOnce(query(period), period, asking)]
  } catch (error) {
    if (!(error instanceof WorkspaceError) || error.code !== 'too-much') throw error
    const middle = middleOf(period)
    if (middle === undefined) throw hourTooMuch(period, error)
    const first = await askInParts(query, { from: period.from, to: middle }, asking)
    return [...first, ...(await askInParts(query, { from: middle, to: period.to }, asking))]
  }
}

async function askOnce(text: string, { from }: Period, asking: Asking): Promise<Answer> {
  const { workspace, kept, signal, until } = asking
  const known = kept.get(text)
  if (known) return known
  // Nothing is exported before it happens, but much of it late.
  const answer = await workspace.query(text, { from, to: until }, signal)
  await kept.put(text, answer)
  return answer
}

/** The full hour in the middle of a period; nothing within an hour, since what is summed up by hour can't be divided. */
function middleOf({ from, to }: Period): number | undefined {
  const hours = Math.ceil((to - from) / HOUR_MS)
  return hours < 2 ? undefined : from + Math.floor(hours / 2) * HOUR_MS
}

function hourTooMuch({ from }: Period, cause: WorkspaceError): WorkspaceError {
  const hour = new Date(from).toISOString().slice(0, 16)
  const what = `even the hour from ${hour}Z is too much for one answer`
  return new WorkspaceError('too-much', `${cause.message}: ${what}`, { cause })
}
