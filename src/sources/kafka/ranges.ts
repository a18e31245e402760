import type { Admin } from 'kafkajs'
import { isUnknownTopic } from '../../kafka/errors.js'

/** What a partition's log holds: offsets from `low` up to but without `high`. */
export interface Range {
  readonly topic: string
  readonly partition: number
  readonly low: bigint
  readonly high: bigint
}

export interface Ranges {
  /** By the partition's name. */
  readonly partitions: ReadonlyMap<string, Range>
  readonly topics: readonly string[]
  /** Topics that do not exist. */
  readonly missing: readonly string[]
}

/** Name of a partition in the state and in metrics. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

async function rangesOf(admin: Admin, topic: string): Promise<Range[] | undefined> {
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.map(({ partition, low, high }) => ({
      topic,
      partition,
      low: BigInt(low),
      high: BigInt(high),
    }))
  } catch (error) {
    if (isUnknownTopic(error)) return undefined
    throw error
  }
}

/**
 * Asks the brokers what there is, by a connection of its own that is closed again: so it sees every partition, and a
 * topic that has just been made. @throws Error if no broker answers
 */
export async function readRanges(admin: Admin, topics: readonly string[]): Promise<Ranges> {
  const partitions = new Map<string, Range>()
  const missing: string[] = []
  try {
    await admin.connect()
    for (const topic of topics) {
      const ranges = await rangesOf(admin, topic)
      if (!ranges) missing.push(topic)
      for (const range of ranges ?? []) partitions.set(partitionName(topic, range.partition), range)
    }
  } finally {
    await admin.disconnect().catch(() => {})
  }
  return { partitions, topics: topics.filter((topic) => !missing.includes(topic)), missing }
}
