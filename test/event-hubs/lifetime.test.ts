import { describe, expect, it, vi } from 'vitest'
import { credentialOf } from '../../src/azure/identity.js'
import { checkHub } from '../../src/sources/event-hubs/check.js'
import { EventHubsSource, source } from '../../src/sources/event-hubs.js'
import { surroundings } from '../support/surroundings.js'
import {
  enqueue,
  QUICK,
  RecordingPort,
  read,
  secretOf,
  serve,
  settingsFor,
  until,
  untilTaken,
} from './support.js'

describe('stopping', () => {
  it.each(['cbs', 'management', 'events'] as const)('is prompt while %s is silent', async (silence) => {
    const server = await serve()
    server.faults.silent.add(silence)
    const { source } = await read(server, { pace: { retries: { maxRetries: 1, timeoutInMs: 60_000 } } })
    await until(() => expect(server.connections).toBeGreaterThan(0))
    await source.stop()
  })

  it('is prompt while the hub can not be reached', async () => {
    const server = await serve()
    await server.away()
    const { source } = await read(server, { pace: { firstPause: 60_000 } })
    await source.stop()
  })

  it('does not wait for room, and tells nothing afterwards', async () => {
    const server = await serve()
    enqueue(server, 0, 99)
    const port = new RecordingPort()
    port.full = true
    const { source } = await read(server, { port })
    await until(() => expect(port.taken.length).toBeGreaterThan(0))
    await source.stop()
    const told = JSON.stringify([port.taken, port.connections, [...port.unread], port.gaps])
    port.drain()
    enqueue(server, 100, 199)
    await until(() => expect(server.connections).toBe(0))
    expect(JSON.stringify([port.taken, port.connections, [...port.unread], port.gaps])).toBe(told)
  })
})

describe('a secret', () => {
  it('is read again once it was refused, as it may have been changed', async () => {
    const server = await serve()
    const settings = settingsFor(server)
    vi.stubEnv(secretOf(server), server.connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'))
    const port = new RecordingPort()
    const reading = new EventHubsSource('logs', settings, surroundings(), QUICK)
    server.enqueue('0', 'event')
    await reading.start(port)
    await until(() => expect(port.connections[0]?.detail).toMatch(/^the namespace cannot be reached/))
    vi.stubEnv(secretOf(server), server.connectionString)
    await untilTaken(port, ['event'])
    await reading.stop()
  })

  it.each([
    [
      'Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=topsecret;EntityPath=other',
      'is for other, not for entra-logs',
    ],
    ['topsecret', 'is not one of Event Hubs'],
    ['Endpoint=sb://h/;SharedAccessKey=topsecret', 'is not one of Event Hubs'],
    ['Endpoint=sb://h/', 'is not one of Event Hubs'],
  ])('that can not be used is not shown: %s', async (secret, message) => {
    const server = await serve()
    const settings = settingsFor(server)
    vi.stubEnv(secretOf(server), secret)
    const open = () => source.open('logs', settings, surroundings())
    expect(open).toThrow(message)
    expect(open).not.toThrow('topsecret')
  })
})

describe('an identity', () => {
  it.each([
    ['managed-identity', 'ManagedIdentityCredential'],
    ['workload-identity', 'WorkloadIdentityCredential'],
  ] as const)('%s is that one and no other', (kind, name) => {
    vi.stubEnv('AZURE_TENANT_ID', '11111111-1111-4111-8111-111111111111')
    vi.stubEnv('AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/token')
    const clientId = '22222222-2222-4222-8222-222222222222'
    const credential = credentialOf({ kind, client_id: clientId })
    expect(credential.constructor.name).toBe(name)
    vi.unstubAllEnvs()
  })
})

describe('the check of a hub', () => {
  it('tells its partitions', async () => {
    const server = await serve({ partitions: 4 })
    expect(await checkHub(settingsFor(server), '$Default')).toBe('entra-logs: 4 partitions')
  })

  it('takes nothing away from a daemon that reads it', async () => {
    const server = await serve()
    const { port } = await read(server)
    await until(() => expect(port.connections.at(-1)?.up).toBe(true))
    expect(await checkHub(settingsFor(server), '$Default')).toBe('entra-logs: 1 partitions')
    server.enqueue('0', 'event')
    await untilTaken(port, ['event'])
    expect(port.fatals).toEqual([])
  })

  it('says that access is refused', async () => {
    const server = await serve()
    server.faults.tokensRefused = true
    await expect(checkHub(settingsFor(server), '$Default')).rejects.toThrow(
      'entra-logs: access is refused: Invalid',
    )
  })

  it('says that there is no such hub', async () => {
    const server = await serve()
    await expect(checkHub(settingsFor(server, { hub: 'another' }), '$Default')).rejects.toThrow(
      "another: there is no such hub or consumer group: The messaging entity 'another' could not be found.",
    )
  })

  it('says that there is no such consumer group', async () => {
    const server = await serve()
    await expect(checkHub(settingsFor(server), 'mine')).rejects.toThrow(
      "there is no such hub or consumer group: The messaging entity 'entra-logs:ConsumerGroup:mine' could not be found.",
    )
  })

  it('says that the namespace can not be reached', async () => {
    const server = await serve()
    await server.away()
    await expect(checkHub(settingsFor(server), '$Default')).rejects.toThrow(
      'entra-logs: the namespace cannot be reached: connect ECONNREFUSED',
    )
  })

  it('says that there is no answer', async () => {
    const server = await serve()
    server.faults.silent.add('cbs')
    await expect(checkHub(settingsFor(server), '$Default', 300)).rejects.toThrow(
      'no answer within 0.3 seconds',
    )
  })
})
