/** What passes by itself, or when somebody sets it right, though kafkajs calls it final. */
const PASSING = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSTimeout',
  'CLUSTER_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
])

interface KafkaError extends Error {
  /** Code of the protocol, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
  readonly type?: string
  readonly retriable?: boolean
}

/** The innermost error: kafkajs wraps the last one when it stops trying. */
export function causeOf(error: unknown): KafkaError {
  const found = error instanceof Error ? error : new Error(String(error))
  return found.cause instanceof Error ? causeOf(found.cause) : found
}

/** Whether an error names a topic that does not exist. */
export function isUnknownTopic(error: unknown): boolean {
  return causeOf(error).type === 'UNKNOWN_TOPIC_OR_PARTITION'
}

/** Whether trying again is of no use: kafkajs says so, and it is nothing that anybody else can set right. */
export function isFinal(error: unknown): boolean {
  const cause = causeOf(error)
  return cause.retriable === false && !PASSING.has(cause.name) && !PASSING.has(cause.type ?? '')
}
