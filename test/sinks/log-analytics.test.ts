import { gunzipSync } from 'node:zlib'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Delivery } from '../../src/daemon/delivery.js'
import { Refused, RetryLater } from '../../src/daemon/sink.js'
import { MARKER } from '../../src/sinks/log-analytics/cut.js'
import { sink as kind } from '../../src/sinks/log-analytics.js'
import { givenToken, noToken } from '../support/azure.js'
import { FakeTimers } from '../support/fake-timers.js'
import {
  ingestionSink,
  inTurn,
  NOW,
  RULE,
  refusal,
  rowsOf,
  streamIn,
  taken,
  whyNot,
} from '../support/ingestion.js'
import { MemoryOutbox } from '../support/memory-outbox.js'
import { outgoing, outgoingOnes, patiently } from '../support/outgoing.js'
import { type Answerer, type WebhookReceiver, webhookReceivers } from '../support/receiver.js'
import { until } from '../support/until.js'

const webhookReceiver = webhookReceivers()

async function service(answer: Answerer = taken): Promise<WebhookReceiver> {
  const server = await webhookReceiver('https')
  server.answer = answer
  return server
}

/** Ids of the alerts of each call. */
const idsOf = (server: WebhookReceiver) =>
  server.got.map((call) => rowsOf(call).map(({ AlertId }) => AlertId))

/** Alerts with a reason of so many letters. */
const long = (count: number, letters: number) =>
  outgoingOnes(count).map((alert) => ({ ...alert, reason: 'x'.repeat(letters) }))

