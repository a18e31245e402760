import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type OutgoingAlert, Refused } from '../../src/daemon/sink.js'
import { sink as kind } from '../../src/sinks/entra-response.js'
import { givenToken, noToken } from '../support/azure.js'
import { madeFolders } from '../support/folders.js'
import { AGENT, response, SOON_AFTER } from '../support/graph.js'
import { inTurn, refusal } from '../support/ingestion.js'
import { outgoing, patiently } from '../support/outgoing.js'
import { type Answerer, type WebhookReceiver, webhookReceivers } from '../support/receiver.js'

const scratch = madeFolders()
const webhookReceiver = webhookReceivers()
const done: Answerer = (response) => response.writeHead(204).end()

async function graph(answer: Answerer = done): Promise<WebhookReceiver> {
  const server = await webhookReceiver('https')
  server.answer = answer
  return server
}

/** What the audit file of a folder says. */
function audit(folder: string): Record<string, unknown>[] {
  const lines = readFileSync(join(folder, 'audit.ndjson'), 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line))
}

const outcomes = (folder: string) => audit(folder).map(({ outcome }) => outcome)

/** Alerts of agents of their own, and those agents. */
function crowd(count: number): { alerts: OutgoingAlert[]; agents: string[] } {
  const agents = Array.from({ length: count }, (_, index) => AGENT.replace(/.$/, String(index)))
  return { agents, alerts: agents.map((agentId, index) => outgoing({ id: `alert-${index}`, agentId })) }
}

