import { describe, expect, it } from 'vitest'
import { AgentSelector, Inventory } from '../../src/agents/inventory.js'
import { NO_POLICY } from '../../src/daemon/alert-policy.js'
import { StateStore } from '../../src/state/store.js'
import { type DaemonOptions, daemon, readToEnd, SELECTOR, until } from '../support/daemon.js'
import { detection } from '../support/detections.js'
import { temporaryFolders } from '../support/folders.js'
import { graphCall, TENANT } from '../support/records.js'
import { call, HOUR, MINUTE, readAndSave, refused, runningIn, START } from '../support/refused-calls.js'

const newFolder = temporaryFolders()
const read = detection({ kind: 'match', id: 'read', where: { ResponseStatusCode: 200 } })

/** An engine that reads a broker's partition `p`. */
const running = (
  sent: Parameters<typeof runningIn>[1],
  options: Partial<DaemonOptions> = {},
  folder = newFolder(),
) => runningIn(folder, sent, options)

const said = (wire: ReturnType<typeof running>['wire']) =>
  wire.map(({ detection, state, count }) => [detection, state, count])

describe('an alert', () => {
  it('leaves once the state that holds it is on disk', async () => {
    const run = running([call(0)], { saves: { saveEvery: 1e6, alertWithin: 1 } })
    await run.engine.start()
    await until(() => run.wire.length > 0)
    expect(run.wire).toMatchObject([{ detection: 'refused', state: 'raised', count: 1, tenantId: TENANT }])
    expect(run.engine.status().state.saves).toBe(1)
    await run.engine.stop()
  })

  it('is told when it is raised, again an hour after its hour, and last when it closes; never for nothing', async () => {
    const run = running([call(0)])
    await readAndSave(run)
    const next = async (...sent: ReturnType<typeof call>[]) => {
      run.broker.send('p', sent)
      await run.settled()
      return said(run.wire.splice(0))
    }
    expect(await next()).toEqual([['refused', 'raised', 1]])
    expect(await next(call(1), call(2))).toEqual([])
    expect(await next(call(61))).toEqual([['refused', 'raised', 1]])
    expect(await next(call(122, { responseStatusCode: 200 }))).toEqual([['refused', 'updated', 3]])
    expect(await next(call(5, {}, 120), call(6, {}, 120))).toEqual([])
    expect(await next(call(26 * 60, { responseStatusCode: 200 }))).toEqual([['refused', 'updated', 5]])
    await run.engine.stop()
  })

  it('that was told before a restart is not told again', async () => {
    const run = running([call(0), call(1)])
    await readAndSave(run)
    await until(() => run.wire.length === 1)
    await run.engine.stop()
    const again = running([call(0), call(1)], {}, run.folder)
    await readAndSave(again)
    await again.engine.stop()
    expect(again.wire).toEqual([])
    expect(again.engine.status().messages).toBe(0)
  })

  it('that was not delivered before a restart is delivered after it', async () => {
    const run = running([call(0)], { sinks: ['slow'] })
    await run.engine.start()
    await readToEnd(run.engine)
    await run.engine.stop()
    const { engine } = daemon(run.folder, { sources: [], detections: [refused], sinks: ['slow'] })
    await engine.start()
    const [entry] = await engine.outbox.read(engine.outbox.delivered('slow'), 10)
    expect(entry?.alert).toMatchObject({ detection: 'refused', state: 'raised' })
    engine.outbox.advance('slow', entry!.sequence)
    await engine.save()
    expect(engine.status().outbox).toEqual({ entries: 0, bytes: 0, newest: 1 })
    await engine.stop()
  })

  it('passes the policy, whose state is saved with it', async () => {
    const policy = {
      held: 0,
      admit: () => [],
      due: () => [],
      save: () => ++policy.held,
      load: (saved: unknown) => {
        policy.held = (saved as number | undefined) ?? 0
      },
    }
    const run = running([call(0)], { policy })
    await readAndSave(run)
    await run.engine.stop()
    expect(run.wire).toEqual([])
    const saves = policy.held
    policy.held = -1
    const again = running([], { policy }, run.folder)
    await again.engine.start()
    expect(policy.held).toBe(saves)
    await again.engine.stop()
    expect(NO_POLICY.admit(run.wire, 0)).toBe(run.wire)
  })
})

