/** Errors of the client carry a code instead of being of different classes. */
interface CodedError extends Error {
  readonly code?: string
}

/** What the codes of the client, of sockets and of identities mean to whoever runs the daemon. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['UnauthorizedError', 'access is refused'],
  ['MessagingEntityNotFoundError', 'there is no such hub or consumer group'],
  ['ServiceCommunicationError', 'there is no such hub or consumer group'],
  ['MessagingEntityDisabledError', 'the hub is disabled'],
  ['ServerBusyError', 'the hub is busy'],
  ['QuotaExceededError', 'a limit of the hub is reached'],
  ['OperationTimeoutError', 'the hub does not answer'],
  ['ServiceUnavailableError', 'the hub does not answer'],
  ['ECONNREFUSED', 'the namespace cannot be reached'],
  ['ECONNRESET', 'the namespace cannot be reached'],
  ['EHOSTUNREACH', 'the namespace cannot be reached'],
  ['ENOTFOUND', 'the namespace cannot be reached'],
  ['EAI_AGAIN', 'the namespace cannot be reached'],
  ['ETIMEDOUT', 'the namespace cannot be reached'],
  ['CredentialUnavailableError', 'there is no such identity'],
  ['AuthenticationError', 'the identity gets no token'],
])

/** Longest text of somebody else's in a message of ours, in characters. */
const LONGEST = 300

/** All that went wrong: several attempts bring an error each. */
function causesOf(error: unknown): CodedError[] {
  if (error instanceof AggregateError) return error.errors.flatMap(causesOf)
  return [error instanceof Error ? error : new Error(String(error))]
}

/** Whether one of the attempts that failed did so with a certain code. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return causesOf(error).some(({ code }) => code !== undefined && codes.includes(code))
}

/** Whether another reader has taken the partition over, or has it with a higher owner level. */
export function isStolen(error: unknown): boolean {
  return hasCode(error, 'ReceiverDisconnectedError')
}

/** Whether the service knows no such position in the partition. */
export function isOutOfRange(error: unknown): boolean {
  return hasCode(error, 'ArgumentOutOfRangeError', 'ArgumentError')
}

/** What is wrong, in one line: what it means, then what the service said. */
export function explain(error: unknown): string {
  const causes = causesOf(error)
  const last = causes.findLast(({ code, name }) => MEANINGS.has(code ?? name)) ?? causes.at(-1)
  const said = (last?.message ?? '').replace(/\s+/g, ' ').trim().slice(0, LONGEST)
  const meaning = MEANINGS.get(last?.code ?? last?.name ?? '')
  return meaning === undefined ? said : `${meaning}: ${said}`
}