describe('a response', () => {
  it.each([
    [
      'confirm-workload-identity',
      'POST',
      '/v1.0/identityProtection/riskyServicePrincipals/confirmCompromised',
      { servicePrincipalIds: [AGENT] },
    ],
    [
      'confirm-agent',
      'POST',
      '/beta/identityProtection/riskyAgents/confirmCompromised',
      { agentIds: [AGENT] },
    ],
    [
      'disable-agent-identity',
      'PATCH',
      `/v1.0/servicePrincipals/${AGENT}/microsoft.graph.agentIdentity`,
      { accountEnabled: false },
    ],
    ['disable-service-principal', 'PATCH', `/v1.0/servicePrincipals/${AGENT}`, { accountEnabled: false }],
  ])('%s is one call of Microsoft Graph', async (action, method, path, body) => {
    const server = await graph()
    const credential = givenToken('secret-token')
    const rules = [{ detections: ['unusual-resource'], severity: 'medium', action }]
    const folder = scratch()
    await response(server, folder, { rules }, { credential }).deliver([outgoing()], patiently())
    expect(server.got.map((call) => [call.method, call.path, JSON.parse(call.body)])).toEqual([
      [method, path, body],
    ])
    expect(server.got[0]!.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'content-type': 'application/json',
    })
    expect(credential.scopes).toEqual([`https://127.0.0.1:${server.port}/.default`])
    expect(outcomes(folder)).toEqual(['begun', 'done'])
    expect(readFileSync(join(folder, 'audit.ndjson'), 'utf8')).not.toContain('secret-token')
  })

  it('writes down what was done, why, and by which call', async () => {
    const folder = scratch()
    const server = await graph()
    await response(server, folder).deliver([outgoing()], patiently())
    expect(audit(folder)[1]).toEqual({
      at: new Date(SOON_AFTER).toISOString(),
      outcome: 'done',
      alert: '0123456789abcdef0123456789abcdef',
      detection: 'unusual-resource',
      severity: 'medium',
      tenantId: '11111111-1111-1111-1111-111111111111',
      agentId: AGENT,
      agentName: 'invoice bot',
      action: 'disable-service-principal',
      request: `PATCH https://127.0.0.1:${server.port}/v1.0/servicePrincipals/${AGENT}`,
      sink: 'response',
    })
  })

  it('does nothing unless `act` says so: it only writes down what it would do', async () => {
    const [server, folder] = [await graph(), scratch()]
    await response(server, folder, { act: undefined }).deliver([outgoing()], patiently())
    expect(server.got).toEqual([])
    expect(audit(folder)).toMatchObject([{ outcome: 'dry-run', action: 'disable-service-principal' }])
  })

  it.each<[string, Partial<OutgoingAlert>]>([
    ['another detection', { detection: 'new-country' }],
    ['a lower severity', { severity: 'low' }],
  ])('ignores %s', async (_, part) => {
    const [server, folder] = [await graph(), scratch()]
    await response(server, folder).deliver([outgoing(part)], patiently())
    expect(server.got).toEqual([])
    expect(() => audit(folder)).toThrow('ENOENT')
  })

  it.each<[string, Partial<OutgoingAlert>]>([
    ['not in the list', { agentId: '33333333-3333-3333-3333-333333333333' }],
    ['no agent by an object id', { agentId: '' }],
    ['no agent by an object id', { agentId: `${AGENT}/../../users/x` }],
    ['minutes back', { time: '2026-11-19T03:12:44.120Z' }],
    ['minutes back', { time: 'yesterday' }],
  ])('is refused, and the reason written down: %s', async (reason, part) => {
    const [server, folder] = [await graph(), scratch()]
    await response(server, folder).deliver([outgoing(part)], patiently())
    expect(server.got).toEqual([])
    expect(audit(folder)).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining(reason) }])
  })

  it('is done once however often the alert is delivered, in later runs too', async () => {
    const [server, folder] = [await graph(), scratch()]
    for (let run = 0; run < 2; run++) {
      const sink = response(server, folder)
      await sink.deliver([outgoing(), outgoing({ state: 'updated' })], patiently())
      await sink.deliver([outgoing()], patiently())
    }
    expect(server.got.length).toBe(1)
    expect(outcomes(folder)).toEqual(['begun', 'done'])
  })

  it.each([true, false])('stops at so many within the hour, over restarts, act: %s', async (act) => {
    const { alerts, agents } = crowd(4)
    const [server, folder] = [await graph(), scratch()]
    const said = { act, agents, most_per_hour: 2 }
    for (const alert of alerts) await response(server, folder, said).deliver([alert], patiently())
    expect(server.got.length).toBe(act ? 2 : 0)
    const after = { now: () => SOON_AFTER + 3_600_001 }
    await response(server, folder, said, after).deliver([{ ...alerts[3]!, id: 'later' }], patiently())
    const refused = audit(folder).filter(({ outcome }) => outcome === 'refused')
    expect(refused.map(({ alert }) => alert)).toEqual(['alert-2', 'alert-3'])
    expect(refused[0]!.reason).toContain('2 acts within the hour')
    expect(audit(folder).at(-1)).toMatchObject({ alert: 'later', outcome: act ? 'done' : 'dry-run' })
  })

  it('of one agent uses up no more than one act, so that the others can still be dealt with', async () => {
    const [server, folder] = [await graph(), scratch()]
    const { alerts, agents } = crowd(2)
    const noise = Array.from({ length: 5 }, (_, index) => ({ ...alerts[0]!, id: `noise-${index}` }))
    await response(server, folder, { agents, most_per_hour: 2 }).deliver([...noise, alerts[1]!], patiently())
    expect(server.got.map(({ path }) => path.slice(-1))).toEqual(['0', '1'])
    expect(audit(folder)[2]!.reason).toBe('the same was done about this agent within the hour')
  })

  it('that a crash cut short is begun anew, and counts as one act', async () => {
    const [server, folder] = [await graph(), scratch()]
    const begun = { at: new Date(SOON_AFTER).toISOString(), outcome: 'begun', action: 'x' }
    const line = JSON.stringify({ ...begun, alert: outgoing().id, agentId: AGENT })
    writeFileSync(join(folder, 'audit.ndjson'), `${line}\n{"at":"2026-11-20T03:4`)
    await response(server, folder, { most_per_hour: 1 }).deliver([outgoing()], patiently())
    expect(server.got.length).toBe(1)
    const lines = readFileSync(join(folder, 'audit.ndjson'), 'utf8').split('\n')
    expect(lines[1]).toBe('{"at":"2026-11-20T03:4')
    expect(JSON.parse(lines[3]!)).toMatchObject({ outcome: 'done' })
  })
})