describe('alerts in Log Analytics', () => {
  it('are rows of the table, with a token, at the stream of the rule', async () => {
    const server = await service()
    const credential = givenToken('secret-token')
    await ingestionSink(server, {}, { credential }).deliver([outgoing({ appId: 'app' })], patiently())
    const [call] = server.got
    expect(call!.method).toBe('POST')
    expect(decodeURIComponent(call!.path)).toBe(
      `/dataCollectionRules/${RULE}/streams/Custom-AgentwardenAlerts_CL?api-version=2023-01-01`,
    )
    expect(call!.headers).toMatchObject({ authorization: 'Bearer secret-token', 'content-encoding': 'gzip' })
    expect(credential.scopes).toEqual(['https://monitor.azure.com/.default'])
    expect(rowsOf(call!)).toEqual([
      {
        TimeGenerated: new Date(NOW).toISOString(),
        AlertId: '0123456789abcdef0123456789abcdef',
        AlertState: 'raised',
        Detection: 'unusual-resource',
        AlertTitle: 'Agent reaches a resource that it never used',
        Severity: 'Medium',
        AADTenantId: '11111111-1111-1111-1111-111111111111',
        AgentId: '22222222-2222-2222-2222-222222222222',
        AgentName: 'invoice bot',
        AppId: 'app',
        EventTime: '2026-11-20T03:12:44.120Z',
        Hour: '2026-11-20T03:00:00Z',
        Entity: { ResourceDisplayName: 'Payroll' },
        Observed: 'Payroll',
        Expected: { known: 3, basis: '3 resources in 13 days' },
        Reason: 'invoice bot signed in to Payroll, which it never did in 13 days',
        EventCount: 1,
        Evidence: [
          { table: 'AADServicePrincipalSignInLogs', id: 'event-1', time: '2026-11-20T03:12:44.120Z' },
        ],
        Tactics: ['LateralMovement'],
        Techniques: ['T1078.004'],
      },
    ])
  })

  it('bring the risk of their agents to a table of its own, where they carry it', async () => {
    const server = await service()
    const risk = { score: 35, level: 'medium', reasons: ['one detection'] }
    await ingestionSink(server).deliver(
      [outgoing(), { ...outgoing({ id: 'b' }), risk } as never],
      patiently(),
    )
    expect(server.got.map(streamIn)).toEqual([
      'Custom-AgentwardenAlerts_CL',
      'Custom-AgentwardenAgentRisk_CL',
    ])
    expect(rowsOf(server.got[0]!)[1]).toMatchObject({ RiskScore: 35, RiskLevel: 'medium' })
    expect(rowsOf(server.got[1]!)).toEqual([
      {
        TimeGenerated: new Date(NOW + 2).toISOString(),
        AADTenantId: '11111111-1111-1111-1111-111111111111',
        AgentId: '22222222-2222-2222-2222-222222222222',
        AgentName: 'invoice bot',
        RiskScore: 35,
        RiskLevel: 'medium',
        RiskReasons: ['one detection'],
        AlertId: 'b',
        EventTime: '2026-11-20T03:12:44.120Z',
      },
    ])
  })

  it('bear times that tell the newer row of an alert, also of two that are sent together or by a clock set back', async () => {
    const server = await service()
    const times = [NOW, NOW, NOW - 60_000]
    const sink = ingestionSink(server, {}, { now: () => times.shift()! })
    await sink.deliver([outgoing(), outgoing({ state: 'updated' })], patiently())
    await sink.deliver([outgoing({ state: 'updated' })], patiently())
    const sent = server.got.flatMap((call) => rowsOf(call).map(({ TimeGenerated }) => TimeGenerated))
    expect(sent).toEqual([0, 1, 2].map((after) => new Date(NOW + after).toISOString()))
  })

  it('are dealt to calls below 1 MB, brackets and commas counted', async () => {
    const server = await service()
    await ingestionSink(server).deliver(long(40, 60_000), patiently())
    const sizes = server.got.map(({ bytes }) => gunzipSync(bytes).length)
    expect(sizes.length).toBe(3)
    expect(Math.max(...sizes)).toBeLessThan(1_000_000)
    expect(idsOf(server).flat()).toEqual(outgoingOnes(40).map(({ id }) => id))
  })

  it('are sent again only where their call failed', async () => {
    const server = await service(inTurn(taken, refusal(500), taken))
    const sink = ingestionSink(server)
    const alerts = long(40, 60_000)
    expect(await whyNot(sink, alerts)).not.toBeInstanceOf(RetryLater)
    await sink.deliver(alerts, patiently())
    const [first, second, third, fourth] = idsOf(server)
    expect(server.got.length).toBe(4)
    expect(third).toEqual(second)
    expect([...first!, ...third!, ...fourth!]).toEqual(alerts.map(({ id }) => id))
  })

  it('are all sent where an alert was updated twice in a batch, and the call with the later row failed', async () => {
    const server = await service(inTurn(taken, refusal(500), taken))
    const sink = ingestionSink(server)
    const alerts = long(20, 60_000).map((alert) => ({ ...alert, state: 'updated' as const }))
    const batch = [...alerts, { ...alerts[0]!, count: 2 }]
    await whyNot(sink, batch)
    await sink.deliver(batch, patiently())
    expect(rowsOf(server.got.at(-1)!).at(-1)).toMatchObject({ AlertId: 'alert-1', EventCount: 2 })
  })

  it('are sent anew once the batch was delivered: what was remembered is forgotten', async () => {
    const server = await service()
    const sink = ingestionSink(server)
    await sink.deliver([outgoing()], patiently())
    await sink.deliver([outgoing()], patiently())
    expect(server.got.length).toBe(2)
  })

  it.each([
    ['a text', { reason: 'é"'.repeat(100_000) }, 'Reason'],
    ['a list', { evidence: Array(10_000).fill({ table: 'AuditLogs', id: 'x', time: 'y' }) }, 'Evidence'],
    ['an object', { entity: { name: 'n'.repeat(100_000) } }, 'Entity'],
    ['control characters', { reason: '\u0001'.repeat(20_000) }, 'Reason'],
  ])('have %s above 64 kB cut, and say so', async (_, part, column) => {
    const server = await service()
    const sink = ingestionSink(server)
    await sink.deliver([outgoing(part)], patiently())
    const [row] = rowsOf(server.got[0]!)
    expect(Buffer.byteLength(JSON.stringify(row![column]))).toBeLessThanOrEqual(64_000)
    expect(Buffer.byteLength(JSON.stringify(row![column]))).toBeGreaterThan(63_900)
    expect(String(row![column])).toMatch(new RegExp(`${MARKER.replace(/[[\]]/g, '\\$&')}$`))
    expect(row!.CutFields).toEqual([column])
    expect(sink.around.counts.get('cut_alerts')).toBe(1)
  })

  it('are halved when the service finds a call too large', async () => {
    const server = await service(inTurn(refusal(413), taken))
    await ingestionSink(server).deliver(outgoingOnes(3), patiently())
    expect(idsOf(server)).toEqual([['alert-1', 'alert-2', 'alert-3'], ['alert-1', 'alert-2'], ['alert-3']])
  })

  it('are cut further when one alone is too large, and refused only when that does not help', async () => {
    const server = await service(refusal(413))
    const error = await whyNot(ingestionSink(server), long(1, 60_000))
    expect(server.got.map((call) => String(rowsOf(call)[0]!.Reason).length)).toEqual([
      60_000,
      8_000 - '""'.length - Buffer.byteLength(MARKER) + MARKER.length,
    ])
    expect(error).toBeInstanceOf(Refused)
    expect((error as Refused).ids).toEqual(new Set(['alert-1']))
  })
})

