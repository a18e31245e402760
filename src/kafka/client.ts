import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import type { Logger } from 'pino'
import { saslOf } from './authentication.js'
import { stopIdleTimer } from './idle-timer.js'
import { logCreator } from './log.js'
import type { ConnectionSettings } from './settings.js'

/** Tries of one request before its failure is ours to deal with: about five seconds. */
const RETRY = { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000 }

/** Below the four minutes after which Azure closes idle connections. */
export const METADATA_MAX_AGE = 180_000

function tlsOf({ tls, authentication }: ConnectionSettings): ConnectionOptions | boolean {
  if (tls === undefined || typeof tls === 'boolean') return tls ?? authentication !== undefined
  const files = Object.entries({ ca: tls.ca, cert: tls.certificate, key: tls.key })
  const given = files.filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(given.map(([name, file]) => [name, readFileSync(file, 'utf8')]))
}

/**
 * A client of Kafka with settings that suit Event Hubs too; connects to nothing yet. Secrets and certificates are read
 * now. @throws Error if one of them can't be read
 */
export function kafkaClient(
  settings: ConnectionSettings,
  log: Logger,
  options: Partial<KafkaConfig> = {},
): Kafka {
  stopIdleTimer()
  const host = settings.brokers[0]!.replace(/:\d+$/, '')
  return new Kafka({
    clientId: 'agentwarden',
    brokers: [...settings.brokers],
    ssl: tlsOf(settings),
    ...(settings.authentication && { sasl: saslOf(settings.authentication, host) }),
    connectionTimeout: 10_000,
    requestTimeout: 60_000,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: logCreator(log),
    ...options,
  })
}
