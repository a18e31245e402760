import { describe, expect, it } from 'vitest'
import { type OutgoingAlert, Refused, RetryLater } from '../../src/daemon/sink.js'
import { EventHubsSink, type EventHubsSinkSettings, sink } from '../../src/sinks/event-hubs.js'
import type { EventHubsServer } from '../support/event-hubs-server/server.js'
import { outgoing } from '../support/outgoing.js'
import { QUICK, serve, settingsFor } from './support.js'

const NEVER = new AbortController().signal

const alert = (id: string, agentId = 'agent', reason = 'did something') => outgoing({ id, agentId, reason })

function open(server: EventHubsServer, more: Partial<EventHubsSinkSettings> = {}): EventHubsSink {
  const { hub, authentication } = settingsFor(server)
  return new EventHubsSink('alerts', sink.settings.parse({ hub, authentication, ...more }), QUICK.retries)
}

/** The alerts that a partition holds. */
function alertsIn(server: EventHubsServer, partition: string): OutgoingAlert[] {
  const log = server.log(partition)
  return Array.from({ length: log.lastSequence + 1 }, (_, sequence) =>
    JSON.parse(log.at(sequence)!.message.body.content.toString()),
  )
}

describe('an Event Hubs sink', () => {
  it('delivers alerts as JSON, in order, with their id on the message', async () => {
    const server = await serve()
    const alerts = ['a', 'b', 'c'].map((id) => alert(id))
    const sink = open(server)
    await sink.deliver(alerts, NEVER)
    await sink.close()
    expect(alertsIn(server, '0')).toEqual(alerts)
    expect(server.log('0').at(1)!.message).toMatchObject({
      message_id: 'b',
      content_type: 'application/json',
    })
  })

  it('keeps the alerts of an agent in one partition', async () => {
    const server = await serve({ partitions: 3 })
    const alerts = ['1', '2', '3', '4', '5', '6'].map((id) => alert(id, `agent ${Number(id) % 2}`))
    const sink = open(server)
    await sink.deliver(alerts, NEVER)
    await sink.close()
    const kept = ['0', '1', '2'].flatMap((partition) => alertsIn(server, partition))
    for (const agent of ['agent 0', 'agent 1']) {
      const partitions = ['0', '1', '2'].filter((partition) =>
        alertsIn(server, partition).some(({ agentId }) => agentId === agent),
      )
      expect(partitions).toHaveLength(1)
      expect(kept.filter(({ agentId }) => agentId === agent).map(({ id }) => Number(id) < 3)).toEqual([
        true,
        false,
        false,
      ])
    }
  })

  it('sends more than fits into one message in several', async () => {
    const server = await serve()
    server.maxMessageSize = 5_000
    const alerts = Array.from({ length: 40 }, (_, index) => alert(String(index)))
    const sink = open(server, { partition_key: 'none' })
    await sink.deliver(alerts, NEVER)
    await sink.close()
    expect(alertsIn(server, '0')).toEqual(alerts)
  })

  it('refuses alerts that are larger than the hub takes, and sends none before it', async () => {
    const server = await serve()
    server.maxMessageSize = 5_000
    const sink = open(server)
    const error = await sink
      .deliver([alert('a'), alert('large', 'agent', 'x'.repeat(6_000)), alert('b')], NEVER)
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Refused)
    expect([...(error as Refused).ids]).toEqual(['large'])
    expect(server.log('0').empty).toBe(true)
    await sink.close()
  })

  it('asks for a pause when the hub is busy', async () => {
    const server = await serve()
    server.faults.refuseEvents = { condition: 'com.microsoft:server-busy', description: 'please wait' }
    const sink = open(server)
    const error = await sink.deliver([alert('a')], NEVER).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(RetryLater)
    expect(error).toMatchObject({ after: 4_000, message: 'entra-logs: the hub is busy: please wait' })
    await sink.close()
  })

  it.each<{
    fault: string
    begin(server: EventHubsServer): unknown
    end(server: EventHubsServer): unknown
    says: RegExp
  }>([
    {
      fault: 'tokens are refused',
      begin: (server) => {
        server.faults.tokensRefused = true
      },
      end: (server) => {
        server.faults.tokensRefused = false
      },
      says: /^entra-logs: access is refused/,
    },
    {
      fault: 'the hub is away',
      begin: (server) => server.away(),
      end: (server) => server.listen(),
      says: /^entra-logs: the namespace cannot be reached/,
    },
    {
      fault: 'nothing is acknowledged',
      begin: (server) => server.faults.silent.add('publishing'),
      end: (server) => server.faults.silent.clear(),
      says: /^entra-logs: /,
    },
  ])('rejects while $fault, and delivers when it is asked again', async ({ begin, end, says }) => {
    const server = await serve()
    const sink = open(server)
    await begin(server)
    await expect(sink.deliver([alert('a')], NEVER)).rejects.toThrow(says)
    await end(server)
    await sink.deliver([alert('a')], NEVER)
    expect(alertsIn(server, '0')).toEqual([alert('a')])
    await sink.close()
  })

  it('ends soon after it is told to', async () => {
    const server = await serve()
    server.faults.silent.add('publishing')
    const sink = open(server)
    await expect(sink.deliver([alert('a')], AbortSignal.timeout(50))).rejects.toThrow()
    await sink.close()
  })

  it('checks that it may send', async () => {
    const server = await serve()
    const sink = open(server)
    await sink.check()
    expect(server.log('0').empty).toBe(true)
    server.faults.tokensRefused = true
    await expect(open(server).check()).rejects.toThrow('entra-logs: access is refused')
    await sink.close()
  })
})
