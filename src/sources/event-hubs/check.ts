import { type EventHubConsumerClient, latestEventPosition } from '@azure/event-hubs'
import { openConsumer, RETRIES } from '../../event-hubs/client.js'
import { explain, isStolen } from '../../event-hubs/errors.js'
import type { HubSettings } from '../../event-hubs/settings.js'
import { within } from '../../waiting.js'

/** In milliseconds. */
const LIMIT = 20_000

/** How long a link must stay open to count as granted, in seconds. */
const GRANTED = 0.5

/**
 * Looks at a hub and at a consumer group of it: `entra-logs: 4 partitions`. Takes nothing away from a daemon that reads
 * the group. @throws Error that says what is wrong.
 */
export async function checkHub(settings: HubSettings, group: string, limit = LIMIT): Promise<string> {
  const client = openConsumer(settings, group, { ...RETRIES, maxRetries: 0 })
  try {
    return await within(limit, look(client, settings.hub), `no answer within ${limit / 1_000} seconds`)
  } catch (error) {
    throw new Error(`${settings.hub}: ${explain(error)}`, { cause: error })
  } finally {
    client.close().catch(() => {})
  }
}

async function look(client: EventHubConsumerClient, hub: string): Promise<string> {
  const partitions = await client.getPartitionIds()
  await openLink(client, partitions[0]!)
  return `${hub}: ${partitions.length} partitions`
}

/** Opens a link without a level of its own: whoever reads the partition with one keeps it. */
function openLink(client: EventHubConsumerClient, partition: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe(
      partition,
      {
        processEvents: async () => resolve(),
        processError: async (error) => (isStolen(error) ? resolve() : reject(error)),
      },
      {
        startPosition: latestEventPosition,
        maxBatchSize: 1,
        prefetchCount: 1,
        maxWaitTimeInSeconds: GRANTED,
      },
    )
  })
}
