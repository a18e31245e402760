import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { OutgoingAlert } from '../../src/daemon/sink.js'
import { alertsOf, cli, inTempFolder, linesOf } from '../support/cli.js'
import { writeDetections } from '../support/detection-files.js'
import { graphCall } from '../support/records.js'
import { compileFirst, Running, until } from '../support/running.js'

inTempFolder()
compileFirst()

const running: Running[] = []
const servers: Server[] = []

beforeEach(() => {
  mkdirSync('logs')
  writeDetections('pack', { every: { kind: 'match', severity: 'low' } })
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()))
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  for (const path of ['logs', 'pack', 'state', 'alerts.ndjson', 'agents.yaml'])
    rmSync(path, { recursive: true, force: true })
})

/** A configuration of files in and a file out, on a free port. */
function configure(more: object = {}): string {
  const config = {
    detections: 'pack',
    sources: [{ kind: 'files', paths: ['logs'], every: '50ms', settle: '0s' }],
    sinks: [{ kind: 'file', path: 'alerts.ndjson' }],
    state: { save_every: '200ms' },
    server: { port: 0 },
    ...more,
  }
  writeFileSync('agentwarden.yaml', stringify(config))
  return 'agentwarden.yaml'
}

function start(...args: string[]): Running {
  const one = new Running('run', '--allow-unpatched-node', ...args)
  running.push(one)
  return one
}

function startConfigured(more: object = {}): Running {
  return start('--config', configure(more))
}

/** A Graph call of an agent, in an hour of its own: one alert. */
function call(hour: number): string {
  const time = `2026-10-20T${String(hour).padStart(2, '0')}:10:00Z`
  return `${JSON.stringify({ records: [graphCall({ timeGenerated: time, requestId: `call-${hour}` })] })}\n`
}

function delivered(): OutgoingAlert[] {
  return existsSync('alerts.ndjson') ? linesOf<OutgoingAlert>(readFileSync('alerts.ndjson', 'utf8')) : []
}

/** Waits for alerts of these hours and no others; `detection hour`. */
async function alerts(...expected: string[]): Promise<void> {
  await until(() =>
    expect(delivered().map(({ detection, hour }) => `${detection} ${Number(hour.slice(11, 13))}`)).toEqual(
      expected,
    ),
  )
}

