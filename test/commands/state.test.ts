import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { beforeAll, describe, expect, it } from 'vitest'
import { StateStore } from '../../src/state/store.js'
import { Broker, BrokerSource } from '../support/broker.js'
import { cli, linesOf } from '../support/cli.js'
import { daemon } from '../support/daemon.js'
import { detection } from '../support/detections.js'
import { temporaryFolders } from '../support/folders.js'
import { graphCall, TENANT } from '../support/records.js'

const newFolder = temporaryFolders()
const state = newFolder()
const ENQUEUED = Date.UTC(2026, 9, 20, 3, 14)

beforeAll(async () => {
  const broker = new Broker()
  const call = (requestId: string) =>
    JSON.stringify(graphCall({ timeGenerated: '2026-10-20T03:12:44Z', requestId, responseStatusCode: 403 }))
  for (const id of ['a', 'b']) broker.send('hub/0', [{ body: call(id), enqueued: ENQUEUED }])
  const run = daemon(state, {
    sources: [new BrokerSource(broker, { name: 'entra' })],
    detections: [detection({ kind: 'match', where: { ResponseStatusCode: 403 } })],
  })
  await run.engine.start()
  await run.settled()
  await run.engine.stop()
})

const run = (verb: string, ...flags: string[]) => cli(['state', verb, '--state', state, ...flags])

describe('agentwarden state inspect', () => {
  it('says what the state holds and how far the sources are read', async () => {
    const { code, stdout } = await run('inspect', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      schema: 2,
      saves: expect.any(Number),
      bytes: expect.any(Number),
      newestEvent: '2026-10-20T03:12:44.000Z',
      agents: { [TENANT]: 1 },
      openAlerts: 1,
      waitingRows: 0,
      knownEvents: 2,
      outbox: 0,
      positions: [
        { source: 'entra', partition: 'hub/0', position: '1', enqueued: '2026-10-20T03:14:00.000Z' },
      ],
      sinks: { wire: 1 },
    })
  })

  it('says so in words', async () => {
    const { code, stdout } = await run('inspect')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Save \d+, layout 2, [\d,]+ bytes\nNewest event: 2026-10-20T03:12:44\.000Z\nAgents: 1\n/,
    )
    expect(stdout).toContain('  entra  hub/0  1  2026-10-20T03:14:00.000Z\nDelivered up to:\n  wire  1\n')
  })
})

describe('agentwarden state export', () => {
  it('writes every record', async () => {
    const { code, stdout } = await run('export')
    expect(code).toBe(0)
    const keys = linesOf<{ key: string }>(stdout).map(({ key }) => key.split('/', 1)[0])
    expect(new Set(keys)).toEqual(new Set(['agent', 'alert', 'head', 'position', 'seen', 'sink']))
  })
})

describe('agentwarden state verify', () => {
  it('says that all is whole', async () => {
    const { code, stdout } = await run('verify')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[67] records are whole\n$/)
    expect(JSON.parse((await run('verify', '--json')).stdout)).toMatchObject({ ok: true })
  })

  it('ends with 1 and says what is damaged', async () => {
    const damaged = newFolder()
    const store = new StateStore(damaged)
    await store.open()
    await store.close()
    const db = new ClassicLevel(join(damaged, 'current'))
    await db.put('agent/x', '00000000{}')
    await db.close()
    const { code, stdout } = await cli(['state', 'verify', '--state', damaged])
    expect([code, stdout]).toEqual([1, `the state in ${damaged} is damaged: the record agent/x is damaged\n`])
    const json = await cli(['state', 'verify', '--state', damaged, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false })
  })
})

describe('agentwarden state', () => {
  it.each(['inspect', 'export', 'verify'])(
    '%s ends with 2 where there is no state, and makes none',
    async (verb) => {
      const outcome = await cli(['state', verb, '--state', '/nowhere'])
      expect(outcome).toEqual({ code: 2, stdout: '', stderr: 'error: there is no state in /nowhere\n' })
    },
  )

  it('ends with 1 while a daemon uses it', async () => {
    const store = new StateStore(state)
    await store.open()
    const { code, stderr } = await run('verify')
    await store.close()
    expect(code).toBe(1)
    expect(stderr).toContain('another process uses the state')
  })
})
