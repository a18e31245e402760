import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { inTempFolder, linesOf } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { inTurn, RULE, refusal, rowsOf, taken } from '../support/ingestion.js'
import { type Answerer, selfMade, type WebhookReceiver, webhookReceivers } from '../support/receiver.js'
import { AGENT, graphCall } from '../support/records.js'
import { compileFirst, Running } from '../support/running.js'
import { until } from '../support/until.js'

inTempFolder()
compileFirst()

const webhookReceiver = webhookReceivers()
const running: Running[] = []

/** Answers as the endpoint of a managed identity does. */
const token: Answerer = (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      access_token: 'token-of-the-identity',
      expires_on: String(Math.floor(Date.now() / 1_000) + 3_600),
      resource: 'https://monitor.azure.com',
      token_type: 'Bearer',
    }),
  )

let [identity, ingestion, graph]: WebhookReceiver[] = []

beforeEach(async () => {
  ;[identity, ingestion, graph] = await Promise.all([
    webhookReceiver(),
    webhookReceiver('https'),
    webhookReceiver('https'),
  ])
  identity!.answer = token
  ingestion!.answer = taken
  graph!.answer = taken
  writeFileSync('ca.pem', selfMade().cert)
  // The daemon is the real one: it trusts the servers of this test by Node's own variable, and finds its identity as in
  // Azure App Service.
  vi.stubEnv('NODE_EXTRA_CA_CERTS', 'ca.pem')
  vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${identity!.port}/token`)
  vi.stubEnv('IDENTITY_HEADER', 'a-header')
  writeDetections('pack', { every: { kind: 'match', severity: 'high' } })
  writeFileSync('logs.ndjson', [1, 2, 3].map(call).join(''))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(running.splice(0).map((one) => one.kill()))
  for (const path of ['state', 'alerts.ndjson', 'audit.ndjson'])
    rmSync(path, { recursive: true, force: true })
})

/** A Graph call of an agent, in an hour of its own shortly ago: one alert. */
function call(hour: number): string {
  const time = new Date(Date.now() - hour * 3_600_000).toISOString()
  const record = graphCall({ requestId: `call-${hour}`, timeGenerated: time }, { time })
  return `${JSON.stringify(record)}\n`
}

function start(): Running {
  const authentication = { kind: 'managed-identity' }
  const config = {
    detections: 'pack',
    sources: [{ kind: 'files', paths: ['logs.ndjson'], every: '50ms', settle: '0s' }],
    sinks: [
      { kind: 'file', path: 'alerts.ndjson' },
      {
        kind: 'log-analytics',
        endpoint: `https://127.0.0.1:${ingestion!.port}`,
        rule_id: RULE,
        authentication,
      },
      {
        kind: 'entra-response',
        act: true,
        agents: [AGENT],
        rules: [{ detections: ['every'], action: 'disable-service-principal' }],
        audit: 'audit.ndjson',
        endpoint: `https://127.0.0.1:${graph!.port}`,
        authentication,
      },
    ],
    state: { save_every: '200ms' },
    server: { enabled: false },
  }
  writeFileSync('agentwarden.yaml', stringify(config))
  const one = new Running('run', '--config', 'agentwarden.yaml')
  running.push(one)
  return one
}

/** Ids of the alerts that have come into the file. */
const written = () =>
  new Set(
    existsSync('alerts.ndjson')
      ? linesOf<OutgoingAlert>(readFileSync('alerts.ndjson', 'utf8')).map(({ id }) => id)
      : [],
  )

/** Ids of the alerts that have come into the table. */
const arrived = () => ingestion!.got.flatMap((one) => rowsOf(one).map(({ AlertId }) => AlertId))

const audit = () =>
  existsSync('audit.ndjson')
    ? linesOf<{ outcome: string }>(readFileSync('audit.ndjson', 'utf8')).map(({ outcome }) => outcome)
    : []

describe('a daemon with a managed identity', () => {
  it('writes every alert into the table and acts once, over a restart too', async () => {
    start()
    await until('the rows are there', () => new Set(arrived()).size === 3)
    await until('the response is through', () => graph!.got.length === 1 && audit().length === 4)
    await running.splice(0)[0]!.kill()
    const { length } = ingestion!.got
    writeFileSync('logs.ndjson', call(4), { flag: 'a' })
    start()
    await until('the new row is there', () => ingestion!.got.length > length && new Set(arrived()).size === 4)
    await until('the response to it is written down', () => audit().length === 5)
    await until('the file has them too', () => written().size === 4)
    expect(new Set(arrived())).toEqual(written())
    expect(graph!.got.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PATCH /v1.0/servicePrincipals/${AGENT}`,
    ])
    expect(audit()).toEqual(['begun', 'done', 'refused', 'refused', 'refused'])
    for (const { headers } of [...ingestion!.got, ...graph!.got])
      expect(headers.authorization).toBe('Bearer token-of-the-identity')
    expect(identity!.got[0]!.headers['x-identity-header']).toBe('a-header')
  })

  it('goes on when its identity and the table are back, and loses nothing', async () => {
    identity!.answer = refusal(400)
    ingestion!.answer = inTurn(refusal(403), refusal(429, { 'retry-after': '1' }), taken)
    const daemon = start()
    await until('it is said what is wrong', () => daemon.stderr.includes('or it gets no token'))
    expect(ingestion!.got).toEqual([])
    identity!.answer = token
    const rows = () => ingestion!.got.slice(2).flatMap(rowsOf)
    await until('the rows are there', () => new Set(rows().map(({ AlertId }) => AlertId)).size === 3)
    expect(daemon.stderr).not.toContain('token-of-the-identity')
  })
})
