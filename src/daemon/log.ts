import type { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'

/** Fields that may hold a secret, wherever they stand: their values are never written. */
const SECRET_FIELD =
  /("(?:[\w-]*(?:password|passwd|secret|token|authorization|cookie|connection_?string|shared_?access_?key|sas|api_?key))":)"(?:[^"\\]|\\.)*"/gi

/** Secrets within texts, as messages of client libraries hold them. */
const SECRET_TEXT = /(SharedAccessKey=|SharedAccessSignature[ =]|\bsig=|Bearer\s+)[^\s;&"'\\]+/gi

/** Bytes that wait for a reader who reads nothing; beyond that lines are dropped. */
const MOST_WAITING = 1_000_000

/** What a terminal would obey, or reorder lines by, and JSON leaves as it is. */
const CONTROL = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * The log: one JSON object a line, with level, time and message. What names and messages from outside hold can neither
 * begin a new line nor control a terminal, and known forms of secrets are blotted out.
 */
export function createLog(stream: Writable, level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, {
    write: (line: string) => {
      if (stream.writableLength < MOST_WAITING) stream.write(harmless(line))
    },
  })
}

/** A line of JSON without secrets and without characters that do more than show. */
export function harmless(line: string): string {
  return line
    .replace(SECRET_FIELD, '$1"[hidden]"')
    .replace(SECRET_TEXT, '$1[hidden]')
    .replace(CONTROL, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
