import { isRestError } from '@azure/core-rest-pipeline'

/** What the clients of Azure tell when a call fails. */
export interface Failure {
  /** HTTP status; `undefined` if no answer came. */
  readonly status: number | undefined
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined
  /** What is wrong, in one line. */
  readonly said: string
}

/** What codes of sockets and of identities mean to whoever runs the daemon. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'cannot be reached'],
  ['ECONNRESET', 'ended the connection'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['ENOTFOUND', 'is a name that nobody knows'],
  ['EAI_AGAIN', 'is a name that cannot be looked up now'],
  ['ETIMEDOUT', 'does not answer'],
  ['CredentialUnavailableError', 'there is no such identity, or it gets no token'],
  ['AuthenticationError', 'the identity gets no token'],
])

/** Longest text of somebody else's in a message of ours, in characters. */
const LONGEST = 300

/** Looks at an error that a client of Azure threw. */
export function failureOf(error: unknown): Failure {
  const { name, message, code } = asCoded(error)
  const answer = isRestError(error) ? error : undefined
  const meaning = MEANINGS.get(code ?? name) ?? MEANINGS.get(name)
  const text = message.replace(/\s+/g, ' ').trim().slice(0, LONGEST)
  return {
    status: answer?.statusCode,
    retryAfter: answer?.response?.headers.get('retry-after') ?? undefined,
    said: meaning === undefined ? text : `${meaning}: ${text}`,
  }
}

function asCoded(error: unknown): { name: string; message: string; code?: string | undefined } {
  if (error instanceof Error) return error
  return { name: 'Error', message: String(error) }
}
