import { Broker, BrokerSource } from './broker.js'
import { type DaemonOptions, daemon } from './daemon.js'
import { detection } from './detections.js'
import { graphCall } from './records.js'

/** Alerts on each refused call of Graph. */
export const refused = detection({ kind: 'match', id: 'refused', where: { ResponseStatusCode: 403 } })

/** When the calls begin, in milliseconds since 1970. */
export const START = Date.UTC(2026, 9, 20, 3)
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

let calls = 0

/** One refused call of an agent, as a message that comes a minute later. */
export function call(minute: number, properties: object = {}, delay = 1) {
  const time = START + minute * MINUTE
  const own = {
    timeGenerated: new Date(time).toISOString(),
    requestId: `call-${calls++}`,
    responseStatusCode: 403,
  }
  return {
    body: JSON.stringify({ records: [graphCall({ ...own, ...properties })] }),
    enqueued: time + delay * MINUTE,
  }
}

/** An engine that reads a broker's partition `p`, and keeps its state in a folder. */
export function runningIn(
  folder: string,
  sent: Parameters<Broker['send']>[1],
  options: Partial<DaemonOptions> = {},
) {
  const broker = new Broker()
  broker.send('p', sent)
  const source = new BrokerSource(broker)
  const now = () => START + 24 * HOUR
  return {
    broker,
    source,
    folder,
    ...daemon(folder, { sources: [source], detections: [refused], now, ...options }),
  }
}

/** Starts, and waits until all is scored and saved. */
export async function readAndSave({ engine, settled }: ReturnType<typeof runningIn>): Promise<void> {
  await engine.start()
  await settled()
}
