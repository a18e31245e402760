import rhea, { type Message } from 'rhea'
import type { Faults } from './faults.js'
import type { PartitionLog } from './partition-log.js'

const { types } = rhea

/** What is asked on `$cbs`: whether a token is good. Every token is, unless they are refused. */
export function authorize(request: Message, faults: Faults): Message | undefined {
  if (faults.silent.has('cbs')) return undefined
  if (request.application_properties?.operation !== 'put-token') return answer(request, 400, 'not put-token')
  if (faults.tokensRefused)
    return answer(request, 401, 'InvalidSignature: The token has an invalid signature.')
  return answer(request, 202, 'Accepted')
}

/** What is asked on `$management`: the properties of a hub or of a partition. */
export function describe(
  request: Message,
  hub: string,
  logs: readonly PartitionLog[],
  faults: Faults,
): Message | undefined {
  if (faults.silent.has('management')) return undefined
  const { name, type, partition } = request.application_properties ?? {}
  const notFound = `The messaging entity '${name}' could not be found.`
  if (name !== hub) return answer(request, 404, notFound, undefined, 'amqp:not-found')
  if (type === 'com.microsoft:eventhub') return answer(request, 200, 'OK', hubProperties(hub, logs))
  const log = logs.find(({ id }) => id === partition)
  return log ? answer(request, 200, 'OK', partitionProperties(hub, log)) : answer(request, 404, notFound)
}

function hubProperties(name: string, logs: readonly PartitionLog[]): unknown {
  return {
    name,
    type: 'com.microsoft:eventhub',
    created_at: types.wrap_timestamp(Date.UTC(2026, 0, 1)),
    partition_count: types.wrap_int(logs.length),
    partition_ids: logs.map(({ id }) => id),
  }
}

function partitionProperties(name: string, log: PartitionLog): unknown {
  return {
    name,
    type: 'com.microsoft:partition',
    partition: log.id,
    begin_sequence_number: types.wrap_long(log.begin),
    last_enqueued_sequence_number: types.wrap_long(log.lastSequence),
    last_enqueued_offset: log.last?.offset ?? '-1',
    last_enqueued_time_utc: types.wrap_timestamp(log.last?.enqueued ?? 0),
    is_partition_empty: log.empty,
  }
}

function answer(
  request: Message,
  status: number,
  description: string,
  body?: unknown,
  condition?: string,
): Message {
  return {
    correlation_id: request.message_id!,
    application_properties: {
      'status-code': types.wrap_int(status),
      'status-description': description,
      ...(condition === undefined ? {} : { 'error-condition': condition }),
    },
    body: body ?? '',
  }
}
