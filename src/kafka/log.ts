import { type LogEntry, logLevel } from 'kafkajs'
import type { Logger } from 'pino'

/** Fields that kafkajs adds to its messages and that hold neither secrets nor payloads. */
const FIELDS = [
  'broker',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'retryCount',
  'retryTime',
  'error',
] as const

/** kafkajs calls every lost connection an error; what matters is reported by the source or sink itself. */
const LEVELS = new Map<logLevel, 'warn' | 'info' | 'debug'>([
  [logLevel.ERROR, 'warn'],
  [logLevel.WARN, 'info'],
  [logLevel.INFO, 'debug'],
])

function fieldsOf(entry: LogEntry): Record<string, unknown> {
  const { log } = entry
  const known = FIELDS.filter((field) => log[field] !== undefined)
  return Object.fromEntries(
    known.map((field) => [field, log[field] instanceof Error ? log[field].message : log[field]]),
  )
}

/** Passes the log of kafkajs on, without whatever might be secret. */
export function logCreator(log: Logger): () => (entry: LogEntry) => void {
  return () => (entry) => {
    const level = LEVELS.get(entry.level)
    if (level) log[level]({ kafkajs: entry.log.message, ...fieldsOf(entry) }, 'kafka client')
  }
}
