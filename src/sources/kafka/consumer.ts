import type { Consumer, Kafka } from 'kafkajs'
import { METADATA_MAX_AGE } from '../../kafka/client.js'
import { type Claim, oneForAll } from './assigner.js'

export interface SessionOptions {
  readonly topics: readonly string[]
  readonly group: string
  /** Milliseconds after which the group gives a silent member's partitions away. */
  readonly sessionTimeout: number
  /** Most bytes that one answer of a broker holds; of one partition, a tenth part or one message. */
  readonly maxBytes: number
  /** Milliseconds between two looks at the ends of the logs, and for partitions that are new. */
  readonly lookEvery: number
  /** When this instance started, in milliseconds since 1970. */
  readonly started: number
}

/** Milliseconds that a broker may wait for something to send: the longest pause before what was held back goes on. */
const LONGEST_POLL = 250

/** Makes a member of the group that reads all partitions or none; connects to nothing yet. */
export function consumerOf(client: Kafka, options: SessionOptions, claim: () => Claim): Consumer {
  return client.consumer({
    groupId: options.group,
    partitionAssigners: [oneForAll(claim)],
    sessionTimeout: options.sessionTimeout,
    rebalanceTimeout: Math.max(60_000, options.sessionTimeout),
    heartbeatInterval: Math.floor(options.sessionTimeout / 10),
    metadataMaxAge: Math.min(METADATA_MAX_AGE, options.lookEvery),
    allowAutoTopicCreation: false,
    maxBytes: options.maxBytes,
    maxBytesPerPartition: Math.ceil(options.maxBytes / 10),
    maxWaitTimeInMs: LONGEST_POLL,
    // Whether and how to begin again is decided in one place, by who opens the session.
    retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000, restartOnFailure: async () => false },
  })
}
