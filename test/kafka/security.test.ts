import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bearer } from '../../src/kafka/authentication.js'
import { kafkaClient } from '../../src/kafka/client.js'
import { connectionSettings } from '../../src/kafka/settings.js'
import { sink } from '../../src/sinks/kafka.js'
import { source } from '../../src/sources/kafka.js'
import { KafkaClients } from '../support/kafka/clients.js'
import { KafkaBroker, kafkaMissing } from '../support/kafka-broker.js'
import { outgoing } from '../support/outgoing.js'
import { surroundings } from '../support/surroundings.js'
import { until } from '../support/until.js'

const missing = await kafkaMissing('TLS and SASL with Kafka')

// Brokers take their time on a busy machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 })

let broker: KafkaBroker
let kafka: KafkaClients
let topic: string
let passwordFile: string

beforeAll(async () => {
  if (missing) return
  broker = await KafkaBroker.start({ secure: true })
  kafka = new KafkaClients(broker.address)
  await kafka.connect()
  topic = await kafka.createTopic()
  await kafka.send(topic, 0, ['message 0'])
  passwordFile = path.join(path.dirname(broker.security!.ca), 'connection-string')
  await writeFile(passwordFile, `${broker.security!.password}\n`)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await kafka?.close()
  await broker?.remove()
})

/** A connection as to Event Hubs: TLS, and a connection string. */
const secure = (connectionString: object) => ({
  brokers: [broker.security!.address],
  tls: { ca: broker.security!.ca },
  authentication: { kind: 'connection-string', connection_string: connectionString },
})

const check = (options: object) => {
  const around = surroundings()
  const given = source.settings.parse({ topics: [topic], ...options })
  return { around, checked: source.check(given, around) }
}

describe.skipIf(missing)('a connection with TLS and a connection string', () => {
  it('reads, and sends', async () => {
    const options = secure({ file: passwordFile })
    const around = surroundings()
    const alerts = sink.open('alerts', sink.settings.parse({ ...options, topic }), around)
    await alerts.deliver([outgoing()], new AbortController().signal)
    await alerts.close()
    const { port } = await kafka.read([topic], options)
    await until('all is read', () => port.count === 2)
    expect(port.texts(`${topic}/0`)).toEqual(['message 0', JSON.stringify(outgoing())])
  })

  it('says that it is refused, goes on trying, and tells nobody the secret', async () => {
    const secret = 'Endpoint=sb://localhost/;SharedAccessKey=b3RoZXI='
    vi.stubEnv('KAFKA_TEST_CONNECTION', secret)
    const options = secure({ env: 'KAFKA_TEST_CONNECTION' })
    const { checked, around: checking } = check(options)
    await expect(checked).rejects.toThrow(/Invalid username or password/)
    const { port, around } = await kafka.read([topic], options)
    await until('it has tried twice', () => port.connections.filter(({ up }) => !up).length === 2)
    expect(port.fatals).toEqual([])
    const said = [...around.logged, ...checking.logged, ...port.connections.map(({ detail }) => detail)].join(
      '\n',
    )
    expect(said).not.toContain('b3RoZXI=')
    expect(said).not.toContain(Buffer.from(secret).toString('base64'))
  })

  it('refuses a broker whose certificate nobody vouches for', async () => {
    const { checked } = check({ ...secure({ file: passwordFile }), tls: true })
    await expect(checked).rejects.toThrow(/self-signed certificate/)
  })

  it('says that a secret is not there before it connects', () => {
    const given = source.settings.parse({ topics: [topic], ...secure({ env: 'KAFKA_TEST_ABSENT' }) })
    expect(() => source.open('kafka', given, surroundings())).toThrow(
      'the environment variable KAFKA_TEST_ABSENT is not set',
    )
  })
})

/** A token that the broker takes for tests: not signed. */
function unsignedToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1_000)
  return `${part({ alg: 'none' })}.${part({ sub: 'agentwarden', iat: now, exp: now + 600 })}.`
}