describe('what can not be read', () => {
  it('becomes a dead letter with its place, on disk before the save that passes it', async () => {
    const written: number[] = []
    const run = running(
      [
        { body: 'no JSON', enqueued: START },
        {
          body: `{"records":[7,${JSON.stringify(graphCall({ timeGenerated: new Date(START).toISOString() }))}]}`,
          enqueued: START,
        },
      ],
      { hook: (step) => void (step === 'before-write' && written.push(run.letters.written.length)) },
    )
    await readAndSave(run)
    await run.engine.stop()
    const place = { source: 'test', partition: 'p', enqueued: '2026-10-20T03:00:00.000Z' }
    expect(run.letters.written).toMatchObject([
      { ...place, position: '0', reason: 'invalid-json', text: 'no JSON' },
      { ...place, position: '1', reason: 'not-an-object', index: 0, record: 7 },
    ])
    expect(run.engine.status().deadLetters).toEqual(
      new Map([
        ['invalid-json', 1],
        ['not-an-object', 1],
      ]),
    )
    expect(run.source.told.get('p')).toBe('1')
  })

  it.each([
    ['of 2099', Date.UTC(2099, 0, 1)],
    ['later than the broker took it in, by more than clocks differ', START + 11 * MINUTE],
    ['of 1970', 0],
  ])('is an event time %s: it moves nothing', async (_, time) => {
    const odd = call(0, { timeGenerated: new Date(time).toISOString() })
    const run = running([call(0), { ...odd, enqueued: START }, call(1)])
    await readAndSave(run)
    await run.engine.stop()
    expect(run.letters.written).toMatchObject([{ reason: 'implausible-time', position: '1' }])
    expect(run.wire).toHaveLength(1)
    expect(run.engine.status().rows).toMatchObject({ rows: 2, tooLate: 0 })
  })

  it('is not a time that only our own clock calls the future', async () => {
    for (const wrong of [-24 * HOUR, 24 * HOUR, -60 * 365 * 24 * HOUR]) {
      const run = running([call(0), call(1)], { now: () => START + wrong })
      await readAndSave(run)
      await run.engine.stop()
      expect(run.letters.written).toEqual([])
      expect(run.engine.status().rows.rows).toBe(2)
    }
  })

  it('are rows of a tenant that is not to be watched: counted, and nothing is remembered', async () => {
    const run = running([call(0), call(0, {}, 1)], { tenants: new Set(['another']) })
    await readAndSave(run)
    await run.engine.stop()
    expect(run.engine.status()).toMatchObject({
      agents: 0,
      openAlerts: 0,
      rows: { rows: 0, otherTenants: 2 },
    })
  })
})