describe('a call that fails', () => {
  it.each([
    [403, 'Code403: lacks a permission'],
    [404, 'Code404'],
    [400, 'Code400'],
  ])('with %i is written down and holds nothing up', async (status, reason) => {
    const [server, folder] = [await graph(refusal(status, {}, 'lacks a permission')), scratch()]
    const sink = response(server, folder)
    await sink.deliver([outgoing()], patiently())
    expect(server.got.length).toBe(1)
    expect(audit(folder)[1]).toMatchObject({ outcome: 'failed', reason: expect.stringContaining(reason) })
    expect(sink.around.counts.get('response_failed')).toBe(1)
  })

  it.each<[string, Answerer]>([
    ['429', refusal(429, { 'retry-after': '1' })],
    ['503', refusal(503)],
    ['a reset', (response) => response.socket?.destroy()],
  ])('with %s is made again', async (_, answer) => {
    const [server, folder] = [await graph(inTurn(answer, done)), scratch()]
    await response(server, folder).deliver([outgoing()], patiently())
    expect(server.got.length).toBe(2)
    expect(outcomes(folder)).toEqual(['begun', 'done'])
  })

  it('three times is given up', async () => {
    const [server, folder] = [await graph(refusal(500)), scratch()]
    await response(server, folder).deliver([outgoing()], patiently())
    expect(server.got.length).toBe(3)
    expect(outcomes(folder)).toEqual(['begun', 'failed'])
  })

  it('without a token is written down, and told by the check', async () => {
    const [server, folder] = [await graph(), scratch()]
    const sink = response(server, folder, {}, { credential: noToken() })
    await expect(sink.check()).rejects.toThrow('there is no such identity')
    await sink.deliver([outgoing()], patiently())
    expect(audit(folder)[1]).toMatchObject({ outcome: 'failed' })
  })

  it('because the daemon stops is begun anew by the next run', async () => {
    const call = new AbortController()
    const server = await graph(() => call.abort(new Error('the daemon stops')))
    const folder = scratch()
    const stopped = response(server, folder).deliver([outgoing()], call.signal)
    await expect(stopped).rejects.toThrow('the daemon stops')
    expect(outcomes(folder)).toEqual(['begun'])
    server.answer = done
    await response(server, folder).deliver([outgoing()], patiently())
    expect(outcomes(folder)).toEqual(['begun', 'begun', 'done'])
  })

  it('to write the audit file does nothing, and makes dead letters of those alerts alone', async () => {
    const [server, folder] = [await graph(), scratch()]
    mkdirSync(join(folder, 'audit.ndjson'))
    const sink = response(server, folder)
    await expect(sink.check()).rejects.toThrow('EISDIR')
    await sink.deliver([outgoing({ detection: 'other' })], patiently())
    const error = await sink.deliver([outgoing()], patiently()).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Refused)
    expect((error as Refused).ids).toEqual(new Set([outgoing().id]))
    expect(server.got).toEqual([])
  })
})

describe('settings', () => {
  const right = {
    agents: [AGENT],
    rules: [{ detections: ['new-country'], action: 'confirm-agent' }],
    audit: 'audit.ndjson',
    authentication: { kind: 'workload-identity' },
  }

  it('make a dry run unless they say otherwise, on severity high, three an hour', () => {
    expect(kind.settings.parse(right)).toMatchObject({
      act: false,
      most_per_hour: 3,
      rules: [{ severity: 'high' }],
      endpoint: 'https://graph.microsoft.com',
    })
  })

  it.each([
    [{ agents: [] }],
    [{ agents: undefined }],
    [{ agents: ['*'] }],
    [{ rules: [] }],
    [{ rules: [{ detections: [], action: 'confirm-agent' }] }],
    [{ rules: [{ detections: ['a'], action: 'delete' }] }],
    [{ most_per_hour: 0 }],
    [{ audit: undefined }],
    [{ endpoint: 'http://graph.microsoft.com' }],
  ])('are refused: %j', (part) => {
    expect(kind.settings.safeParse({ ...right, ...part }).success).toBe(false)
  })
})