describe('a call that fails', () => {
  it.each([
    [400, 'the rule has no such stream'],
    [401, 'the token is not accepted'],
    [403, 'Monitoring Metrics Publisher on the data collection rule'],
    [404, 'there is no such data collection rule'],
    [429, 'has reached its limit'],
    [500, 'the service answered 500: no'],
    [503, 'the service answered 503'],
  ])('with %i is explained, made once, and tried again later', async (status, said) => {
    const server = await service(refusal(status))
    const error = await whyNot(ingestionSink(server), [outgoing()])
    expect(error.message).toContain(said)
    expect(error).not.toBeInstanceOf(Refused)
    expect(error).not.toBeInstanceOf(RetryLater)
    expect(server.got.length).toBe(1)
  })

  it.each([
    [429, '120', 120_000],
    [503, '5', 5_000],
    [429, '999999999', 3_600_000],
  ])('with %i and Retry-After: %s makes a pause', async (status, text, pause) => {
    const server = await service(refusal(status, { 'retry-after': text }))
    const error = await whyNot(ingestionSink(server), [outgoing()])
    expect((error as RetryLater).after).toBe(pause)
  })

  it.each([301, 307, 308])('with %i leads nowhere else', async (status) => {
    const elsewhere = await service()
    const server = await service(refusal(status, { location: `https://127.0.0.1:${elsewhere.port}/` }))
    await whyNot(ingestionSink(server), [outgoing()])
    expect([server.got.length, elsewhere.got.length]).toEqual([1, 0])
  })

  it.each<[string, Answerer, object, string]>([
    ['no answer', () => {}, { timeout: '1s' }, 'not done within 1 s'],
    ['a reset', (response) => response.socket?.destroy(), {}, 'ended the connection'],
    ['an answer that is no JSON', (response) => response.writeHead(500).end('<html>'), {}, 'answered 500'],
    ['200 in place of 204', (response) => response.end('{}'), {}, 'answered 200'],
  ])('for %s is tried again later', async (_, answer, said, message) => {
    const error = await whyNot(ingestionSink(await service(answer), said), [outgoing()])
    expect(error.message).toContain(message)
    expect(error).not.toBeInstanceOf(Refused)
  })

  it('without a token names the identity and never sends', async () => {
    const server = await service()
    const sink = ingestionSink(server, {}, { credential: noToken() })
    expect((await whyNot(sink, [outgoing()])).message).toContain('there is no such identity')
    await expect(sink.check()).rejects.toThrow('there is no such identity')
    expect(server.got).toEqual([])
  })

  it('ends when the caller calls it off, and is no success', async () => {
    const server = await service(() => {})
    const call = new AbortController()
    const delivery = ingestionSink(server).deliver([outgoing()], call.signal)
    server.answer = () => call.abort(new Error('the daemon stops'))
    await expect(delivery).rejects.toThrow('the daemon stops')
  })

  it('does not trust a certificate that nobody has signed', async () => {
    const server = await service()
    const { signal } = new AbortController()
    const stranger = ingestionSink(server, {}, { ca: '' })
    await expect(stranger.deliver([outgoing()], signal)).rejects.toThrow(/certificate|self/)
  })
})

describe('a daemon', () => {
  it('delivers while the rule is gone and the role is lost: all arrive once both are back, none twice', async () => {
    const server = await service(inTurn(refusal(404), refusal(403), taken, refusal(429), taken))
    const outbox = new MemoryOutbox()
    const timers = new FakeTimers()
    const delivery = new Delivery({
      outbox,
      sinks: [ingestionSink(server)],
      log: pino({ level: 'silent' }),
      deadLetters: async () => {
        throw new Error('nothing is refused')
      },
      timers,
      random: () => 0.5,
      // Time that does not pass by itself says nothing of how long a call takes.
      deadline: Number.MAX_SAFE_INTEGER,
    })
    outbox.add(...long(40, 60_000))
    delivery.start()
    await until('all has arrived', async () => {
      await timers.pass(60_000)
      return outbox.delivered('workspace') === 40
    })
    await delivery.stop(1_000)
    const arrived = idsOf(server).filter((_, call) => ![0, 1, 3].includes(call))
    expect(arrived.flat()).toEqual(outgoingOnes(40).map(({ id }) => id))
  })
})

describe('settings', () => {
  it.each([
    [{ endpoint: 'http://contoso.ingest.monitor.azure.com' }],
    [{ rule_id: 'my-rule' }],
    [{ rule_id: `${RULE}/streams/x` }],
    [{ stream: 'Custom-../../other' }],
    [{ authentication: { kind: 'secret', value: 'x' } }],
  ])('are refused: %j', (part) => {
    const right = {
      endpoint: 'https://contoso.ingest.monitor.azure.com',
      rule_id: RULE,
      authentication: { kind: 'managed-identity' },
    }
    expect(kind.settings.safeParse(right).success).toBe(true)
    expect(kind.settings.safeParse({ ...right, ...part }).success).toBe(false)
  })
})