/** A receiver of webhooks that never answers. */
async function deafReceiver(): Promise<string> {
  const server = createServer(() => {})
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('agentwarden run', () => {
  it('reads, alerts, shows its figures, and goes on after a restart where it was', async () => {
    appendFileSync('logs/a.ndjson', `${call(1)}poison\n`)
    const first = startConfigured()
    await alerts('every 1')
    appendFileSync('logs/a.ndjson', call(2))
    await alerts('every 1', 'every 2')
    expect(await first.page('/readyz')).toEqual({ status: 200, body: '{"ok":true,"reasons":[]}\n' })
    expect(await first.page('/healthz')).toMatchObject({ status: 200 })
    expect(await first.metric('messages_total')).toBe(3)
    expect(await first.metric('records_total{category="MicrosoftGraphActivityLogs"}')).toBe(2)
    expect(await first.metric('dead_letters_total{reason="invalid-json"}')).toBe(1)
    expect(await first.metric('alerts_total{detection="every",severity="low",state="raised"}')).toBe(2)
    expect(await first.metric('agents')).toBe(1)
    expect(await first.signal('SIGTERM').ended()).toBe(0)
    const second = startConfigured()
    await second.said('running')
    appendFileSync('logs/a.ndjson', call(3))
    await alerts('every 1', 'every 2', 'every 3')
    expect(await second.signal('SIGINT').ended()).toBe(0)
    expect(linesOf(readFileSync('state/dead-letters.ndjson', 'utf8'))).toMatchObject([
      { reason: 'invalid-json', text: 'poison' },
    ])
  })

  it('takes new detections on SIGHUP, and keeps the old ones when the new are wrong', async () => {
    const daemon = startConfigured()
    await daemon.said('running')
    writeFileSync('pack/every.yaml', 'id: every\ncolour: red\n')
    daemon.signal('SIGHUP')
    const refusal = await daemon.said('not reloaded: what was read before goes on')
    expect(refusal.problems).toContainEqual(expect.stringMatching(/^pack\/every\.yaml:\d+:\d+ /))
    appendFileSync('logs/a.ndjson', call(1))
    await alerts('every 1')
    writeDetections('pack', {
      every: { kind: 'match', severity: 'low' },
      more: { kind: 'match', severity: 'low' },
    })
    daemon.signal('SIGHUP')
    await daemon.said('reloaded')
    appendFileSync('logs/a.ndjson', call(2))
    await until(() =>
      expect(
        delivered()
          .map(({ detection }) => detection)
          .sort(),
      ).toEqual(['every', 'every', 'more']),
    )
    expect(await daemon.metric('reloads_total{result="failure"}')).toBe(1)
    expect(await daemon.metric('reloads_total{result="success"}')).toBe(1)
  })

  it('keeps its configuration on SIGHUP when the new one is wrong, and says what needs a restart', async () => {
    const daemon = startConfigured()
    await daemon.said('running')
    configure({ colour: 'red' })
    daemon.signal('SIGHUP')
    const refusal = await daemon.said('not reloaded: what was read before goes on')
    expect(refusal.problems).toEqual([expect.stringMatching(/^agentwarden\.yaml:\d+:1 unknown key colour$/)])
    configure({ grace: '1s', suppressions: [{ detection: 'every', until: '2999-01-01', reason: 'known' }] })
    daemon.signal('SIGHUP')
    expect(await daemon.said('changes that count from the next start only')).toMatchObject({
      waiting: ['grace'],
    })
    appendFileSync('logs/a.ndjson', call(1))
    await until(async () => expect(await daemon.metric('messages_total')).toBe(1))
    expect(await daemon.signal('SIGTERM').ended()).toBe(0)
    expect(delivered()).toEqual([])
  })

  it('ends at once when it is told to a second time', async () => {
    appendFileSync('logs/a.ndjson', call(1))
    const url = await deafReceiver()
    const sink = { kind: 'webhook', url, allow_http: true, allow_private: true, timeout: '1m' }
    const daemon = startConfigured({ sinks: [sink] })
    await until(async () => expect(await daemon.metric('outbox_alerts{sink="webhook"}')).toBe(1))
    daemon.signal('SIGTERM')
    await daemon.said('stopping; once more to stop at once')
    expect(await daemon.signal('SIGTERM').ended()).toBe(143)
  })

  it('stops within the grace time although a sink takes nothing; its alerts wait for the next start', async () => {
    appendFileSync('logs/a.ndjson', call(1))
    const url = await deafReceiver()
    const sink = { kind: 'webhook', name: 'out', url, allow_http: true, allow_private: true, timeout: '1m' }
    const first = startConfigured({ sinks: [sink], grace: '1s' })
    await until(async () => expect(await first.metric('outbox_alerts{sink="out"}')).toBe(1))
    expect(await first.signal('SIGTERM').ended()).toBe(0)
    expect(first.log.map(({ msg }) => msg)).toContain('alerts wait in the outbox for the next start')
    startConfigured({ sinks: [{ kind: 'file', name: 'out', path: 'alerts.ndjson' }] })
    await alerts('every 1')
  })

  it('stops in good order while it starts', async () => {
    const daemon = startConfigured()
    await daemon.said('starting')
    expect(await daemon.signal('SIGTERM').ended()).toBe(0)
  })

  it('refuses a state directory that another daemon has', async () => {
    await startConfigured().said('running')
    const second = startConfigured()
    expect(await second.ended()).toBe(3)
    expect(second.stderr).toMatch(/^error: .*state/m)
  })

  it('does not start on a port that is taken', async () => {
    const url = new URL(await deafReceiver())
    const daemon = startConfigured({ server: { port: Number(url.port) } })
    expect(await daemon.ended()).toBe(1)
    expect(daemon.stderr).toContain('EADDRINUSE')
  })

  it('goes on with other sinks when the reader of its standard output is gone', async () => {
    appendFileSync('logs/a.ndjson', call(1))
    const daemon = startConfigured({ sinks: [{ kind: 'stdout' }, { kind: 'file', path: 'alerts.ndjson' }] })
    await alerts('every 1')
    daemon.child.stdout!.destroy()
    appendFileSync('logs/a.ndjson', call(2))
    await alerts('every 1', 'every 2')
    await until(async () => expect(await daemon.metric('outbox_alerts{sink="stdout"}')).toBe(1))
    expect(daemon.child.exitCode).toBeNull()
  })

  it('leaves out tenants that are not to be watched', async () => {
    appendFileSync('logs/a.ndjson', call(1))
    const daemon = startConfigured({ tenants: ['99999999-9999-4999-8999-999999999999'] })
    await until(async () => expect(await daemon.metric('rows_total{kind="other_tenants"}')).toBe(1))
    expect(await daemon.metric('agents')).toBe(0)
  })
})

describe('agentwarden run --once', () => {
  it('reads all there is, raises the alerts that a replay raises, and ends', async () => {
    for (const hour of [1, 2, 3]) writeFileSync(`logs/${hour}.json`, call(hour))
    const config = configure({ sinks: [{ kind: 'stdout' }] })
    const first = start('--once', '--config', config)
    expect(await first.ended()).toBe(0)
    const ids = linesOf<OutgoingAlert>(first.stdout).map(({ id }) => id)
    const replayed = await alertsOf(['logs', '--detections', 'pack'], { now: Date.now() })
    expect(new Set(ids)).toEqual(new Set(replayed.map(({ id }) => id)))
    const second = start('--once', '--config', config)
    expect(await second.ended()).toBe(0)
    expect(second.stdout).toBe('')
  })

  it('ends with an empty folder', async () => {
    expect(await start('--once', '--config', configure()).ended()).toBe(0)
  })
})

describe('agentwarden run --check', () => {
  it('tries every connection and prints a line for each', async () => {
    const url = 'https://localhost:1/'
    const sinks = [
      { kind: 'file', path: 'alerts.ndjson' },
      { kind: 'webhook', url, allow_private: true },
    ]
    const { code, stdout } = await cli(['run', '--config', configure({ sinks }), '--check'])
    expect(stdout.split('\n')).toEqual([
      'ok   state ./state: can be written',
      expect.stringMatching(/^FAIL source files: logs: no log files/),
      expect.stringMatching(/^ok {3}sink file: /),
      expect.stringMatching(/^(ok {3}|FAIL )sink webhook: /),
      '',
    ])
    expect(code).toBe(1)
  })

  it('is content when all works', async () => {
    writeFileSync('logs/a.ndjson', '')
    const { code, stdout, stderr } = await cli(['run', '--config', configure(), '--check'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('ok   source files: 1 file')
  })

  it.each([
    ['the configuration', { grace: 'soon' }, /^agentwarden\.yaml:\d+:\d+ grace: a length of time reads like/],
    ['a detection', { detections: 'elsewhere' }, /^elsewhere:1:1 cannot be read/],
    ['the inventory', { inventory: 'agents.yaml' }, /^agents\.yaml:2:7 id: /],
  ])('says with file, line and column what is wrong with %s', async (_, more, expected) => {
    writeFileSync('agents.yaml', 'agents:\n  - { id: "" }\n')
    const { code, stderr } = await cli(['run', '--config', configure(more), '--check'])
    expect(code).toBe(2)
    expect(stderr).toMatch(expected)
  })
})

describe('agentwarden run refuses', () => {
  it.each([
    ['a path that is not there', ['elsewhere'], 'error: elsewhere: no such file or directory'],
    [
      'paths beside a configuration',
      ['logs', '--config', 'x.yaml'],
      'error: the configuration names the sources',
    ],
    ['a configuration that is not there', ['--config', 'x.yaml'], 'x.yaml:1:1 cannot be read'],
  ])('%s', async (_, args, expected) => {
    const { code, stderr } = await cli(['run', ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(expected)])
  })

  it('a Node.js whose hash tables can be flooded, unless that is accepted', async () => {
    writeFileSync('logs/a.ndjson', '')
    const args = ['run', '--config', configure(), '--check']
    const refused = await cli(args, { nodeVersion: '20.20.1' })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/^error: Node\.js 20\.20\.1 can be stalled .* --allow-unpatched-node\n$/)
    const accepted = await cli([...args, '--allow-unpatched-node'], { nodeVersion: '20.20.1' })
    expect(accepted.code).toBe(0)
    expect(accepted.stderr).toContain('Node.js 20.20.1 can be stalled')
  })
})