describe('bounds', () => {
  it('that are reached are told of once an hour each', async () => {
    const agents = (from: number) =>
      Array.from({ length: 3 }, (_, index) =>
        call(from, { servicePrincipalId: `agent-${from}-${index}`, responseStatusCode: 200 }),
      )
    const run = running(agents(0), { limits: { maxAgents: 1 } })
    await readAndSave(run)
    run.broker.send('p', agents(2))
    await run.settled()
    await run.engine.stop()
    const rows = run.wire.filter(({ detection }) => detection === 'bound-reached')
    expect(rows.map(({ entity }) => entity)).toEqual([{ bound: 'maxAgents' }])
    expect(run.engine.status().bounds.get('maxAgents')).toBe(5)
  })

  it('of the outbox hold up the sources, not the alerts; and the sources go on when it is emptied', async () => {
    const sent = Array.from({ length: 30 }, (_, hour) => call(60 * hour))
    const run = running(sent, { sinks: ['down'], outbox: { maxEntries: 5 } })
    await run.engine.start()
    await until(() => run.engine.status().outbox.entries === 5)
    expect(run.engine.status()).toMatchObject({ ready: false, messages: 5, outbox: { entries: 5 } })
    const got: string[] = []
    let cursor = 0
    while (got.length < 30) {
      const entries = await run.engine.outbox.read(cursor, 3)
      got.push(...entries.map(({ alert }) => alert.hour))
      cursor = entries.at(-1)?.sequence ?? cursor
      run.engine.outbox.advance('down', cursor)
      if (entries.length === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(got).toEqual([...new Set(got)].sort())
    await run.engine.stop()
  })
})

describe('a reload', () => {
  it('keeps what both need remembered, the open alerts and the known events', async () => {
    const fresh = (id: string) =>
      detection({ kind: 'new_value', id, field: 'UserAgent', learn: '1h', min_hours: 1 })
    const habit = [call(0, { userAgent: 'a' }), call(60, { userAgent: 'a' }), call(120, { userAgent: 'a' })]
    const run = running(habit, { detections: [refused, fresh('before')] })
    await readAndSave(run)
    await run.engine.reload({ detections: [refused, fresh('after'), read], selector: SELECTOR })
    const again = habit[2]!
    run.broker.send('p', [
      again,
      call(121, { userAgent: 'a' }),
      call(122, { userAgent: 'b' }),
      call(240, { responseStatusCode: 200, userAgent: 'a' }),
    ])
    await run.settled()
    await run.engine.stop()
    expect(run.engine.status().rows.duplicates).toBe(1)
    expect(said(run.wire)).toEqual(
      expect.arrayContaining([
        ['after', 'raised', 1],
        ['read', 'raised', 1],
      ]),
    )
    expect(
      run.wire.filter(({ state, detection }) => state === 'raised' && detection === 'refused'),
    ).toHaveLength(3)
  })

  it('takes a new inventory into use', async () => {
    const run = running([call(0)], { selector: new AgentSelector('agentic', new Inventory([])) })
    await readAndSave(run)
    expect(run.engine.status().rows.rows).toBe(0)
    await run.engine.reload({ detections: [refused], selector: SELECTOR })
    run.broker.send('p', [call(1)])
    await readToEnd(run.engine)
    await run.engine.stop()
    expect(run.engine.status().rows.rows).toBe(1)
    expect(run.engine.status().records).toEqual(new Map([['MicrosoftGraphActivityLogs', 2]]))
  })
})

describe('the end', () => {
  it('is told: stopped', async () => {
    const run = running([])
    await run.engine.start()
    await run.engine.stop()
    expect(await run.engine.ended).toEqual({ reason: 'stopped' })
  })

  it('comes at once, also before the start and twice', async () => {
    const early = running([])
    await early.engine.stop()
    const run = running([call(0)])
    await run.engine.start()
    await Promise.all([run.engine.stop(), run.engine.stop()])
    await run.engine.stop()
    expect(await run.engine.ended).toEqual({ reason: 'stopped' })
  })

  it('leaves the outbox open between draining and stopping, and saves what was delivered by then', async () => {
    const run = running([call(0)], { sinks: ['slow'] })
    await run.engine.start()
    await readToEnd(run.engine)
    await run.engine.drain()
    const [entry] = await run.engine.outbox.read(0, 10)
    run.engine.outbox.advance('slow', entry!.sequence)
    await run.engine.stop()
    const { engine } = daemon(run.folder, { sources: [], detections: [refused], sinks: ['slow'] })
    await engine.start()
    expect(engine.outbox.delivered('slow')).toBe(entry!.sequence)
    await engine.stop()
  })

  it('of an instance that is fenced comes without another write', async () => {
    const run = running([call(0)])
    await readAndSave(run)
    const saves = run.engine.status().state.saves
    run.source.port.fatal('fenced', new Error('another instance reads'))
    run.broker.send('p', [call(1)])
    expect(await run.engine.ended).toMatchObject({
      reason: 'fenced',
      error: { message: 'another instance reads' },
    })
    const store = new StateStore(run.folder)
    await store.open()
    expect(store.saves - saves).toBeLessThanOrEqual(1)
    await store.close()
  })

  it('of a source that crashed saves what was scored', async () => {
    const run = running([call(0)], { saves: { saveEvery: 1e6, alertWithin: 1e6 } })
    await run.engine.start()
    await readToEnd(run.engine)
    run.source.port.fatal('crashed', new Error('no coordinator'))
    expect(await run.engine.ended).toMatchObject({ reason: 'crashed' })
    const store = new StateStore(run.folder)
    await store.open()
    expect(store.saves).toBe(1)
    await store.close()
  })
})
