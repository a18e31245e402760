import { describe, expect, it } from 'vitest'
import { Broker, BrokerSource } from '../support/broker.js'
import { type DaemonOptions, daemon, SELECTOR } from '../support/daemon.js'
import { detection } from '../support/detections.js'
import { temporaryFolders } from '../support/folders.js'
import { graphCall } from '../support/records.js'

const newFolder = temporaryFolders()
const START = Date.UTC(2026, 9, 20, 3)
const refused = detection({
  kind: 'match',
  id: 'refused',
  severity: 'medium',
  where: { ResponseStatusCode: 403 },
})
const failed = detection({
  kind: 'match',
  id: 'failed',
  severity: 'medium',
  where: { ResponseStatusCode: 500 },
})
const detections = [refused, failed]
const known = { detection: 'failed', until: Date.UTC(2027, 0), reason: 'known' }

function call(minute: number, responseStatusCode: number) {
  const time = START + minute * 60_000
  const own = { timeGenerated: new Date(time).toISOString(), requestId: `call-${minute}`, responseStatusCode }
  return { body: JSON.stringify({ records: [graphCall(own)] }), enqueued: time + 60_000 }
}

function running(folder: string, broker: Broker, options: Partial<DaemonOptions> = {}) {
  return daemon(folder, { sources: [new BrokerSource(broker)], detections, ...options })
}

/** Starts a daemon, lets it read what there is, and tells the score of each alert that came of it. */
async function scores({ engine, settled, wire }: ReturnType<typeof running>): Promise<unknown[]> {
  await engine.start()
  await settled()
  return wire.map(({ detection, risk }) => [detection, risk?.score])
}

describe('the risk that an alert of the daemon says', () => {
  it('goes on after a restart where it was', async () => {
    const [folder, broker] = [newFolder(), new Broker()]
    broker.send('p', [call(0, 403)])
    const first = running(folder, broker)
    expect(await scores(first)).toEqual([['refused', 25]])
    await first.engine.stop()
    broker.send('p', [call(1, 500)])
    const second = running(folder, broker)
    expect(await scores(second)).toEqual([['failed', 50]])
    expect(second.engine.agentsByRisk()).toEqual(
      new Map([
        ['none', 0],
        ['low', 0],
        ['medium', 1],
        ['high', 0],
      ]),
    )
    await second.engine.stop()
  })

  it('leaves out what is suppressed, from a reload on too', async () => {
    const broker = new Broker()
    broker.send('p', [call(0, 500), call(1, 403)])
    const run = running(newFolder(), broker, { suppressions: [known] })
    expect(await scores(run)).toEqual([
      ['failed', 25],
      ['refused', 25],
    ])
    await run.engine.reload({ detections, selector: SELECTOR, suppressions: [] })
    broker.send('p', [call(61, 500)])
    await run.settled()
    expect(run.wire.at(-1)).toMatchObject({ detection: 'failed', risk: { score: 49 } })
    await run.engine.stop()
  })
})
