import { isRestError, type RestError } from '@azure/core-rest-pipeline'
import { WorkspaceError, type WorkspaceErrorCode } from './errors.js'

/** What went wrong with one attempt. */
export interface Failure {
  readonly error: WorkspaceError
  /** Whether the same may succeed later. */
  readonly again: boolean
  /** Milliseconds that the service asks to wait. */
  readonly wait: number | undefined
}

/** How the service's answers are understood, by HTTP status; others are looked at by their hundreds. */
const BY_STATUS = new Map<number, { code: WorkspaceErrorCode; again: boolean; hint: string }>([
  [400, { code: 'wrong-query', again: false, hint: 'the workspace does not understand the query' }],
  [401, { code: 'refused', again: true, hint: 'the token was not accepted' }],
  [403, { code: 'refused', again: false, hint: 'give the identity the role Log Analytics Reader' }],
  [
    404,
    { code: 'refused', again: false, hint: 'there is no such workspace: its id is a GUID, not its name' },
  ],
  [408, { code: 'too-much', again: false, hint: 'the query took too long' }],
  [413, { code: 'too-much', again: false, hint: 'the answer is too large' }],
  [429, { code: 'unavailable', again: true, hint: 'too many queries at a time' }],
  [504, { code: 'too-much', again: false, hint: 'the query took too long' }],
])

const UNAVAILABLE = { code: 'unavailable', again: true, hint: 'it could not be asked' } as const

/** What to make of an error that a query ended with. @param now - milliseconds since 1970, to read dates. */
export function failureOf(cause: unknown, workspace: string, now: number): Failure {
  if (cause instanceof WorkspaceError) return { error: cause, again: false, wait: undefined }
  const rest = isRestError(cause) ? cause : undefined
  const { code, again, hint } = BY_STATUS.get(rest?.statusCode ?? 0) ?? UNAVAILABLE
  const status = rest?.statusCode === undefined ? '' : ` (HTTP ${rest.statusCode})`
  const message = `workspace ${workspace}: ${hint}${status}: ${said(cause)}`
  return {
    error: new WorkspaceError(code, message, { cause }),
    again,
    wait: rest && retryAfter(rest, now),
  }
}

/** What the service itself says, from its innermost error, which is the one that names the fault. */
function said(cause: unknown): string {
  const details: unknown = isRestError(cause) ? cause.details : undefined
  const texts: string[] = []
  for (let error = member(details, 'error'); error !== undefined; error = innerOf(error)) {
    const message = member(error, 'message')
    if (typeof message === 'string' && !texts.includes(message)) texts.push(message)
  }
  const text = texts.join(' ') || (cause instanceof Error ? cause.message : String(cause))
  return text.slice(0, MOST_TEXT)
}

/** A page that a proxy answers with is not worth more. */
const MOST_TEXT = 500

function innerOf(error: unknown): unknown {
  return member(error, 'innererror') ?? member(error, 'innerError')
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** `Retry-After` in seconds or as a date; milliseconds. */
function retryAfter({ response }: RestError, now: number): number | undefined {
  const text = response?.headers.get('retry-after')
  if (text === undefined) return undefined
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}