describe.skipIf(missing)('a connection with tokens of an identity', () => {
  it('asks for tokens of its namespace only, and is let in with them', async () => {
    const scopes: unknown[] = []
    const credential = {
      async getToken(scope: unknown) {
        scopes.push(scope)
        return { token: unsignedToken(), expiresOnTimestamp: Date.now() + 600_000 }
      },
    }
    const { brokers, tls } = secure({ file: passwordFile })
    const settings = connectionSettings.parse({ brokers, tls })
    const sasl = bearer(credential, 'entra.servicebus.windows.net')
    const admin = kafkaClient(settings, surroundings().log, { sasl }).admin()
    await admin.connect()
    expect(await admin.listTopics()).toContain(topic)
    await admin.disconnect()
    expect(new Set(scopes)).toEqual(new Set(['https://entra.servicebus.windows.net/.default']))
  })
})

type Answer = (response: ServerResponse) => void

function giveToken(response: ServerResponse): void {
  const expires = Math.floor(Date.now() / 1_000) + 600
  const token = { access_token: unsignedToken(), expires_on: `${expires}`, token_type: 'Bearer' }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(token))
}

describe.skipIf(missing)('a managed identity whose endpoint is out of order', () => {
  let answer: Answer
  // One for all cases, as its address is kept as long as the process lives.
  const server = createServer((_, response) => answer(response))

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    // As Azure App Service and Container Apps tell it.
    const { port } = server.address() as AddressInfo
    vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${port}/msi/token`)
    vi.stubEnv('IDENTITY_HEADER', 'a-secret-of-the-host')
  })

  afterAll(() => void server.close())

  const broken: [string, Answer][] = [
    ['refuses', (response) => response.writeHead(503).end()],
    ['hangs up', (response) => response.destroy()],
    ['talks nonsense', (response) => response.setHeader('content-type', 'application/json').end('{"a":')],
  ]

  it.each(broken)(
    '%s: is asked again until it gives tokens, and then all is read',
    async (identity, breaks) => {
      answer = breaks
      const { brokers, tls } = secure({ file: passwordFile })
      // Its tokens are kept just as long.
      const authentication = { kind: 'managed-identity', client_id: identity }
      const options = { brokers, tls, authentication }
      const { port, around } = await kafka.read([topic], options)
      await until('it was told', () => port.connections.some(({ up }) => !up))
      expect([port.count, port.fatals]).toEqual([0, []])
      answer = giveToken
      await until('all is read', () => port.count >= 1)
      expect(port.texts(`${topic}/0`)[0]).toBe('message 0')
      expect(JSON.stringify([around.logged, port.connections])).not.toContain('a-secret-of-the-host')
    },
  )
})

describe('the settings of a connection', () => {
  const parse = (settings: object) => connectionSettings.safeParse({ brokers: ['a:9092'], ...settings })

  it.each([
    {
      case: 'a password in the configuration',
      settings: { authentication: { kind: 'plain', username: 'a', password: 'b' } },
    },
    { case: 'a certificate without its key', settings: { tls: { certificate: 'client.pem' } } },
    { case: 'a broker without a port', settings: { brokers: ['kafka'] } },
    { case: 'no broker', settings: { brokers: [] } },
    { case: 'an unknown setting', settings: { broker: 'a:9092' } },
    { case: 'an unknown identity', settings: { authentication: { kind: 'default' } } },
  ])('refuse $case', ({ settings }) => {
    expect(parse(settings).success).toBe(false)
  })

  it.each([
    {
      case: 'a managed identity',
      settings: { authentication: { kind: 'managed-identity', client_id: 'id' } },
    },
    { case: 'a workload identity', settings: { authentication: { kind: 'workload-identity' } } },
    { case: 'mutual TLS', settings: { tls: { ca: 'ca.pem', certificate: 'client.pem', key: 'client.key' } } },
    { case: 'neither', settings: {} },
  ])('take $case', ({ settings }) => {
    expect(parse(settings).success).toBe(true)
  })
})
